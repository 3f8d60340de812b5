"""What learners did and what it is worth. One module per group of rows; import the models from here."""

from itpm_byte.learning.models.arrangements import Arrangement, StandingAccommodation
from itpm_byte.learning.models.placements import Pick, Placement
from itpm_byte.learning.models.voices import Feedback, SupportRequest, UnclearQuestion
from itpm_byte.learning.models.work import Attempt, Progress, Receipt, Response

__all__ = [
    "Arrangement",
    "Attempt",
    "Feedback",
    "Pick",
    "Placement",
    "Progress",
    "Receipt",
    "Response",
    "StandingAccommodation",
    "SupportRequest",
    "UnclearQuestion",
]
