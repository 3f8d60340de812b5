"""Learners ask for a person's help."""

from datetime import datetime
from typing import Any

from django.db import transaction

from itpm_byte.learning import progress
from itpm_byte.learning.errors import MessageEmpty, TextTooLong, TooManyRequests
from itpm_byte.learning.models import Placement, SupportRequest
from lti import audit
from lti.models import PlatformUser

# Characters.
LONGEST_MESSAGE = 4000
# Unanswered requests of one learner at one placement: enough for every real need, too few to flood staff.
MOST_OPEN = 5


def ask(placement: Placement, learner: PlatformUser, *, message: str, now: datetime) -> SupportRequest:
    """Keep a request for staff. The same words again, while unanswered, are the same request (double click).

    Raises AnonymousLearner, MessageEmpty, TextTooLong, TooManyRequests.
    """
    words = message.replace("\0", "").strip()
    if not words:
        raise MessageEmpty
    if len(words) > LONGEST_MESSAGE:
        raise TextTooLong
    with transaction.atomic():
        # The lock makes the second click wait for the first one's row.
        progress.lock(placement, learner, now=now)
        unanswered = list(
            SupportRequest.objects.filter(placement=placement, learner=learner, status=SupportRequest.Status.OPEN)
        )
        same = next((request for request in unanswered if request.message == words), None)
        if same is not None:
            return same
        if len(unanswered) >= MOST_OPEN:
            raise TooManyRequests
        return SupportRequest.objects.create(placement=placement, learner=learner, message=words, created_at=now)


def settle(request: SupportRequest, *, by: Any, now: datetime, status: str = SupportRequest.Status.ANSWERED) -> bool:
    """Mark a request as answered, or as open again; audited. Did that change anything?

    `by` is whoever did it, as `lti.audit.record` takes it. The answer itself goes to the learner by other ways.
    """
    with transaction.atomic():
        locked = SupportRequest.objects.select_for_update().get(pk=request.pk)
        if locked.status == status:
            return False
        before, locked.status = locked.status, SupportRequest.Status(status)
        locked.save(update_fields=["status"])
        context = request.placement.resource_link.context
        audit.record(
            "support.settled",
            by=by,
            now=now,
            on=locked,
            context=context,
            institution=request.placement.resource_link.deployment.institution,
            subject=request.learner,
            before={"status": before},
            after={"status": status},
        )
    return True
