"""Ways of a browser without scripts through the pretend LMS into the tool."""

from urllib.parse import urlsplit

from itpm_byte.sandbox.forms import auth_address
from itpm_byte.sandbox.server import SandboxServer
from tests.visitor import Page, Visitor


def enter(lms: SandboxServer, visitor: Visitor, person: str) -> Visitor:
    lms.enter(visitor.session, person)
    return visitor


def open_byte(lms: SandboxServer, visitor: Visitor, person: str, link: str = "careers", **claims: object) -> Page:
    """From the LMS's log-in through the signed launch to where the tool leads."""
    return visitor.read(lms.launch(visitor.session, person, link, **claims).post())


def look_at_work(lms: SandboxServer, visitor: Visitor, course: str, item: int, learner: str) -> Page:
    """From the link in the gradebook, through the frame's login and launch, to what the tool shows."""
    frame = visitor.open(f"{lms.url}/courses/{course}/grades/{item}/{learner}/")
    assert frame.status == 200, frame.text
    login = visitor.open(frame.frames[0]).forms[0]
    fields = {name: values[0] for name, values in login.fields.items()}
    answer = visitor.session.post(login.action, data=fields, allow_redirects=False, timeout=30)
    posting = visitor.read(visitor.session.get(auth_address(answer), timeout=30)).forms[0]
    assert urlsplit(posting.action).path == "/lti/launch/"
    sent = {name: values[0] for name, values in posting.fields.items()}
    return visitor.read(visitor.session.post(posting.action, data=sent, timeout=30))


def copy_course(lms: SandboxServer, visitor: Visitor, course: str = "careers") -> Page:
    """Press the teacher's button."""
    page = visitor.open(f"{lms.url}/courses/{course}/")
    return visitor.submit(page.form("/copy/"))
