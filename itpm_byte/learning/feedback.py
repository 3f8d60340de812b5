"""What learners think of a Byte."""

from datetime import datetime

from django.db import transaction

from itpm_byte.content.models import Byte
from itpm_byte.learning.errors import AnonymousLearner, RatingInvalid, TextTooLong, VersionChanged
from itpm_byte.learning.models import Feedback, Placement
from lti.models import PlatformUser

RATINGS = range(1, 6)
# Characters: more than a page; what is longer is no comment.
LONGEST_COMMENT = 4000


def give(
    placement: Placement, learner: PlatformUser, byte: Byte, *, rating: int, comment: str, now: datetime
) -> Feedback:
    """Keep the learner's rating (1 disagrees most, 5 agrees most) and comment on this version; again changes it.

    Raises AnonymousLearner, RatingInvalid, TextTooLong, and VersionChanged when the placement's Byte is another one.
    """
    if learner.is_anonymous:
        raise AnonymousLearner
    if rating not in RATINGS:
        raise RatingInvalid
    words = comment.replace("\0", "").strip()
    if len(words) > LONGEST_COMMENT:
        raise TextTooLong
    if (byte.slug, byte.language) != (placement.byte.slug, placement.byte.language):
        raise VersionChanged
    changes = {"rating": rating, "comment": words, "updated_at": now}
    with transaction.atomic():
        given, _is_new = Feedback.objects.update_or_create(
            placement=placement,
            learner=learner,
            byte=byte,
            defaults=changes,
            create_defaults={**changes, "created_at": now},
        )
    return given
