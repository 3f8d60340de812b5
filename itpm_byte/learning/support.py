"""Learners ask for a person's help."""

from datetime import datetime

from django.db import transaction

from itpm_byte.learning import progress
from itpm_byte.learning.errors import MessageEmpty, TextTooLong, TooManyRequests
from itpm_byte.learning.models import Placement, SupportRequest
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
