"""The words for a registration that did not come about: what happened and what to do, for an LMS's administrator."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Words:
    """`status` is the page's HTTP status."""

    status: int
    happened: Promise
    advice: Promise


_NEW_LINK = _("Ask the people who run this service for a new link.")
_BACK = _("Go back to your learning platform and begin the registration there again, with the same link.")
_TELL = _("Tell the people who run this service, with the reference number below.")

WORDS: dict[str, Words] = {
    # The link
    "link_unknown": Words(404, _("This registration link is not one of ours, or not complete."), _NEW_LINK),
    "link_used": Words(410, _("This registration link has been used. Each link works once."), _NEW_LINK),
    "link_expired": Words(410, _("This registration link is too old."), _NEW_LINK),
    "link_worn_out": Words(410, _("This registration link was tried too often."), _NEW_LINK),
    "link_busy": Words(
        409, _("A registration with this link is under way at this moment."), _("Wait three minutes, then try again.")
    ),
    # What the LMS sent the browser with
    "request_malformed": Words(
        400, _("Your learning platform opened this page with something that makes no sense to us."), _BACK
    ),
    "state_old": Words(400, _("The page was open for too long, or was changed."), _BACK),
    "address_refused": Words(
        400,
        _("Your learning platform named an address that this service does not talk to."),
        _("It must begin with https:// and be reachable from the internet."),
    ),
    "host_not_allowed": Words(
        403, _("This link was made for another learning platform."), _("Ask for a link for this one.")
    ),
    # Its configuration
    "configuration_unreachable": Words(
        502,
        _("We could not read your learning platform's configuration."),
        _("Check that it is reachable from the internet, then begin the registration there again."),
    ),
    "configuration_invalid": Words(
        502, _("Your learning platform's configuration is not complete, or not as the standard has it."), _TELL
    ),
    "issuer_mismatch": Words(
        403,
        _("The configuration names another learning platform than the one it was read from."),
        _(
            "If this is right (a Canvas of your own may use Canvas's own name), ask the people who run this service for"
            " a link that allows just that issuer."
        ),
    ),
    "endpoint_elsewhere": Words(
        403,
        _("The configuration names an address that does not belong to your learning platform."),
        _TELL,
    ),
    # Its registration service
    "registration_unreachable": Words(
        502,
        _("Your learning platform's registration service did not answer."),
        _("Look whether the tool appeared in your learning platform, remove it there if so, then begin again."),
    ),
    "registration_refused": Words(
        502,
        _("Your learning platform did not accept the registration."),
        _("Its own words are below. Mostly it helps to begin the registration there again: its token works once."),
    ),
    "registration_invalid": Words(
        502, _("Your learning platform's answer to the registration makes no sense to us."), _TELL
    ),
    "other_owner": Words(
        403,
        _("This learning platform is registered here already, for another institution."),
        _("Ask the people who run this service."),
    ),
    "not_storable": Words(502, _("Your learning platform answered with values that we cannot keep."), _TELL),
}


class RegistrationRefused(Exception):
    """A registration that does not come about.

    `reason` is a key of WORDS; `said` is for the person: the LMS's own words, or the value that is wrong, to be
    escaped. It is not for the log. `detail` is, and holds no token.
    """

    def __init__(self, reason: str, *, said: str = "", detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.said = said
        self.detail = detail

    @property
    def words(self) -> Words:
        return WORDS[self.reason]
