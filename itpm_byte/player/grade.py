"""The learner's grade in words: what counts, and whether the gradebook of the course has it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from itpm_byte.learning.desk import Desk
from itpm_byte.learning.scoring import in_words
from itpm_byte.learning.terms import Terms


@dataclass(frozen=True, slots=True)
class GradeView:
    """`state` is sent, waiting, failed, unavailable or changed."""

    state: str
    score_words: str
    delivery_words: str
    sent_at: datetime | None

    @property
    def can_resend(self) -> bool:
        """Only what could not be sent: everything else arrives by itself."""
        return self.state == "failed"


def grade_view(desk: Desk) -> GradeView | None:
    """None as long as nothing counts."""
    status = desk.grade_status
    if status.state == "none" or desk.progress is None or desk.progress.counted_points is None:
        return None
    return GradeView(
        state=status.state,
        score_words=score_words(desk.progress.counted_points, desk.progress.counted_possible or 1, desk.terms),
        delivery_words=status.advice,
        sent_at=status.sent_at if status.state == "sent" else None,
    )


def score_words(points: Decimal, possible: int, terms: Terms) -> str:
    worth = {"points": in_words(points), "possible": possible}
    if terms.override is not None:
        return _("Your teacher set this grade: %(points)s of %(possible)s.") % worth
    return _("Your score: %(points)s of %(possible)s.") % worth
