"""The words for each refusal: what happened and what to do, for a learner first, then for whoever runs the LMS.

To outsiders an unknown LMS, client and deployment look the same (SEC-20); the log tells them apart.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Refusal:
    """One page. `status` is its HTTP status; `advice` ends with a line for the LMS's administrator where one helps."""

    status: int
    title: Promise
    happened: Promise
    advice: Promise


_OPEN_AGAIN = _("Go back to your course and open the activity again.")
_TELL = _(
    "Go back to your course and open the activity again. If that does not help, tell your teacher or the people who run"
    " your learning platform, and give them the reference number below."
)

_UNKNOWN = Refusal(
    403,
    _("This learning platform is not connected"),
    _("The activity was opened from a learning platform that this service does not know, or no longer accepts."),
    _(
        "Tell your teacher, and give the reference number below. For the administrator: a new connection may still wait"
        " until the people who run this service approve it. Else compare issuer, client ID and deployment ID with what"
        " is registered here, letter for letter, and use the login address that was printed for your registration."
    ),
)
_INCOMPLETE = Refusal(
    400,
    _("The activity could not be opened"),
    _("Your learning platform's request was incomplete or damaged."),
    _TELL,
)
_STARTED_TWICE = Refusal(
    401,
    _("Please open the activity again"),
    _("This page was already opened once. For your safety each opening works a single time."),
    _OPEN_AGAIN,
)
_TOO_LATE = Refusal(
    401,
    _("Please open the activity again"),
    _("Opening the activity took too long, or it was opened in another browser window."),
    _OPEN_AGAIN,
)
_OTHER_BROWSER = Refusal(
    401,
    _("Please open the activity again"),
    _("This opening was begun in another browser window, or your browser did not keep what it needs to remember."),
    _("Go back to your course and open the activity again. If that does not help, open it in a new window."),
)
_NOT_BELIEVED = Refusal(
    401,
    _("The activity could not be opened"),
    _("We could not make sure that the request came from your learning platform."),
    _TELL,
)
_CLOCKS = Refusal(
    401,
    _("The clocks differ"),
    _("The time on your learning platform's request was too far from ours, or the request was too old."),
    _(
        "Go back to your course and open the activity again. For the administrator: the clock of the learning platform"
        " or of this service may be wrong by more than a minute."
    ),
)
_BAD_MESSAGE = Refusal(
    400,
    _("The activity could not be opened"),
    _("Your learning platform left out something that is needed to open the activity."),
    _TELL,
)
_NOBODY = Refusal(
    403,
    _("The activity needs to know who you are"),
    _("Your learning platform did not say who opened the activity."),
    _(
        "Log in to your learning platform and open the activity again. For the administrator: the user's ID must be"
        " sent, or anonymous use must be allowed for this registration."
    ),
)
_ELSEWHERE = Refusal(
    400,
    _("The activity could not be opened"),
    _("Your learning platform asked for a page that does not belong to this service."),
    _(
        "Tell your teacher, and give the reference number below. For the administrator: the tool's URL and target link"
        " URI must be the addresses that were printed for your registration."
    ),
)

