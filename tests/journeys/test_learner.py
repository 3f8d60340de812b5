"""Whole ways through the service, by a learner whose browser has no JavaScript. Nothing on them is faked."""

from itpm_byte.sandbox.server import SandboxServer
from tests.live import LiveTool, wait_for
from tests.visitor import Page, Visitor

RIGHT, WRONG = "samantha", "peter"


def open_byte(lms: SandboxServer, visitor: Visitor, person: str, link: str = "careers") -> Page:
    """From the LMS's log-in through the signed launch to the Byte's page."""
    form = lms.launch(visitor.session, person, link)
    return visitor.read(form.post())


def answer(visitor: Visitor, page: Page, choice: str) -> Page:
    return visitor.submit(page.form("/answer/"), choice=choice)


def test_a_student_opens_the_byte_and_sees_who_they_are_and_all_its_parts(tool: LiveTool, lms: SandboxServer):
    page = open_byte(lms, Visitor(), "lin")

    assert page.status == 200
    assert page.url.startswith(f"{tool.url}/l/")
    assert "You are Lin Tran, in Careers 101" in page.text
    for words in (
        "C$82,000",
        "US$88,980",
        "Samantha",
        "Peter",
        "Rachel",
        "George",
        "This Byte helped me better understand",
    ):
        assert words in page.text
    assert lms.journal.refusals == []


def test_the_grade_of_the_right_answer_arrives_in_the_gradebook(tool: LiveTool, lms: SandboxServer):
    lin = Visitor()
    page = open_byte(lms, lin, "lin")

    after = answer(lin, page, RIGHT)

    assert "Your answer is saved." in after.text
    grade = wait_for(lambda: _grade(lms, "lin"), "Lin's grade")
    assert grade == 10  # 1 of 1 point, in a column of 10
    wait_for(
        lambda: "In the gradebook" in lin.open(page.url).text or "gradebook" in lin.open(page.url).text, "the words"
    )
    assert lms.journal.refusals == []


def test_zero_is_a_grade_and_the_best_attempt_counts(tool: LiveTool, lms: SandboxServer):
    lin = Visitor()
    page = open_byte(lms, lin, "lin")

    answer(lin, page, WRONG)
    assert wait_for(lambda: _grade(lms, "lin") is not None, "a grade of nought")
    assert _grade(lms, "lin") == 0
    again = lin.open(f"{page.url}?again=1")
    answer(lin, again, RIGHT)
    assert wait_for(lambda: _grade(lms, "lin"), "the better grade") == 10
    third = lin.open(f"{page.url}?again=1")
    answer(lin, third, WRONG)

    assert "1 of 1" in lin.open(page.url).text
    assert _grade(lms, "lin") == 10


def test_the_same_form_sent_twice_is_one_attempt(tool: LiveTool, lms: SandboxServer):
    lin = Visitor()
    page = open_byte(lms, lin, "lin")

    first, second = answer(lin, page, WRONG), answer(lin, page, WRONG)

    assert (first.status, second.status) == (200, 200)
    assert tool.python("from itpm_byte.learning.models import Attempt; print(Attempt.objects.count())") == "1"


def test_two_learners_on_one_computer_never_mix(tool: LiveTool, lms: SandboxServer):
    computer = Visitor()
    lins_page = open_byte(lms, computer, "lin")
    kais_page = open_byte(lms, computer, "kai")

    assert "Kai Jensen" in kais_page.text
    assert "Lin Tran" not in kais_page.text
    left_open = computer.open(lins_page.url)
    assert left_open.status == 401
    assert "Lin Tran" not in left_open.text
    refused = answer(computer, lins_page, RIGHT)
    assert refused.status in {401, 403}

    answer(computer, kais_page, RIGHT)
    assert wait_for(lambda: _grade(lms, "kai"), "Kai's grade") == 10
    assert _grade(lms, "lin") is None


def test_two_tabs_in_two_courses_keep_apart(tool: LiveTool, lms: SandboxServer):
    lin = Visitor()
    careers = open_byte(lms, lin, "lin", "careers")
    office = open_byte(lms, lin, "lin", "office")

    answer(lin, office, WRONG)
    answer(lin, careers, RIGHT)

    assert wait_for(lambda: _grade(lms, "lin", "careers"), "the grade in Careers 101") == 10
    assert wait_for(lambda: _grade(lms, "lin", "office") is not None, "the grade in Office Skills 2")
    assert _grade(lms, "lin", "office") == 0


def test_a_teacher_previews_and_nothing_is_recorded_or_graded(tool: LiveTool, lms: SandboxServer):
    ada = Visitor()
    overview = open_byte(lms, ada, "ada")
    page = ada.open(overview.links["Preview as learner"])

    after = answer(ada, page, RIGHT)

    assert "Overview of IT Project Manager" in overview.text

    assert "Preview: nothing is recorded, nothing is graded." in page.text
    assert "nothing was recorded" in after.text
    counted = (
        "from itpm_byte.learning.models import Attempt, Progress; "
        "print(Attempt.objects.count(), Progress.objects.count())"
    )
    assert tool.python(counted) == "0 0"
    assert lms.journal.scores() == []


def test_while_the_lms_is_down_nothing_is_lost_and_the_grade_follows(tool: LiveTool, lms: SandboxServer):
    lin = Visitor()
    page = open_byte(lms, lin, "lin")
    lms.faults.add("everything", "status", status=503)

    after = answer(lin, page, RIGHT)

    assert "Your answer is saved." in after.text
    wait_for(lambda: lms.journal.entries(endpoint="token") or lms.journal.entries(endpoint="scores"), "a first try")
    assert _grade(lms, "lin") is None
    lms.faults.clear()
    tool.ring()
    assert wait_for(lambda: _grade(lms, "lin"), "the grade after the outage", seconds=40) == 10


def test_kill_nine_of_the_worker_loses_no_grade(tool: LiveTool, lms: SandboxServer):
    lin = Visitor()
    page = open_byte(lms, lin, "lin")
    tool.kill_worker()

    answer(lin, page, RIGHT)
    assert _grade(lms, "lin") is None
    tool.start_worker()

    assert wait_for(lambda: _grade(lms, "lin"), "the grade after the restart", seconds=40) == 10


def test_a_rating_is_kept_and_may_be_changed(tool: LiveTool, lms: SandboxServer):
    lin = Visitor()
    page = open_byte(lms, lin, "lin")

    thanked = lin.submit(page.form("/feedback/"), rating="4", comment="Clear <b>words</b>")
    lin.submit(thanked.form("/feedback/"), rating="5", comment="Even clearer")

    kept = (
        "from itpm_byte.learning.models import Feedback; print(list(Feedback.objects.values_list('rating', 'comment')))"
    )
    assert tool.python(kept) == "[(5, 'Even clearer')]"


def _grade(lms: SandboxServer, person: str, link: str = "careers") -> float | None:
    cell = lms.store.grade(person, link)
    return None if not cell or cell["score"] is None else float(cell["score"])
