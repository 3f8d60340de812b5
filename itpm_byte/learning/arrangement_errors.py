"""Why something can't be arranged for a learner. Nothing was changed; teachers read `words`."""

from django.utils.translation import gettext_lazy as _

from itpm_byte.learning.errors import LearningError


class NotALearner(LearningError):
    """No learner of the course: somebody else's, a teacher, a test user, or nobody that the LMS names."""

    code = "not_a_learner"
    words = _("This person is not a learner of this course.")


class ReasonMissing(LearningError):
    code = "reason_missing"
    words = _("Say why: the reason is kept with the grade.")


class OverrideOutOfRange(LearningError):
    code = "override_out_of_range"
    words = _("Give points from 0 to the most that can be reached.")


class IsExempt(LearningError):
    """A grade for somebody who has none."""

    code = "is_exempt"
    words = _("This learner is excused from the activity. Include them again first.")


class DatesExclude(LearningError):
    code = "dates_exclude"
    words = _("With these dates the learner could never answer in time. It opens, is due and closes in this order.")


class TooMuch(LearningError):
    code = "too_much"
    words = _("Give at most 100 more attempts and 366 more days.")


class AttemptUnknown(LearningError):
    code = "attempt_unknown"
    words = _("There is no such attempt. Perhaps this page is old: open it again.")
