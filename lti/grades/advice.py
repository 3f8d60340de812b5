"""Why a grade is not in the gradebook, in words: what happened, and what the learner or the teacher can do.

Codes are kept on the score (`last_error`); words are chosen when they are shown, in the reader's language.
"""

from django.utils.translation import gettext_lazy as _

from lti import products
from lti.grades.advice_by_product import BY_PRODUCT, TELL_TEACHER, TRYING, Advice, Words

_TRYING, _TELL_TEACHER = TRYING, TELL_TEACHER

# Codes of AGS §4.4 and of what can go wrong on the way there.
ADVICE: dict[str, Advice] = {
    "unreachable": Advice(
        _TRYING,
        _("The learning platform doesn't answer. Ask its administrator whether it can be reached."),
        is_passing=True,
    ),
    "lms_error": Advice(
        _TRYING,
        _("The learning platform had an error of its own at this grade. See whether the column is locked."),
        is_passing=True,
    ),
    "rate_limited": Advice(
        _("Many grades are on their way at the moment. Yours is in the queue; you needn't do anything."),
        _("The learning platform asked us to slow down. Grades arrive a little later; nothing is lost."),
        is_passing=True,
    ),
    "not_in_course": Advice(
        _("The gradebook doesn't list you as a learner of this course. Please ask your teacher to enrol you."),
        _("The learning platform says that this person is no learner of the course. Enrol them, then resend."),
    ),
    "attempts_exhausted": Advice(
        _("The gradebook takes no more attempts from you. Please tell your teacher; your result is safe with us."),
        _("The assignment's limit of attempts is reached. Raise it in the assignment's settings, then resend."),
    ),
    "column_gone": Advice(
        _TELL_TEACHER,
        _("The grade column was deleted in the learning platform. Give the activity a grade again, then resend."),
    ),
    "no_column": Advice(
        _("This activity has no place in the gradebook. Your result is kept here."),
        _("The activity has no grade column. Allow grading in its settings, then open it once."),
    ),
    "column_unusable": Advice(
        _TELL_TEACHER,
        _("The learning platform made a grade column that can't be used. Tell its administrator."),
    ),
    "forbidden": Advice(
        _TELL_TEACHER,
        _("The learning platform refuses grades: the course may be closed, or the tool isn't allowed here any more."),
    ),
    "scope_missing": Advice(
        _TELL_TEACHER,
        _("The tool isn't allowed to send grades. Ask the platform's administrator to allow grade services for it."),
    ),
    "not_accepted": Advice(
        _TELL_TEACHER,
        _("The learning platform didn't accept this grade. Compare the column's settings, then resend."),
    ),
    "stale": Advice(
        _("The gradebook holds a newer entry than this one. We try again; you needn't do anything."),
        _("The gradebook says it has a newer grade: changed by somebody there, or a clock is wrong."),
        is_passing=True,
    ),
    "changed_in_lms": Advice(
        _("The gradebook shows a grade that was changed there. It stays; your result here is kept, too."),
        _(
            "The grade was changed in the learning platform, by somebody or by a rule such as a late penalty. It stays "
            "until you choose to send ours over it."
        ),
    ),
    "token_refused": Advice(
        _TRYING,
        _("The learning platform doesn't know the tool. Ask its administrator to compare client id and keys."),
        is_passing=True,
    ),
    "token_unavailable": Advice(
        _TRYING,
        _("The learning platform didn't let us in. Ask its administrator whether it can read the tool's keys."),
        is_passing=True,
    ),
    "unauthorized": Advice(
        _TRYING,
        _("The learning platform took back its permission while grades were sent. If it lasts, ask its administrator."),
        is_passing=True,
    ),
    "address_refused": Advice(
        _TELL_TEACHER,
        _("The gradebook's address doesn't belong to this learning platform. Open the activity once, then resend."),
    ),
    "platform_disabled": Advice(
        _("Grades of this course are on hold. Yours is kept and goes out when they aren't; you needn't do anything."),
        _("The connection to this learning platform is switched off in the tool. Ask the people who run it."),
        is_passing=True,
    ),
    "bad_answer": Advice(
        _TRYING,
        _("The learning platform answered with something that makes no sense. If it lasts, tell its administrator."),
        is_passing=True,
    ),
    "internal": Advice(
        _("Something went wrong on our side. We keep trying; you needn't do anything."),
        _("Something went wrong in the tool itself. The people who run it can see what."),
        is_passing=True,
    ),
}

# Stopped scores that a launch with other grade services may bring home (AGS-15).
CURED_BY_NEW_CLAIM = ("column_gone", "no_column", "forbidden", "scope_missing", "address_refused")

_STATES: dict[str, Words] = {
    "waiting": _("Your grade is on its way to the gradebook."),
    "sent": _("Your grade is in the gradebook."),
    "failed": _TELL_TEACHER,
    "changed": ADVICE["changed_in_lms"].learner,
    "unavailable": ADVICE["no_column"].learner,
}


def for_learner(code: str, state: str, product: str = "") -> Words:
    """What to tell the learner. `state` as in scores.GradeStatus; `product` is the registration's."""
    if state in {"sent", "unavailable"} or code not in ADVICE:
        return _STATES[state]
    advice = _advice(code, product)
    # After days of trying, "we keep trying" would be a lie.
    return _TELL_TEACHER if state == "failed" and advice.is_passing else advice.learner


def for_teacher(code: str, product: str = "") -> Words:
    """What to tell the teacher about a score that waits or failed; empty when nothing went wrong."""
    return _advice(code, product).teacher if code in ADVICE else ""


def _advice(code: str, product: str) -> Advice:
    return BY_PRODUCT.get((products.family(product), code), ADVICE[code])
