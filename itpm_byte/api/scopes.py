"""What a token may do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

READ_CONTENT = "read:content"
READ_FEEDBACK = "read:feedback"
READ_GRADES = "read:grades"
READ_INSTITUTIONS = "read:institutions"
READ_LEARNERS = "read:learners"
READ_PROGRESS = "read:progress"
READ_ROSTERS = "read:rosters"
WRITE_GRADES = "write:grades"

SCOPES: dict[str, str | Promise] = {
    READ_INSTITUTIONS: _("The institution's own record"),
    READ_CONTENT: _("Bytes, and where they are placed in courses"),
    READ_PROGRESS: _("Progress, attempts, answers and completions; learners as numbers only"),
    READ_LEARNERS: _("Learners' names, e-mail addresses and ids in the LMS"),
    READ_ROSTERS: _("Who learns at a placement and how far they are; with names"),
    READ_GRADES: _("Grades, and whether they arrived in the LMS"),
    READ_FEEDBACK: _("Ratings and comments, without names"),
    WRITE_GRADES: _("Send grades to the LMS again"),
}
