"""What we tell an LMS about ourselves when we are registered there."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from lti import scopes

NAME = "ITPM Byte"
# What an LMS files us under, also across several registrations (Canvas).
TOOL_ID = "itpm-byte"
DESCRIPTION = _("Short pages to learn from, each with one goal and under ten minutes. Grades go to the gradebook.")

SCOPES = (
    scopes.LINEITEM,
    scopes.LINEITEM_READ,
    scopes.RESULT_READ,
    scopes.SCORE,
    scopes.ROSTER_READ,
)
# Asked for only where an LMS says that it knows them: groups (Blackboard), notices of copied courses (Canvas).
RARE_SCOPES = (scopes.GROUPS_READ, scopes.NOTICE_HANDLERS)
# Names, so that teachers know whom they teach; no e-mail address, because nothing here needs one.
CLAIMS = ("iss", "sub", "name", "given_name", "family_name", "locale")

# Asked of the LMS for each launch (OTH-07). Not the Byte: what is set for the whole tool wins over what a teacher
# chose for one activity, in Moodle.
VARIABLES = {
    "context_history": "Context.id.history",
    "link_history": "ResourceLink.id.history",
}


def domain() -> str:
    """Host, and port if it is not the usual one; Moodle compares it with the target link URI's, port included."""
    return urlsplit(str(settings.PUBLIC_URL)).netloc


def icon_url() -> str:
    """The file without a fingerprint in its name: LMSs keep this address for years."""
    return str(settings.PUBLIC_URL) + str(settings.STATIC_URL) + "lti/tool.svg"
