"""What a whole grade column shows, read at once and compared with what was sent; a worker's work (AGS-40, AGS-31).

Nothing is sent here. A grade that somebody changed in the LMS is marked and stays; one that is ours again is sent.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import batched

import structlog
from django.db import transaction
from django.tasks import task
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lti import health, scopes
from lti.grades import overrides, results
from lti.grades.overrides import Cell
from lti.models import Deployment, LineItem, Registration, Score
from lti.outcomes import Outcome, ServiceProblem, Verdict
from lti.services import Services

# So soon somebody may ask again.
ASK_AGAIN = timedelta(minutes=1)
BATCH = 500
SEEN = ("observed", "observed_at", "state", "last_error", "next_try_at")

log = structlog.get_logger("lti.comparing")

_PASSING = _("The learning platform did not answer as it should. Try again later.")
WORDS: dict[str, Promise] = {
    "no_column": _("There is no grade column yet. It is made with the first grade."),
    "column_gone": _("The grade column was deleted in the learning platform."),
    "scope_missing": _("The learning platform does not let us read grades. Ask its administrator to allow it."),
    "forbidden": _("The learning platform does not let us read grades. Ask its administrator to allow it."),
    "not_accepted": _("The learning platform does not tell which grades it shows."),
    "address_refused": _("The gradebook's address does not belong to this learning platform. Open the activity once."),
    "platform_disabled": _("The connection to this learning platform is switched off."),
    "token_refused": _("The learning platform does not know the tool. Ask its administrator to compare id and keys."),
}


def can_compare(line_item: LineItem | None) -> bool:
    """Does the LMS offer to tell what the column shows?"""
    return bool(line_item and line_item.url and scopes.RESULT_READ in line_item.resource_link.ags_scopes)


def advice_of(line_item: LineItem) -> str:
    """Why the last comparison failed, in words; "" when it did not."""
    return str(WORDS.get(line_item.compare_error, _PASSING)) if line_item.compare_error else ""


def ask(line_item: LineItem, *, now: datetime) -> bool:
    """Ring for a comparison, once in ASK_AGAIN. Was somebody rung for?"""
    asked = line_item.compare_asked_at
    if asked is not None and asked > now - ASK_AGAIN:
        return False
    if not LineItem.objects.filter(pk=line_item.pk, compare_asked_at=asked).update(compare_asked_at=now):
        return False
    line_item.compare_asked_at = now
    # Robust: what the caller saves must not fail because nobody could be rung for.
    transaction.on_commit(partial(compare.enqueue, line_item.pk), robust=True)
    return True


@task
def compare(line_item_id: int) -> str:
    """Read one column. The answer is a word for the task's record."""
    outcome = update(line_item_id, now=timezone.now())
    return outcome.code or outcome.verdict.value


def update(line_item_id: int, *, now: datetime) -> Outcome:
    """Read the column and note what it shows, or why not. Raises nothing that the LMS could cause."""
    relations = ("resource_link", "deployment__registration")
    line_item = LineItem.objects.select_related(*relations).filter(pk=line_item_id).first()
    if line_item is None:
        return Outcome(Verdict.FINAL, "nothing_to_ask")
    registration = line_item.deployment.registration
    try:
        cells = _cells(line_item, now=now)
        outcome = Outcome(Verdict.SENT, status=200)
    except ServiceProblem as problem:
        outcome = problem.outcome
        log.warning("lti.comparing_failed", line_item=line_item_id, code=outcome.code, status=outcome.status)
    health.note(registration, outcome, now=now)
    if outcome.verdict is not Verdict.SENT:
        LineItem.objects.filter(pk=line_item_id).update(compare_error=outcome.code)
        return outcome
    changed = _write(line_item, cells, now=now)
    LineItem.objects.filter(pk=line_item_id).update(compared_at=now, compare_error="")
    log.info("lti.column_compared", line_item=line_item_id, cells=len(cells), changed=changed)
    return outcome


def _cells(line_item: LineItem, *, now: datetime) -> dict[str, Cell]:
    """By the LMS's user id; who is missing has an empty cell. All pages or nothing. Raises ServiceProblem."""
    deployment = line_item.deployment
    registration = deployment.registration
    if registration.status != Registration.Status.ACTIVE or deployment.status != Deployment.Status.ACTIVE:
        raise ServiceProblem.final("platform_disabled")
    if registration.services_paused_until is not None and registration.services_paused_until > now:
        raise ServiceProblem(Outcome(Verdict.BUSY, "paused", delay=registration.services_paused_until - now))
    if not line_item.url:
        raise ServiceProblem.final("no_column")
    found = results.of_column(Services.of_line_item(line_item, now=now), line_item.url)
    return {row.user_id: overrides.cell_of(row, registration.product) for row in found}


def _write(line_item: LineItem, cells: Mapping[str, Cell], *, now: datetime) -> int:
    """How many are marked otherwise than before."""
    changed = 0
    keys = list(line_item.scores.order_by("pk").values_list("pk", flat=True))
    for batch in batched(keys, BATCH):
        with transaction.atomic():
            # Locked: a worker that sends at this moment has its say before or after us.
            rows = Score.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=batch)
            still = [score for score in rows.select_related("user").order_by("pk") if _may_judge(score, now=now)]
            changed += _note(still, cells, now=now)
            Score.objects.bulk_update(still, SEEN, batch_size=BATCH)
    return changed


def _may_judge(score: Score, *, now: datetime) -> bool:
    """Not what was on its way while the column was read: the answer may be older than the grade."""
    is_on_its_way = score.lease_until is not None and score.lease_until > now
    return not is_on_its_way and (score.sent_at is None or score.sent_at < now)


def _note(rows: Iterable[Score], cells: Mapping[str, Cell], *, now: datetime) -> int:
    changed = 0
    for score in rows:
        cell = cells.get(score.user.sub, Cell(None))
        score.observed, score.observed_at = cell.on_scale_of(score.score_maximum), now
        before = score.state
        if before == Score.State.SENT and score.ours and cell.is_changed(score.ours):
            score.state, score.last_error, score.next_try_at = Score.State.CHANGED, "changed_in_lms", None
        elif before == Score.State.CHANGED and score.sent_at is not None and cell.shows(overrides.sent_now(score)):
            score.state, score.last_error, score.next_try_at = Score.State.SENT, "", None
        changed += score.state != before
    return changed