WORDS: dict[str, Refusal] = {
    # Login (CORE-01 to CORE-09)
    "request_malformed": _INCOMPLETE,
    "login_incomplete": _INCOMPLETE,
    "platform_unknown": _UNKNOWN,
    "platform_ambiguous": _UNKNOWN,
    "registration_inactive": _UNKNOWN,
    "deployment_unknown": _UNKNOWN,
    "deployment_disabled": _UNKNOWN,
    "deployment_pending": Refusal(
        403,
        _("Not yet switched on"),
        _("This place in your learning platform is new here and waits until somebody switches it on."),
        _("Try again later. For the administrator: ask the people who run this service to approve the deployment."),
    ),
    "method": Refusal(
        405,
        _("Please open the activity from your course"),
        _("This address is only for learning platforms."),
        _OPEN_AGAIN,
    ),
    "launch_by_get": Refusal(
        405,
        _("Please open the activity from your course"),
        _("The activity opens only from inside your course. A bookmark, a reload or the back button is not enough."),
        _OPEN_AGAIN,
    ),
    # What the LMS answered instead of a launch (CORE-10)
    "lms_login_required": Refusal(
        401,
        _("Please log in to your learning platform"),
        _("Your learning platform says that you are not logged in. Perhaps your browser hid your login from it."),
        _("Log in to your learning platform, then open the activity again, if you can in a new window."),
    ),
    "lms_refused": Refusal(
        401,
        _("Your learning platform did not open the activity"),
        _("It answered with an error instead."),
        _TELL,
    ),
    # State and nonce: CORE-11, CORE-20, CORE-21
    "state_missing": _OTHER_BROWSER,
    "state_unknown": _TOO_LATE,
    "state_expired": _TOO_LATE,
    "state_used": _STARTED_TWICE,
    "state_other_browser": _OTHER_BROWSER,
    "confirm_foreign_origin": Refusal(
        403,
        _("Please open the activity from your course"),
        _("The request came from a page that is not ours."),
        _OPEN_AGAIN,
    ),
    "nonce": _NOT_BELIEVED,
    # The token (CORE-12 to CORE-19)
    "token_missing": _INCOMPLETE,
    "token_malformed": _NOT_BELIEVED,
    "token_too_large": _NOT_BELIEVED,
    "algorithm": _NOT_BELIEVED,
    "kid_missing": _NOT_BELIEVED,
    "kid_unknown": _NOT_BELIEVED,
    "signature": _NOT_BELIEVED,
    "issuer": _NOT_BELIEVED,
    "audience": _NOT_BELIEVED,
    "azp": _NOT_BELIEVED,
    "exp": _CLOCKS,
    "iat": _CLOCKS,
    "keys_unavailable": Refusal(
        503,
        _("Please try again in a minute"),
        _("We could not reach the part of your learning platform that proves who it is."),
        _(
            "Wait a minute, go back to your course and open the activity again. For the administrator: this service"
            " cannot read the learning platform's public keys at the keyset URL that is registered."
        ),
    ),
    # The message (CORE-22 to CORE-29)
    "not_lti": _BAD_MESSAGE,
    "version": _BAD_MESSAGE,
    "message_type": Refusal(
        400,
        _("This is not available here"),
        _("Your learning platform asked for something that this service does not offer."),
        _TELL,
    ),
    "deployment": _BAD_MESSAGE,
    "deployment_mismatch": _BAD_MESSAGE,
    "claim_missing": _BAD_MESSAGE,
    "resource_link": _BAD_MESSAGE,
    "context": _BAD_MESSAGE,
    "roles": _BAD_MESSAGE,
    "deep_linking": _BAD_MESSAGE,
    "sub": _NOBODY,
    "target_mismatch": _ELSEWHERE,
    "target_external": _ELSEWHERE,
    # Choosing activities for a course (DL-02, DL-19)
    "not_an_author": Refusal(
        403,
        _("Only teachers can choose activities"),
        _("Your learning platform says that you do not teach or design this course."),
        _("If you do teach it, ask the people who run your learning platform to give you the teacher's role."),
    ),
    "deep_link_return": Refusal(
        400,
        _("The choice could not be sent back"),
        _("Your learning platform named an address for the answer that does not belong to it."),
        _(
            "Tell the people who run your learning platform, and give them the reference number below. For the"
            " administrator: add the address of your learning platform to the frame origins of its registration here."
        ),
    ),
    # Somebody's work, opened from the gradebook (OTH-10)
    "review_not_yours": Refusal(
        403,
        _("This is somebody else's work"),
        _("Only the learner and those who teach the course can look at it."),
        _("Go back to your course. If you do teach it, ask your administrator to give you the teacher's role."),
    ),
    "review_nothing": Refusal(
        403,
        _("There is nothing to look at yet"),
        _("This person has not opened the activity so far, or the grade does not come from here."),
        _("Go back to your course. When the person has answered, open the work again from there."),
    ),
    # What the doors behind the gate say (LTI_LAUNCH_HOOK)
    "not_available": Refusal(
        403,
        _("This activity is not available"),
        _("The activity that your course asks for does not exist here, or is not open to you."),
        _TELL,
    ),
}

# For a reason without words of its own.
_OTHER = Refusal(400, _("The activity could not be opened"), _("Something did not fit together."), _TELL)


def words(reason: str) -> Refusal:
    """The words for a reason; calm general ones for a reason that has none."""
    return WORDS.get(reason, _OTHER)
