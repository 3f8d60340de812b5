"""What a teacher fills in to arrange something for one learner. Times are UTC here, the teacher's own on the page."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itpm_byte.learning import arrangements
from itpm_byte.learning.arrangements import MOST_ATTEMPTS, MOST_DAYS
from itpm_byte.learning.desk import Desk
from itpm_byte.learning.models import Arrangement, Placement, StandingAccommodation
from lti.audit import LONGEST_REASON
from lti.models import PlatformUser

MINUTE = "%Y-%m-%dT%H:%M"


class Moment(forms.DateTimeField):
    """A date and a time of day; empty is none."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(format=MINUTE, attrs={"type": "datetime-local", "data-moment": ""})
        super().__init__(required=False, widget=widget, **options)


class DeedForm(forms.Form):
    """`deed` is its name in the page's one address for deeds; `arrange` does it and says whether anything changed."""

    deed = ""
    title: Any = ""
    button: Any = _("Save")
    about: Any = ""
    reason = forms.CharField(
        label=_("Reason (optional)"), required=False, max_length=LONGEST_REASON,
        help_text=_("Kept in the history of this learner; learners do not see it."),
    )  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None = None, *, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}), auto_id=f"{self.deed}-%s")
        self.order_fields([name for name in self.fields if name != "reason"])

    def arrange(self, placement: Placement, learner: PlatformUser, **deed: Any) -> bool:
        """What this form is for; each form says its own. Did it change anything?"""
        raise TypeError(f"{type(self).__name__} does not say what it arranges")


class AttemptsForm(DeedForm):
    deed, title = "attempts", _("More attempts")
    about = _("On top of what everybody has in this activity. It holds at once. 0 takes them back.")
    extra = forms.IntegerField(label=_("More attempts"), min_value=0, max_value=MOST_ATTEMPTS)

    def arrange(self, placement: Placement, learner: PlatformUser, **deed: Any) -> bool:
        return arrangements.give_attempts(placement, learner, extra=self.cleaned_data["extra"], **deed)


class DatesForm(DeedForm):
    deed, title = "dates", _("Own dates")
    about = _("Empty: as for everybody. They hold at once, also for an attempt that is open.")
    opens_at = Moment(label=_("Opens"))
    due_at = Moment(label=_("Due"))
    closes_at = Moment(label=_("Closes"))

    def arrange(self, placement: Placement, learner: PlatformUser, **deed: Any) -> bool:
        dates = {name: self.cleaned_data[name] for name in ("opens_at", "due_at", "closes_at")}
        return arrangements.set_dates(placement, learner, **dates, **deed)


class OverrideForm(DeedForm):
    deed, title, button = "override", _("Own grade"), _("Set this grade")
    about = _("It counts instead of all attempts, earlier and later ones, and goes to the gradebook.")
    points = forms.DecimalField(label=_("Points"), min_value=0, max_digits=10, decimal_places=4)
    reason = forms.CharField(
        label=_("Reason"), max_length=LONGEST_REASON, help_text=_("Kept with the grade; learners do not see it.")
    )

    def arrange(self, placement: Placement, learner: PlatformUser, **deed: Any) -> bool:
        points: Decimal = self.cleaned_data["points"]
        return arrangements.override(placement, learner, points=points, **deed)


class WithdrawForm(DeedForm):
    deed, title, button = "withdraw", _("Withdraw the own grade"), _("Let the attempts count again")
    about = _("Without any attempt there is no grade, and ours is taken out of the gradebook.")

    def arrange(self, placement: Placement, learner: PlatformUser, **deed: Any) -> bool:
        return arrangements.withdraw_override(placement, learner, **deed)


class ExemptForm(DeedForm):
    deed, title, button = "exempt", _("Excuse from this activity"), _("Excuse")
    about = _(
        "They need not do it, and nothing counts. The grade that we sent is taken out of the gradebook; one that was "
        "changed there stays. Attempts are kept, and count again when you include the learner."
    )

    def arrange(self, placement: Placement, learner: PlatformUser, **deed: Any) -> bool:
        return arrangements.exempt(placement, learner, **deed)


