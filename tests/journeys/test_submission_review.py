"""From the gradebook to the attempt: teachers and students land on the right one (OTH-10)."""

from itpm_byte.sandbox.server import SandboxServer
from tests.journeys.ways import enter, look_at_work, open_byte
from tests.live import LiveTool, wait_for
from tests.visitor import Visitor


def answered(lms: SandboxServer, person: str, choice: str) -> Visitor:
    visitor = Visitor()
    page = open_byte(lms, visitor, person)
    visitor.submit(page.form("/answer/"), choice=choice)
    return visitor


def test_teacher_and_student_see_the_attempt_others_do_not(tool: LiveTool, lms: SandboxServer):
    """The column never declared submissionReview; Moodle sends the message all the same."""
    lin, kai = answered(lms, "lin", "peter"), answered(lms, "kai", "samantha")
    item = lms.store.line_item("careers")["id"]

    ada = enter(lms, Visitor(), "ada")
    of_lin = look_at_work(lms, ada, "careers", item, "lin")
    assert of_lin.status == 200
    assert "Attempts of Lin Tran" in of_lin.text
    assert "0 of 1" in of_lin.text
    assert "Attempts of Kai Jensen" in look_at_work(lms, ada, "careers", item, "kai").text

    own = look_at_work(lms, enter(lms, kai, "kai"), "careers", item, "kai")
    assert "Your attempts" in own.text
    assert "1 of 1" in own.text

    # Kai's browser and session, Lin's page.
    stolen = own.url.rpartition("attempts/")[0] + "attempts/" + of_lin.url.rpartition("attempts/")[2]
    assert kai.open(stolen).status == 404
    assert lin.open(of_lin.url).status in {401, 403}
    assert lms.journal.refusals == []


def test_a_column_that_declares_its_review_and_a_plain_launch_lead_there_too(tool: LiveTool, lms: SandboxServer):
    answered(lms, "lin", "peter")
    wish = {"url": f"{tool.url}/lti/launch/", "custom": {"byte": "it-project-manager"}}
    lms.store.change_line_item("careers", submission_review=wish)
    ada = enter(lms, Visitor(), "ada")

    declared = look_at_work(lms, ada, "careers", lms.store.line_item("careers")["id"], "lin")
    plain = open_byte(lms, ada, "ada", for_user={"user_id": lms.store.person("lin")["id"]})

    for page in (declared, plain):
        assert "Attempts of Lin Tran" in page.text


def test_a_student_who_asks_for_somebody_elses_work_is_refused_in_words(tool: LiveTool, lms: SandboxServer):
    answered(lms, "lin", "peter")
    others = {"message_type": "LtiSubmissionReviewRequest", "for_user": {"user_id": lms.store.person("lin")["id"]}}

    page = open_byte(lms, Visitor(), "kai", **others)

    assert page.status == 403
    assert "somebody else's work" in page.text
    assert "Lin" not in page.text


def test_canvas_opens_the_address_that_came_with_the_submission(tool: LiveTool, lms: SandboxServer):
    """AGS-32: SpeedGrader has no message of its own, and names another link beside that address."""
    with SandboxServer(tool.url, manner="canvas") as canvas:
        tool.connect(canvas)
        lin = answered(canvas, "lin", "peter")
        item = canvas.store.line_item("careers")["id"]
        wait_for(lambda: (canvas.store.grade("lin", "careers") or {}).get("work_url"), "the submission")

        of_lin = look_at_work(canvas, enter(canvas, Visitor(), "ada"), "careers", item, "lin")
        own = look_at_work(canvas, enter(canvas, lin, "lin"), "careers", item, "lin")

        assert "Attempts of Lin Tran" in of_lin.text
        assert "0 of 1" in of_lin.text
        assert "Your attempts" in own.text
        assert canvas.journal.refusals == []
        tool.forget()
