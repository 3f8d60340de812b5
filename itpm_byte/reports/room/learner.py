"""One learner: every attempt and answer, what went to the gradebook, what was arranged; and arranging it."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from itpm_byte.insight import roster
from itpm_byte.insight.roster import Learner
from itpm_byte.learning import arrangements
from itpm_byte.learning.desk import Desk, open_desk
from itpm_byte.learning.errors import LearningError
from itpm_byte.learning.models import Placement
from itpm_byte.reports.room import learner_page
from itpm_byte.reports.room.access import decider_required, room_required, words
from itpm_byte.reports.room.arrangement_forms import KINDS, DeedForm, fit, forms_for
from lti import audit
from lti.answers import SeeOther
from lti.grades import scores
from lti.models import Launch, Score

SAID = {"done": _("Done."), "same": _("Nothing had to be changed."), "resent": _("The grade is sent again.")}


@require_safe
@room_required
def learner(request: HttpRequest, launch: Launch, placement: Placement, learner_id: int) -> HttpResponse:
    found = _find(placement, learner_id)
    if found is None:
        return _nobody(request, launch)
    return _show(request, launch, placement, found)


@require_POST
@decider_required
def arrange(request: HttpRequest, launch: Launch, placement: Placement, learner_id: int) -> HttpResponse:
    """`deed` says which of the page's forms it is."""
    found, kind = _find(placement, learner_id), KINDS.get(request.POST.get("deed", ""))
    if found is None or kind is None:
        return _nobody(request, launch)
    form, now = kind(request.POST), timezone.now()
    fit(form, _desk(placement, found, launch))
    if not form.is_valid():
        return _show(request, launch, placement, found, said=form)
    try:
        deed = {"by": launch.user, "reason": form.cleaned_data["reason"], "now": now}
        is_changed = form.arrange(placement, found.user, **deed)
    except LearningError as refused:
        form.add_error(None, str(refused.words))
        return _show(request, launch, placement, found, said=form)
    return _back(launch, found, "done" if is_changed else "same")


@require_POST
@decider_required
def resend(request: HttpRequest, launch: Launch, placement: Placement, learner_id: int) -> HttpResponse:
    """Once more to the gradebook; with `over`, also over a grade that was changed there (AGS-31)."""
    found = _find(placement, learner_id)
    score = Score.objects.filter(line_item__resource_link=placement.resource_link_id, user=learner_id).first()
    if found is None or score is None:
        return _nobody(request, launch)
    now, overwrites = timezone.now(), "over" in request.POST
    with transaction.atomic():
        scores.resend(score, now=now, overwrites=overwrites)
        audit.record(
            "grade.sent_over" if overwrites else "grade.resent",
            by=launch.user,
            now=now,
            on=placement,
            context=placement.resource_link.context,
            subject=found.user,
        )
    return _back(launch, found, "resent")


def _find(placement: Placement, learner_id: int) -> Learner | None:
    """Only who is listed in this activity's roster: learners of the course, and who worked here (SEC-04)."""
    rows = roster.learners(placement).filter(pk=learner_id)
    return next(roster.read(rows, placement), None)


def _desk(placement: Placement, found: Learner, launch: Launch) -> Desk:
    return open_desk(found.user, placement.resource_link, now=timezone.now())


def _show(
    request: HttpRequest, launch: Launch, placement: Placement, found: Learner, *, said: DeedForm | None = None
) -> HttpResponse:
    desk = _desk(placement, found, launch)
    may_decide = launch.may_author and arrangements.is_learner(placement.resource_link.context, found.user)
    context: dict[str, Any] = {
        "launch": launch,
        "placement": placement,
        "learner": found,
        "said": "" if said else SAID.get(request.GET.get("said", ""), ""),
        "page": learner_page.read(launch, desk, found),
        "forms": forms_for(desk, found.user, said=said) if may_decide else [],
        "has_errors": said is not None,
    }
    return render(request, "reports/room/learner.html", context, status=422 if said is not None else 200)


def _back(launch: Launch, found: Learner, said: str) -> HttpResponse:
    return SeeOther(f"{reverse('reports:learner', args=[launch.pk, found.id])}?said={said}")


def _nobody(request: HttpRequest, launch: Launch) -> HttpResponse:
    happened = _("Nobody of that number learns in this activity. Perhaps they left the course.")
    return words(request, launch, _("There is no such learner here"), happened, status=404)
