"""What a teacher fills in. Times are UTC here; the page's script shows and reads them in the teacher's own zone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.conf.locale import LANG_INFO
from django.utils.translation import gettext_lazy as _

from itpm_byte.content.catalogue import Offer
from itpm_byte.learning.models import Placement
from itpm_byte.learning.picks import SETTINGS

MINUTE = "%Y-%m-%dT%H:%M"
OPENS_IN = {"iframe": _("Inside the course page"), "window": _("In a new window")}


class Moment(forms.DateTimeField):
    """A date and a time of day."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(format=MINUTE, attrs={"type": "datetime-local", "data-moment": ""})
        super().__init__(required=False, widget=widget, **options)


class SettingsForm(forms.Form):
    """How an activity works and counts: the settings of a placement."""

    grade_on = forms.ChoiceField(label=_("The grade is for"), widget=forms.RadioSelect)
    attempts_allowed = forms.IntegerField(
        label=_("Attempts"), help_text=_("Empty: no limit."), required=False, min_value=1,
        max_value=100, widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    due_at = Moment(label=_("Due"), help_text=_("Learners see it; nothing closes."))
    which_counts = forms.ChoiceField(label=_("Which attempt counts"), choices=Placement.WhichCounts.choices)
    reveal = forms.ChoiceField(label=_("The right answer is shown"), choices=Placement.Reveal.choices)
    pass_mark = forms.IntegerField(
        label=_("Pass mark"), help_text=_("Per cent of the points. Empty: as the Byte says."), required=False,
        min_value=0, max_value=100, widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    opens_at = Moment(label=_("Opens"))
    closes_at = Moment(label=_("Closes"))

    def __init__(self, data: Mapping[str, Any] | None = None, *, initial: Mapping[str, Any] | None = None) -> None:
        usual = Placement()
        defaults = {name: getattr(usual, name) for name in SETTINGS}
        super().__init__(data, initial={**defaults, **(initial or {})})
        self.fields["grade_on"].choices = [  # type: ignore[attr-defined]  # of a ChoiceField
            (Placement.GradeOn.QUIZ, _("right answers")),
            (Placement.GradeOn.COMPLETION, _("completing it")),
            (Placement.GradeOn.BOTH, _("half for each")),
        ]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        opens, due, closes = (said.get(name) for name in ("opens_at", "due_at", "closes_at"))
        if _is_before(closes, opens) or (opens and opens == closes):
            self.add_error("closes_at", _("It must close after it opens."))
        if _is_before(due, opens):
            self.add_error("due_at", _("It must be due after it opens."))
        elif _is_before(closes, due):
            self.add_error("due_at", _("It must be due before it closes."))
        return said

    @property
    def settings(self) -> dict[str, Any]:
        """What was said, by the names of a placement's fields."""
        return {name: self.cleaned_data[name] for name in SETTINGS}


class PickForm(SettingsForm):
    """The same, and what the LMS is to make of it."""

    points = forms.DecimalField(
        label=_("Points"), initial=10, min_value=0, max_value=10_000, max_digits=7, decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip
    opens_in = forms.ChoiceField(label=_("It opens"), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, targets: tuple[str, ...], takes_grades: bool) -> None:
        super().__init__(data)
        if len(targets) < 2:
            # One way or none is no choice; the LMS does as it is used to.
            del self.fields["opens_in"]
        else:
            usual = ("", _("As this course usually does"))
            choices = [usual, *((target, OPENS_IN[target]) for target in targets)]
            self.fields["opens_in"].choices = choices  # type: ignore[attr-defined]  # of a ChoiceField
        if not takes_grades:
            del self.fields["points"]

    def clean_points(self) -> Any:
        points = self.cleaned_data["points"]
        if points == 0:
            raise forms.ValidationError(_("Give at least a fraction of a point."))
        return points


class ItemForm(forms.Form):
    """One of the chosen Bytes."""

    title = forms.CharField(label=_("Title in the course"), max_length=200)
    language = forms.ChoiceField(label=_("Language"))

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None = None, *, is_one_of_several: bool = False) -> None:
        self.offer = offer
        initial = {"title": offer.byte.title, "language": offer.byte.language}
        super().__init__(data, prefix=offer.slug, initial=initial)
        if is_one_of_several:
            named = _("Title in the course of “%(title)s”") % {"title": offer.byte.title}
            self.fields["title"].label = named
        choices = [(language, language_name(language)) for language in offer.languages]
        self.fields["language"].choices = choices  # type: ignore[attr-defined]  # of a ChoiceField
        if len(choices) == 1:
            self.fields["language"].widget = forms.HiddenInput()


def language_name(code: str) -> str:
    """As its speakers write it, else the code."""
    for tag in (code, code.partition("-")[0]):
        if name := LANG_INFO.get(tag.lower(), {}).get("name_local"):
            return str(name)
    return code


def _is_before(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one < other
