"""Copying a course in the sandbox: what goes along, and what the tool is told of it (OTH-07 to OTH-09)."""

import pytest
import requests

from itpm_byte.sandbox.forms import first_form
from itpm_byte.sandbox.manners import AGS_CLAIM, CLAIM


def copy(lms, person="ada", course="careers"):
    session = requests.Session()
    lms.enter(session, person)
    page = session.get(f"{lms.url}/courses/{course}/", timeout=20)
    form = first_form(session, page)
    form.url = f"{lms.url}/courses/{course}/copy/"
    return form.post()


def custom(lms, link):
    return lms.claims("ada", link, nonce="n")[CLAIM + "custom"]


def test_links_columns_and_staff_go_along_learners_and_grades_do_not(moodle):
    moodle.store.change_grade("lin", "careers", score=7)

    page = copy(moodle)

    kept = moodle.store.all()
    assert page.url.endswith("/courses/careers-copy2/")
    assert "Careers 101, 2" in page.text
    staff = {key.partition(":")[2] for key in kept["enrolments"] if key.startswith("careers-copy2:")}
    assert staff == {"ada", "tom"}
    old, new = moodle.store.link("careers"), moodle.store.link("careers-in-careers-copy2")
    assert (new["title"], new["custom"], new["history"]) == (old["title"], old["custom"], [old["id"]])
    assert new["id"] != old["id"]
    assert moodle.store.line_item("careers-in-careers-copy2")["score_maximum"] == 10
    assert len(kept["grades"]) == 1


def test_a_copy_of_a_copy_knows_both_ancestors(canvas):
    copy(canvas)
    copy(canvas, course="careers-copy2")
    courses = canvas.store.all()["courses"]
    assert courses["careers-copy3"]["history"] == [courses["careers-copy2"]["id"], courses["careers"]["id"]]


def test_moodle_fills_in_the_history_of_courses_only(moodle):
    assert custom(moodle, "careers") == {"byte": "it-project-manager"}
    copy(moodle)
    told = custom(moodle, "careers-in-careers-copy2")
    assert (told["context_history"], told["link_history"]) == ("2", "$ResourceLink.id.history")


def test_canvas_fills_in_both(canvas):
    copy(canvas)
    told = custom(canvas, "careers-in-careers-copy2")
    assert told["link_history"] == canvas.store.link("careers")["id"]
    assert told["context_history"] == canvas.store.all()["courses"]["careers"]["id"]


def test_variables_of_an_activity_are_filled_in_as_well(moodle):
    moodle.store.change_link("careers", custom={"mine": "$Context.id.history", "other": "$Person.address.street1"})
    assert custom(moodle, "careers") == {"mine": "", "other": "$Person.address.street1"}


@pytest.mark.parametrize("person", ["tom", "lin", "bea"])
def test_only_who_teaches_the_course_copies_it(moodle, person):
    assert copy(moodle, person).status_code in {400, 403}
    assert "careers-copy2" not in moodle.store.all()["courses"]


def test_the_gradebook_leads_to_the_work_of_one_learner(moodle):
    """OTH-10: what Moodle sends for any column, declared or not."""
    session = requests.Session()
    moodle.enter(session, "ada")
    item = moodle.store.line_item("careers")["id"]
    grades = session.get(f"{moodle.url}/courses/careers/grades/", timeout=20).text
    assert f'href="/courses/careers/grades/{item}/lin/"' in grades

    page = session.get(f"{moodle.url}/courses/careers/grades/{item}/lin/", timeout=20)
    assert f'src="/courses/careers/grades/{item}/lin/launch/"' in page.text
    form = first_form(session, session.get(f"{moodle.url}/courses/careers/grades/{item}/lin/launch/", timeout=20))

    assert form.url == moodle.store.registration["login_url"]
    assert form.fields["login_hint"] == moodle.store.person("ada")["id"]


@pytest.mark.parametrize(
    ("reader", "learner", "status"), [("lin", "lin", 200), ("lin", "kai", 403), ("ada", "tom", 403)]
)
def test_learners_look_at_their_own_work_only(moodle, reader, learner, status):
    session = requests.Session()
    moodle.enter(session, reader)
    item = moodle.store.line_item("careers")["id"]
    assert session.get(f"{moodle.url}/courses/careers/grades/{item}/{learner}/", timeout=20).status_code == status


def test_what_a_review_says():
    from itpm_byte.sandbox.lms import Lms
    from itpm_byte.sandbox.review import review_claims

    lms = Lms("http://localhost:1", "http://127.0.0.1:2", manner="moodle")
    column = lms.store.line_item_of(lms.store.links["careers"])
    column.submission_review = {"url": "http://127.0.0.1:2/lti/launch/?r=1", "custom": {"a": "b"}}

    told = review_claims(lms, column, lms.store.people["lin"])

    assert told == {
        CLAIM + "message_type": "LtiSubmissionReviewRequest",
        CLAIM + "for_user": {"user_id": lms.store.people["lin"].id},
        CLAIM + "target_link_uri": "http://127.0.0.1:2/lti/launch/?r=1",
        CLAIM + "custom": {"a": "b"},
    }
    assert AGS_CLAIM not in told


def test_canvas_has_no_message_for_reviews_it_opens_what_was_submitted_and_names_a_wrong_link(canvas):
    session = requests.Session()
    canvas.enter(session, "ada")
    item = canvas.store.line_item("careers")["id"]
    work = f"{canvas.url}/courses/careers/grades/{item}/lin/"
    assert session.get(work, timeout=20).status_code == 403

    canvas.store.change_grade("lin", "careers", work_url="http://127.0.0.1:2/lti/launch/?work=7")
    assert session.get(work, timeout=20).status_code == 200
    form = first_form(session, session.get(work + "launch/", timeout=20))
    assert form.fields["target_link_uri"] == "http://127.0.0.1:2/lti/launch/?work=7"
