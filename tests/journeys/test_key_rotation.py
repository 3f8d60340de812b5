"""Both sides change their keys while people launch and answer: nobody and no grade is lost (T9, OTH-15, OK-21)."""

import pytest

from itpm_byte.sandbox.server import SandboxServer
from tests.journeys.ways import open_byte
from tests.live import LiveTool, wait_for
from tests.visitor import Visitor


@pytest.fixture(autouse=True)
def _nobody_asked_for_keys_a_moment_ago(tool: LiveTool) -> None:
    """At most once a minute the tool looks for an unknown key (SEC-16); another test may just have made it look."""
    tool.python("from lti.models import Registration; Registration.objects.update(jwks_missed_at=None)")


def test_launches_on_their_way_arrive_whichever_key_signed_them(tool: LiveTool, lms: SandboxServer):
    people = {name: Visitor() for name in ("lin", "kai", "noor", "mei")}
    first = open_byte(lms, people["lin"], "lin")
    early = {name: lms.launch(people[name].session, name, "careers") for name in ("kai", "noor")}
    lms.rotate_keys(overlaps=True)
    late = lms.launch(people["mei"].session, "mei", "careers")

    # Old, new, old: the new key is looked up between two launches that the old one signed.
    pages = [
        people["kai"].read(early["kai"].post()),
        people["mei"].read(late.post()),
        people["noor"].read(early["noor"].post()),
        open_byte(lms, Visitor(), "zoe"),
    ]

    assert [page.status for page in (first, *pages)] == [200] * 5
    assert "You are Kai Jensen" in pages[0].text
    assert "Vous êtes Zoë" in pages[3].text


def test_grades_go_on_while_the_tool_changes_its_key(tool: LiveTool, lms: SandboxServer):
    pages = {name: (visitor := Visitor(), open_byte(lms, visitor, name)) for name in ("lin", "kai", "mei")}

    for name, changes in (("lin", ()), ("kai", ("rotate_key",)), ("mei", ("rotate_key", "--now"))):
        if changes:
            tool.manage(*changes)
            lms.forget_tokens()
        visitor, page = pages[name]
        visitor.submit(page.form("/answer/"), choice="samantha")
        wait_for(lambda name=name: lms.store.grade(name, "careers"), f"the grade of {name}")

    signed = [entry["status"] for entry in lms.journal.entries("token")]
    assert set(signed) == {200}
    assert [lms.store.grade(name, "careers")["score"] for name in pages] == [10, 10, 10]


def test_a_token_of_a_key_that_the_lms_no_longer_publishes_is_refused(tool: LiveTool, lms: SandboxServer):
    visitor = Visitor()
    withdrawn = lms.launch(visitor.session, "lin", "careers")
    lms.rotate_keys()
    assert open_byte(lms, Visitor(), "kai").status == 200

    page = visitor.read(withdrawn.post())

    assert page.status == 401
    assert "Lin" not in page.text
