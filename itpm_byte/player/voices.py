"""Where learners say something on the page: how they find the Byte, what is unclear, what they need help with."""

from dataclasses import dataclass

from django.utils.functional import Promise

from itpm_byte.content.document import FeedbackSection
from itpm_byte.learning.feedback import LONGEST_COMMENT
from itpm_byte.learning.support import LONGEST_MESSAGE
from itpm_byte.learning.unclear import LONGEST_REASON
from lti.models import Institution

type Words = str | Promise


@dataclass(frozen=True, slots=True)
class PointView:
    """One point of the rating scale."""

    value: int
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class RatingView:
    section: FeedbackSection
    points: tuple[PointView, ...]
    comment: str
    is_given: bool
    thanks: Words
    error: Words
    limit: int = LONGEST_COMMENT


@dataclass(frozen=True, slots=True)
class SupportView:
    """The institution's route to a person: its link, else its address, else a form."""

    institution: Institution
    typed: str
    thanks: Words
    error: Words
    limit: int = LONGEST_MESSAGE


@dataclass(frozen=True, slots=True)
class UnclearView:
    """Where a learner may say that the question with this key is unclear."""

    key: str
    typed: str
    thanks: Words
    error: Words
    limit: int = LONGEST_REASON
