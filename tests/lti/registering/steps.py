"""How an administrator of the sandbox LMS registers a tool: in the pages that people use."""

from urllib.parse import parse_qs, urlsplit

from itpm_byte.sandbox.server import SandboxServer
from lti.registering.dynamic_registration import Offer
from tests.visitor import Page, Visitor


def paste(lms: SandboxServer, address: str, *, how: str = "new") -> tuple[Visitor, Page]:
    """Ines pastes the link; the page whose frame shows the tool's own page."""
    ines = Visitor()
    lms.enter(ines.session, "ines")
    page = ines.open(f"{lms.url}/tools/")
    return ines, ines.submit(page.form("/tools/register/"), url=address, how=how)


def activate(lms: SandboxServer, ines: Visitor) -> Page:
    page = ines.open(f"{lms.url}/tools/")
    return ines.submit(page.form("/tools/activate/"))


def offered(lms: SandboxServer, tool_url: str, *, how: str = "new") -> Offer:
    """What the LMS would open the tool's page with."""
    _ines, page = paste(lms, f"{tool_url}/lti/register/any/", how=how)
    told = parse_qs(urlsplit(page.frames[0]).query)
    return Offer(told["openid_configuration"][0], told["registration_token"][0])
