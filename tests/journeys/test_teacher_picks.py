"""A teacher adds the Byte through the LMS's own picker, and learners get it as she set it up. No JavaScript."""

import pytest

from itpm_byte.sandbox.server import SandboxServer
from tests.live import LiveTool, wait_for
from tests.visitor import Page, Visitor

CAREERS = "/courses/careers/"


def select_content(lms: SandboxServer, ada: Visitor) -> Page:
    """Up to the picker's page."""
    return ada.read(lms.select(ada.session, "ada", "careers").post())


def send_back(ada: Visitor, page: Page) -> Page:
    """Press the picker's last button: the browser posts the answer to the LMS, from another site."""
    form = next(form for form in page.forms if "JWT" in form.fields)
    return ada.read(ada.session.post(form.action, data=form.fields, headers={"Origin": "null"}, timeout=30))


def onward(ada: Visitor, page: Page) -> Page:
    return ada.open(page.links["Back to the course"])


def test_ada_picks_the_byte_in_moodle_and_lin_gets_it_as_she_set_it_up(tool: LiveTool, lms: SandboxServer):
    ada, lin = Visitor(), Visitor()
    details = select_content(lms, ada)
    assert "How it works in your course" in details.text

    sent = ada.submit(
        details.form("/pick/details/"),
        points="20",
        attempts_allowed="2",
        grade_on="both",
        which_counts="best",
        reveal="never",
        **{"it-project-manager-title": "Is this job for you?"},
    )
    form = onward(ada, send_back(ada, sent))
    assert form.form("/add/").fields["name"] == ["Is this job for you?"]
    course = ada.submit(form.form("/add/"))

    assert "Is this job for you?" in course.links
    link = added(lms)
    assert lms.store.line_item(link)["score_maximum"] == 20
    byte = lin.read(lms.launch(lin.session, "lin", link).post())
    assert "You have 2 of 2 attempts left. Half of the grade is for completing" in byte.text
    lin.submit(byte.form("/answer/"), choice="peter")
    assert wait_for(lambda: (lms.store.grade("lin", link) or {}).get("score"), "half the grade") == 10
    assert lms.journal.refusals == []


def test_a_copied_activity_keeps_the_settings(tool: LiveTool, lms: SandboxServer):
    """OTH-08: Moodle's duplicate has the same parameters and a link id of its own."""
    ada, lin = Visitor(), Visitor()
    details = select_content(lms, ada)
    sent = ada.submit(
        details.form("/pick/details/"), attempts_allowed="3", grade_on="quiz", which_counts="best", reveal="never"
    )
    ada.submit(onward(ada, send_back(ada, sent)).form("/add/"))
    link = lms.store.link(added(lms))
    copy = {**link, "key": "copy", "id": "99", "activity": 99, "title": "Copy"}
    lms.call("change", room="links", key="copy", changes=copy)

    byte = lin.read(lms.launch(lin.session, "lin", "copy").post())

    assert "You have 3 of 3 attempts left." in byte.text


def test_nothing_chosen_brings_the_teacher_back_empty_handed(tool: LiveTool, lms: SandboxServer):
    ada = Visitor()
    details = select_content(lms, ada)

    form = onward(ada, send_back(ada, ada.submit(details.form("/pick/nothing/"))))

    assert "Nothing was chosen." in form.text
    assert form.form("/add/").fields["name"] == [""]


def test_an_activity_saved_by_its_name_alone_shows_the_only_byte_there_is(tool: LiveTool, lms: SandboxServer):
    """As Moodle's teachers do, without "Select content"."""
    ada, lin = Visitor(), Visitor()
    lms.enter(ada.session, "ada")
    form = ada.open(f"{lms.url}{CAREERS}add/")
    ada.submit(form.form("/add/"), name="By name alone")

    byte = lin.read(lms.launch(lin.session, "lin", added(lms)).post())

    assert "You are Lin Tran, in Careers 101" in byte.text
    assert lms.store.line_item(added(lms)) is None


@pytest.mark.parametrize("person", ["lin", "tom"])
def test_who_does_not_teach_cannot_add_anything(person: str, tool: LiveTool, lms: SandboxServer):
    visitor = Visitor()
    lms.enter(visitor.session, person)
    assert visitor.open(f"{lms.url}{CAREERS}add/").status == 403


def test_a_learner_who_forges_the_way_into_the_picker_is_sent_away(tool: LiveTool, lms: SandboxServer):
    """SEC-13: an LMS that let a learner press the button would still say who that is."""
    lin = Visitor()

    page = lin.read(lms.select(lin.session, "lin", "careers").post())

    assert page.status == 403
    assert "Only teachers can choose activities" in page.text


def test_the_lms_takes_an_answer_once(tool: LiveTool, lms: SandboxServer):
    """DL-04: our page gives the same answer again, and the LMS refuses it."""
    ada = Visitor()
    details = select_content(lms, ada)
    sent = ada.submit(details.form("/pick/details/"), grade_on="quiz", which_counts="best", reveal="never")
    again = ada.open(sent.url)
    send_back(ada, sent)

    refused = send_back(ada, again)

    assert (refused.status, "This was answered before" in refused.text) == (400, True)


def added(lms: SandboxServer) -> str:
    """The key of the newest link."""
    links = lms.store.all()["links"].values()
    return max(links, key=lambda link: link["activity"])["key"]
