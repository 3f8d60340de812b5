"""What staff say about a new token."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itpm_byte.api.scopes import SCOPES
from lti import tenancy
from lti.models import Institution

DAYS = [(30, _("30 days")), (90, _("90 days")), (180, _("half a year")), (365, _("one year"))]


class TokenForm(forms.Form):
    """Institutions to choose from are those whose data this account may see."""

    name = forms.CharField(max_length=200, label=_("What it is for"), help_text=_("For example: nightly export."))
    institution = forms.ModelChoiceField(Institution.objects.none(), label=_("Whose data it opens"), empty_label=None)
    scopes = forms.MultipleChoiceField(
        choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple, label=_("What it may do")
    )
    days = forms.TypedChoiceField(choices=DAYS, coerce=int, initial=90, label=_("How long it works"))

    def __init__(self, *args: Any, account: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        choice = self.fields["institution"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = tenancy.institutions_of(account).order_by("name")
