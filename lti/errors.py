"""What goes wrong on the way in from an LMS."""

from typing import TYPE_CHECKING

from lti.refusals import words

if TYPE_CHECKING:
    from lti.models import Registration


class LaunchRefused(Exception):
    """A login or launch that we don't accept.

    `reason` is a key of `refusals.WORDS`; `detail` is for the log alone and holds no token and nothing about a person.
    `return_url` is set only when it comes from a token that was verified, `registration` when it is known.
    """

    def __init__(
        self,
        reason: str,
        *,
        status: int | None = None,
        detail: str = "",
        return_url: str = "",
        registration: "Registration | None" = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status or words(reason).status
        self.detail = detail
        self.return_url = return_url
        self.registration = registration


class ClaimInvalid(ValueError):
    """A claim is missing or has the wrong shape. `reason` is a key of `refusals.WORDS`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class KeysUnavailable(Exception):
    """The LMS's key set can't be had now, and none is stored (BAD-44)."""