class IncludeForm(DeedForm):
    deed, title, button = "include", _("Include again"), _("Include")
    about = _("What counts goes to the gradebook again.")

    def arrange(self, placement: Placement, learner: PlatformUser, **deed: Any) -> bool:
        return arrangements.include(placement, learner, **deed)


class ResetForm(DeedForm):
    deed, title, button = "reset", _("Reset an attempt"), _("Reset this attempt")
    about = _(
        "It counts for nothing any more and uses up none of those allowed. It is kept here. If no attempt is left that "
        "counts, our grade is taken out of the gradebook."
    )
    number = forms.TypedChoiceField(label=_("Attempt"), coerce=int)
    is_sure = forms.BooleanField(label=_("Yes, reset it. This cannot be taken back."))

    def arrange(self, placement: Placement, learner: PlatformUser, **deed: Any) -> bool:
        return arrangements.reset_attempt(placement, learner, number=self.cleaned_data["number"], **deed)


class StandingForm(DeedForm):
    deed, title = "standing", _("Standing accommodation")
    about = _("In every activity of this course that uses this service, later ones too. 0 and 0 withdraw it.")
    extra_attempts = forms.IntegerField(label=_("More attempts"), min_value=0, max_value=MOST_ATTEMPTS)
    extra_days = forms.IntegerField(
        label=_("More days"), help_text=_("On top of due and closing dates."), min_value=0, max_value=MOST_DAYS
    )

    def arrange(self, placement: Placement, learner: PlatformUser, **deed: Any) -> bool:
        context = placement.resource_link.context
        assert context is not None  # only learners of a course are shown
        more = {name: self.cleaned_data[name] for name in ("extra_attempts", "extra_days")}
        return arrangements.accommodate(context, learner, **more, **deed)


KINDS = {
    kind.deed: kind
    for kind in (
        *(AttemptsForm, DatesForm, OverrideForm, WithdrawForm),
        *(ExemptForm, IncludeForm, ResetForm, StandingForm),
    )
}


def forms_for(desk: Desk, learner: PlatformUser, *, said: DeedForm | None = None) -> list[DeedForm]:
    """What can be done for this learner now, filled with what holds; `said` is the one that came back with an error."""
    own = Arrangement.objects.filter(placement=desk.placement, learner=learner).first() or Arrangement()
    context = desk.placement.resource_link.context_id
    standing = StandingAccommodation.objects.filter(context=context, learner=learner).first() or StandingAccommodation()
    dates = {name: getattr(own, name) for name in ("opens_at", "due_at", "closes_at")}
    grade = {"points": own.override_points and own.override_points.normalize()}
    more = {"extra_attempts": standing.extra_attempts, "extra_days": standing.extra_days}
    found: list[DeedForm] = [AttemptsForm(initial={"extra": own.extra_attempts}), DatesForm(initial=dates)]
    if own.is_exempt:
        found.append(IncludeForm())
    else:
        found += [OverrideForm(initial=grade), ExemptForm()]
    if own.override_points is not None:
        found.append(WithdrawForm())
    found += [ResetForm()] if attempts_of(desk) else []
    found.append(StandingForm(initial=more))
    found = [said if said is not None and said.deed == form.deed else form for form in found]
    for form in found:
        fit(form, desk)
    return found


def fit(form: DeedForm, desk: Desk) -> None:
    """What depends on the learner and the Byte."""
    if isinstance(form, ResetForm):
        form.fields["number"].choices = [  # type: ignore[attr-defined]  # of a ChoiceField
            (number, _("Attempt %(number)s") % {"number": number}) for number in attempts_of(desk)
        ]
    if isinstance(form, OverrideForm):
        possible = desk.placement.byte.points_possible
        form.fields["points"].label = _("Points, of %(possible)s") % {"possible": possible}
        form.fields["points"].widget.attrs["max"] = possible


def attempts_of(desk: Desk) -> list[int]:
    """Numbers of those that can be reset, newest first."""
    return [sheet.attempt.number for sheet in reversed(desk.sheets) if not sheet.is_voided]
