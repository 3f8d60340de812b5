"""Why something can't be done. Doors show `words`; `code` is for programs and logs."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class LearningError(Exception):
    """The learner's wish can't be granted; nothing was recorded."""

    code: ClassVar[str] = "refused"
    words: ClassVar[str | Promise] = _("This can't be done now.")


class ByteUnknown(LearningError):
    """No Byte of this slug is loaded."""

    code = "byte_unknown"
    words = _("This activity is not set up yet: its Byte was not found. Please tell your teacher.")


class ByteInUse(LearningError):
    """Another Byte can't be put behind a link where learners have begun."""

    code = "byte_in_use"
    words = _("Learners have begun here, so the Byte stays. For another Byte add a new activity to your course.")


class PlacementMissing(LearningError):
    """No Byte stands behind this link yet."""

    code = "placement_missing"
    words = _("This activity is not set up yet. Open it again from your course.")


class AnonymousLearner(LearningError):
    """The LMS did not say who this is, so nothing can be recorded."""

    code = "anonymous"
    words = _("Your learning platform did not say who you are, so your answers can't be recorded.")


class AnswerRefused(LearningError):
    """An answer that is not recorded. The learner may read on."""


class NotOpenYet(AnswerRefused):
    code = "not_open_yet"
    words = _("Answers can't be given yet: this activity has not opened.")


class Closed(AnswerRefused):
    code = "closed"
    words = _("This activity is closed. No more answers can be given.")


class NoAttemptLeft(AnswerRefused):
    code = "no_attempt_left"
    words = _("You have used all your attempts.")


class AttemptOutOfOrder(AnswerRefused):
    """The attempt number is neither an existing attempt nor the next one."""

    code = "attempt_out_of_order"
    words = _("This page is out of date. Open it again, then answer.")


class AttemptReset(AnswerRefused):
    """A teacher has reset this attempt; the next one has another number."""

    code = "attempt_reset"
    words = _("Your teacher has reset this attempt. Open the page again, then answer.")


class VersionChanged(AnswerRefused):
    """The learner read another version than the one an attempt would be about."""

    code = "version_changed"
    words = _("This Byte was updated while you were reading. Look at it again, then answer.")


class UnknownQuestion(AnswerRefused):
    code = "unknown_question"
    words = _("This question does not belong to the Byte. Open the page again, then answer.")


class AnswerIncomplete(AnswerRefused):
    code = "answer_incomplete"
    words = _("Choose an answer first.")


class TooManyChoices(AnswerRefused):
    code = "too_many_choices"
    words = _("Choose one answer only.")


class UnknownChoice(AnswerRefused):
    code = "unknown_choice"
    words = _("This answer does not belong to the question. Open the page again, then answer.")


class NotCompleted(LearningError):
    """Nothing to give a receipt for."""

    code = "not_completed"
    words = _("You get a receipt once you have answered all questions.")


class RatingInvalid(LearningError):
    code = "rating_invalid"
    words = _("Choose one of the five points of the scale.")


class TextTooLong(LearningError):
    code = "text_too_long"
    words = _("This text is too long. Please shorten it.")


class MessageEmpty(LearningError):
    code = "message_empty"
    words = _("Write what you need help with.")


class TooManyRequests(LearningError):
    code = "too_many_requests"
    words = _("You have already asked several times. Please wait for an answer first.")
