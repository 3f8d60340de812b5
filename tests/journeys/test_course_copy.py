"""A teacher copies the course: settings come along, attempts stay, the teacher is asked once (OTH-08)."""

from itpm_byte.sandbox.server import SandboxServer
from tests.journeys.ways import copy_course, enter, open_byte
from tests.live import LiveTool, wait_for
from tests.visitor import Visitor

COPY = "careers-in-careers-copy2"
SET = (
    "from itpm_byte.learning.models import Placement; Placement.objects.update(attempts_allowed=3, which_counts='last')"
)
SETTINGS = (
    "from itpm_byte.learning.models import Placement; "
    "print(list(Placement.objects.order_by('pk').values_list('copy_state', 'attempts_allowed')))"
)


def test_the_teacher_of_a_copied_course_takes_the_old_settings(tool: LiveTool, lms: SandboxServer):
    """Moodle fills in the course's history only, so the copy is likely, and the teacher says that it is one."""
    lin, ada = Visitor(), Visitor()
    page = open_byte(lms, lin, "lin")
    lin.submit(page.form("/answer/"), choice="peter")
    tool.python(SET)
    enter(lms, ada, "ada")
    copy_course(lms, ada)

    asked = open_byte(lms, ada, "ada", COPY)

    assert "Is this activity a copy?" in asked.text
    assert "Careers 101" in asked.text
    form = asked.form("/copied/")
    settings = ada.submit(form, answer="take", origin=form.options["origin"][0])
    assert "Settings of" in settings.text
    assert tool.python(SETTINGS) == "[('none', 3), ('kept', 3)]"
    assert "Is this activity a copy?" not in open_byte(lms, ada, "ada", COPY).text

    lms.store.enrol("lin", "careers-copy2")
    fresh = open_byte(lms, lin, "lin", COPY)
    assert "3 attempts" in fresh.text
    assert "Your attempts" not in fresh.text


def test_a_certain_copy_is_ready_for_learners_and_the_teacher_may_begin_afresh(tool: LiveTool, lms: SandboxServer):
    """As where the LMS fills in the history of links."""
    ada, lin = Visitor(), Visitor()
    open_byte(lms, ada, "ada")
    tool.python(SET)
    copy_course(lms, ada)
    history = {"byte": "it-project-manager", "link_history": lms.store.link("careers")["id"]}
    lms.store.change_link(COPY, custom=history)
    lms.store.enrol("lin", "careers-copy2")

    assert "3 attempts" in open_byte(lms, lin, "lin", COPY).text
    asked = open_byte(lms, ada, "ada", COPY)
    assert "It was copied from IT Project Manager in Careers 101" in asked.text
    ada.submit(asked.form("/copied/"), answer="afresh")

    assert tool.python(SETTINGS) == "[('none', 3), ('fresh', None)]"


def test_canvas_tells_of_the_copy_by_itself(tool: LiveTool, lms: SandboxServer):
    """OTH-09: the launch offers notices, the worker asks for them, the copy is announced before anybody opens it."""
    ada = Visitor()
    with SandboxServer(tool.url, manner="canvas") as canvas:
        tool.connect(canvas)
        open_byte(canvas, ada, "ada")
        wait_for(lambda: canvas.journal.entries("notice-handlers"), "our address at the LMS")
        copy_course(canvas, enter(canvas, ada, "ada"))

        origins = "from lti.models import Context; print([c.title for c in Context.objects.exclude(origin_ids=[])])"
        told = wait_for(lambda: (found := tool.python(origins)) != "[]" and found, "the notice")

        assert told == "['Careers 101, 2']"
        assert canvas.journal.refusals == []
        tool.forget()
        tool.python(
            "from lti.models import *; "
            f"mine = Registration.objects.filter(issuer='{canvas.issuer}', client_id='{canvas.client_id}'); "
            "Deployment.objects.filter(registration__in=mine).delete(); mine.delete()"
        )
