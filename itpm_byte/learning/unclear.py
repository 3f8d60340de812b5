"""Learners say that a question is unclear."""

from datetime import datetime

from django.db import transaction

from itpm_byte.content.models import Byte
from itpm_byte.learning import answer_key
from itpm_byte.learning.errors import AnonymousLearner, TextTooLong, UnknownQuestion
from itpm_byte.learning.models import Placement, UnclearQuestion
from lti.models import PlatformUser

# Characters.
LONGEST_REASON = 2000


def tell(
    placement: Placement, learner: PlatformUser, byte: Byte, *, question_key: str, reason: str, now: datetime
) -> UnclearQuestion:
    """Keep that this learner finds a question of this version unclear, and why (may be empty); again changes it.

    Raises AnonymousLearner, UnknownQuestion, TextTooLong.
    """
    if learner.is_anonymous:
        raise AnonymousLearner
    question = answer_key.of(byte).get(question_key)
    if question is None:
        raise UnknownQuestion
    words = reason.replace("\0", "").strip()
    if len(words) > LONGEST_REASON:
        raise TextTooLong
    changes = {"reason": words, "updated_at": now}
    with transaction.atomic():
        told, _is_new = UnclearQuestion.objects.update_or_create(
            placement=placement,
            learner=learner,
            question_id=question.id,
            defaults=changes,
            create_defaults={**changes, "created_at": now},
        )
    return told
