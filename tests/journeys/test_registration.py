"""From a link that staff made to a learner's grade: nothing was typed on either side."""

from collections.abc import Iterator

import pytest

from itpm_byte.sandbox.server import SandboxServer
from tests.journeys.test_learner import RIGHT, answer, open_byte
from tests.live import LiveTool, wait_for
from tests.lti.registering.steps import activate, paste
from tests.visitor import Page, Visitor


@pytest.fixture
def address(tool: LiveTool, lms: SandboxServer) -> Iterator[str]:
    """A link of the operator's; afterwards the tool knows the LMS as it did before."""
    known = tool.python("from lti.models import *; print([row.pk for row in Registration.objects.all()])")
    yield tool.manage("registration_link", "Sandbox").splitlines()[-1]
    tool.forget()
    tool.python(
        "from lti.models import *; RegistrationLink.objects.all().delete(); "
        f"Deployment.objects.exclude(registration__in={known}).delete(); "
        f"Registration.objects.exclude(pk__in={known}).delete()"
    )


def confirm(page: Page) -> Page:
    """In the frame: no cookie of anybody's comes along."""
    frame = Visitor()
    return frame.submit(frame.open(page.frames[0]).form("/"))


def launched(lms: SandboxServer, person: str) -> Page:
    visitor = Visitor()
    return visitor.read(lms.launch(visitor.session, person, "careers").post())


def test_an_lms_registers_itself_is_approved_and_grades_arrive(tool: LiveTool, lms: SandboxServer, address: str):
    ines, page = paste(lms, address)
    finished = confirm(page)

    for words in ("Registered", "press Activate", "waits for the people who run this service"):
        assert words in finished.text
    activate(lms, ines)
    assert "This learning platform is not connected" in lms.begin(Visitor().session, "lin", "careers").text

    tool.python(
        "from lti.registering import approvals; from lti.models import *; from django.utils import timezone; "
        "approvals.approve(Registration.objects.get(status='pending'), by=None, now=timezone.now())"
    )
    lin = Visitor()
    answer(lin, open_byte(lms, lin, "lin"), RIGHT)
    wait_for(lambda: (lms.store.grade("lin", "careers") or {}).get("score"), "Lin's grade")
    assert (lms.store.grade("lin", "careers") or {})["score"] == 10
    assert lms.journal.refusals == []


def test_a_renewed_registration_keeps_people_and_their_attempts(tool: LiveTool, lms: SandboxServer, address: str):
    lin = Visitor()
    answer(lin, open_byte(lms, lin, "lin"), RIGHT)
    known = tool.python(
        f"from lti.models import *; r = Registration.objects.get(issuer='{lms.issuer}', client_id='{lms.client_id}'); "
        "print(r.uuid, r.institution.slug)"
    )
    uuid, owner = known.split()
    link = tool.manage("registration_link", "Sandbox", "--institution", owner.title()).splitlines()[-1]

    _ines, page = paste(lms, link, how="update")
    finished = confirm(page)

    assert "Registration renewed" in finished.text
    assert uuid not in lms.store.registration["login_url"]
    assert "Samantha" in launched(lms, "lin").text
    counted = tool.python(
        "from lti.models import *; from itpm_byte.learning.models import *; "
        "lins = PlatformUser.objects.filter(name='Lin Tran'); "
        f"print(Registration.objects.filter(issuer='{lms.issuer}').count(), lins.count(), Attempt.objects.count())"
    )
    assert counted == "1 1 1"
    assert lms.journal.refusals == []


def test_a_link_works_for_one_lms_only(tool: LiveTool, lms: SandboxServer, address: str):
    confirm(paste(lms, address)[1])
    again = Visitor().open(paste(lms, address)[1].frames[0])
    assert again.status == 410
    assert "Each link works once" in again.text
    assert lms.journal.refusals == []
