"""What some codes of `advice` mean in one LMS, in the words that its own pages use (AGS §4.4, and what LMSs answer)."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Advice:
    """What happened and what to do. A passing trouble is told to learners only as long as we still try."""

    learner: Words
    teacher: Words
    is_passing: bool = False


TRYING = _("Your course takes no grades right now. We keep trying; you needn't do anything.")
TELL_TEACHER = _("Your grade couldn't be put into the gradebook. Your result is safe; please tell your teacher.")
_CHANGED = _("The gradebook shows a grade that was changed there. It stays; your result here is kept, too.")
_OLD = _("The gradebook holds a newer entry than this one. We try again; you needn't do anything.")

# By products.family and code.
BY_PRODUCT: dict[tuple[str, str], Advice] = {
    ("moodle", "not_accepted"): Advice(
        _("The gradebook took no grade for you. You may not be enrolled as a student; please ask your teacher."),
        _("Moodle refuses, mostly because this person isn't enrolled as a student (any more). Check, then resend."),
    ),
    ("moodle", "lms_error"): Advice(
        TRYING,
        _("Moodle refuses with an error, as it does when the grade or its column is locked. Unlock it, then resend."),
        is_passing=True,
    ),
    ("moodle", "column_gone"): Advice(
        TELL_TEACHER,
        _("The activity or its grade item was deleted in Moodle. If the activity is still there, open it once."),
    ),
    ("moodle", "scope_missing"): Advice(
        TELL_TEACHER,
        _("Moodle's administrator must allow it: Manage tools, this tool, “Use this service for grade sync”."),
    ),
    ("moodle", "token_unavailable"): Advice(
        TRYING,
        _("Moodle couldn't read the tool's keys. Its administrator should see whether HTTP security blocks the tool."),
        is_passing=True,
    ),
    ("moodle", "changed_in_lms"): Advice(
        _CHANGED,
        _(
            "The grade was changed in Moodle's gradebook. As long as it is marked “Overridden” there, Moodle shows the "
            "teacher's; take that mark off, then send again."
        ),
    ),
    ("canvas", "not_in_course"): Advice(
        _("Canvas doesn't list you as a student of this course. Please ask your teacher to enrol you."),
        _("Canvas says that this person isn't an active student here. Check enrolment and section dates, then resend."),
    ),
    ("canvas", "forbidden"): Advice(
        TELL_TEACHER,
        _("Canvas takes grades only in a published course and assignment. Publish both, then resend."),
    ),
    ("canvas", "rate_limited"): Advice(
        _("Many grades are on their way at the moment. Yours is in the queue; you needn't do anything."),
        _("Canvas limits how fast grades may come (403, rate limit). They arrive a little later; nothing is lost."),
        is_passing=True,
    ),
    ("canvas", "attempts_exhausted"): Advice(
        _("The gradebook takes no more attempts from you. Please tell your teacher; your result is safe with us."),
        _("The assignment's “allowed attempts” in Canvas are used up. Allow more, or without limit, then resend."),
    ),
    ("canvas", "scope_missing"): Advice(
        TELL_TEACHER,
        _("Canvas doesn't allow it: an administrator adds the grade services to the tool's LTI developer key."),
    ),
    ("canvas", "token_refused"): Advice(
        TRYING,
        _("Canvas doesn't know the tool. An administrator sees whether its developer key is switched on."),
        is_passing=True,
    ),
    ("blackboard", "not_in_course"): Advice(
        _("Blackboard doesn't list you as a learner of this course. Please ask your teacher to enrol you."),
        _("Blackboard can't find this person in the course. Enrol them or make them available, then resend."),
    ),
    ("blackboard", "forbidden"): Advice(
        TELL_TEACHER,
        _("Blackboard refuses grades: the course may be closed, or “Allow grade service access” is off for the tool."),
    ),
    ("blackboard", "scope_missing"): Advice(
        TELL_TEACHER,
        _("An administrator must switch on “Allow grade service access” among the institution policies of the tool."),
    ),
    ("brightspace", "not_in_course"): Advice(
        _("Brightspace doesn't list you as a learner of this course. Please ask your teacher to enrol you."),
        _("Brightspace says that this person isn't enrolled in the org unit. Enrol them, then resend."),
    ),
    ("brightspace", "token_refused"): Advice(
        TRYING,
        _("Brightspace doesn't know the tool. Its administrator compares client id, key set and token audience."),
        is_passing=True,
    ),
    ("brightspace", "scope_missing"): Advice(
        TELL_TEACHER,
        _("An administrator must add the Assignment and Grade Services to the tool's deployment in Brightspace."),
    ),
    ("sakai", "scope_missing"): Advice(
        TELL_TEACHER,
        _("An administrator must allow the tool to use the grade services, in Sakai's external tool settings."),
    ),
    ("sakai", "forbidden"): Advice(
        TELL_TEACHER,
        _("Sakai refuses grades: the site may have no Gradebook tool, or the external tool may not send grades there."),
    ),
    ("openedx", "no_column"): Advice(
        _("This activity has no place in the gradebook. Your result is kept here."),
        _("Set the LTI block to “Scored” and its grade service to “programmatic” or “declarative”; open it once."),
    ),
    ("openedx", "scope_missing"): Advice(
        TELL_TEACHER,
        _("The LTI block's “Assignment and Grades Service” is off. A course author switches it on in Studio."),
    ),
    ("openedx", "stale"): Advice(
        _OLD,
        _("Open edX has an entry with this time or a later one already. If it lasts, compare the clocks."),
        is_passing=True,
    ),
    ("openedx", "not_accepted"): Advice(
        TELL_TEACHER,
        _("Open edX didn't accept this grade, as after the due date of the subsection. See its dates, then resend."),
    ),
}
