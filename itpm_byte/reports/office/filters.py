"""The form above the report: a GET, so that its address can be kept and sent on."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from itpm_byte.content.models import Byte
from itpm_byte.insight.completion import Wish
from itpm_byte.insight.roster import Status
from lti import tenancy
from lti.models import Context, Group, Institution, Registration

BASES = [("completed", _("completed")), ("active", _("were last active"))]


class DateInput(forms.DateInput):
    input_type = "date"


class FilterForm(forms.Form):
    """Choices are those that the account may see; whatever else stands in an address is refused."""

    institution = forms.ModelChoiceField(Institution.objects.none(), required=False, label=_("Institution"))
    lms = forms.ModelChoiceField(Registration.objects.none(), required=False, label=_("Learning platform"))
    term = forms.ChoiceField(required=False, label=_("Term"))
    byte = forms.ChoiceField(required=False, label=_("Byte"))
    version = forms.IntegerField(required=False, min_value=1, max_value=100_000, label=_("Version"))
    status = forms.ChoiceField(required=False, label=_("Status"))
    basis = forms.ChoiceField(required=False, choices=BASES, label=_("Learners who"))
    since = forms.DateField(required=False, label=_("from"), widget=DateInput)
    until = forms.DateField(required=False, label=_("to"), widget=DateInput)
    search = forms.CharField(
        required=False, max_length=200, label=_("Learner"), help_text=_("Name, e-mail, or the platform’s ID.")
    )
    course = forms.ModelChoiceField(Context.objects.none(), required=False, widget=forms.HiddenInput)
    group = forms.ModelChoiceField(Group.objects.none(), required=False, label=_("Group"))

    def __init__(self, told: QueryDict, account: Any) -> None:
        super().__init__(told, label_suffix="")
        fields: Any = self.fields
        fields["institution"].queryset = tenancy.institutions_of(account).order_by("name")
        fields["lms"].queryset = Registration.objects.filter(
            tenancy.within(account, "deployments__institution"), deployments__isnull=False
        ).distinct().order_by("name")  # fmt: skip
        courses = tenancy.contexts_of(account)
        fields["course"].queryset = courses
        terms = courses.exclude(term="").order_by("term").values_list("term", flat=True).distinct()
        fields["term"].choices = [("", _("all")), *((term, term) for term in terms[:200])]
        known = Byte.objects.order_by("title").values_list("slug", "title")
        fields["byte"].choices = [("", _("all")), *dict(known).items()]
        fields["status"].choices = [("", _("all")), *Status.choices]
        for name in ("institution", "lms", "group"):
            fields[name].empty_label = _("all")
        course = str(told.get("course", ""))
        if course.isascii() and course.isdigit():
            fields["group"].queryset = Group.objects.filter(context__in=courses.filter(pk=course)).order_by("name")

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        since, until = told.get("since"), told.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day is before the first one."))
        return told

    def wish(self, **more: Any) -> Wish:
        told = self.cleaned_data
        keys = {name: told[name].pk for name in ("institution", "lms", "course", "group") if told[name]}
        plain = {name: told[name] for name in ("term", "byte", "version", "status", "since", "until", "search")}
        return Wish(**keys, **plain, basis=told["basis"] or "completed", **more)


def address(told: QueryDict, **changes: Any) -> str:
    """The same wish with some of it changed; None takes it away."""
    kept = told.copy()
    for name in ("after", "offset"):
        kept.pop(name, None)
    for name, value in changes.items():
        kept.pop(name, None)
        if value is not None:
            kept[name] = str(value)
    for name in [name for name in kept if not kept[name]]:
        del kept[name]
    return kept.urlencode()
