"""The gradebook: own grades for learners, all for teachers, fresh by itself, and a teacher's own mark."""

import re

import pytest


def cells(lms, browser, user, course="careers"):
    lms.enter(browser, user)
    said = browser.get(f"{lms.url}/courses/{course}/grades.json", timeout=20).json()["cells"]
    return {cell["id"]: cell for cell in said}


def change(lms, browser, user, **fields):
    lms.enter(browser, user)
    page = browser.get(f"{lms.url}/courses/careers/grades/", timeout=20).text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    return browser.post(
        f"{lms.url}/courses/careers/grades/change/",
        data={"csrfmiddlewaretoken": token, "item": "29", "learner": "lin"} | fields,
        timeout=20,
    )


def test_a_grade_appears_with_comment_and_time(moodle, tool, browser):
    assert cells(moodle, browser, "lin")["grade-29-lin"]["mark"] == "–"
    tool.send_score(scoreGiven=0.75)
    cell = cells(moodle, browser, "lin")["grade-29-lin"]
    assert (cell["mark"], cell["maximum"], cell["comment"]) == ("7.5", "10", "Well done")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", cell["received_at"])


def test_the_page_says_the_same_without_scripts(moodle, tool, browser):
    tool.send_score(comment="<b>Well</b>")
    moodle.enter(browser, "lin")
    page = browser.get(f"{moodle.url}/courses/careers/grades/", timeout=20).text
    assert '<strong class="mark" data-part="mark">10</strong>' in page
    assert "&lt;b&gt;Well&lt;/b&gt;" in page
    assert "Your grades" in page


@pytest.mark.parametrize(("given", "mark"), [(1 / 3, "3.33"), (0, "0"), (0.05, "0.5")])
def test_marks_are_short(moodle, tool, browser, given, mark):
    tool.send_score(scoreGiven=given)
    assert cells(moodle, browser, "lin")["grade-29-lin"]["mark"] == mark


def test_learners_see_their_own_and_teachers_all_learners(moodle, browser):
    assert {cell["learner"] for cell in cells(moodle, browser, "lin").values()} == {"lin"}
    everyone = {"lin", "kai", "noor", "mei", "zoe", "test"}
    for teacher in ("ada", "tom", "ines"):
        assert {cell["learner"] for cell in cells(moodle, browser, teacher).values()} == everyone


def test_nobody_sees_grades_of_another_course_or_without_entering(moodle, browser):
    url = f"{moodle.url}/courses/careers/grades.json"
    assert browser.get(url, timeout=20).status_code == 403
    moodle.enter(browser, "max")
    assert browser.get(url, timeout=20).status_code == 403


def test_a_teachers_own_mark_is_shown_and_marked_until_taken_back(moodle, tool, browser):
    tool.send_score()
    assert change(moodle, browser, "ada", mark="7,5").status_code == 200
    cell = cells(moodle, browser, "lin")["grade-29-lin"]
    assert (cell["mark"], cell["notes"]) == ("7.5", "set by a teacher")
    change(moodle, browser, "ada", mark="")
    cell = cells(moodle, browser, "lin")["grade-29-lin"]
    assert (cell["mark"], cell["notes"]) == ("10", "")


def test_a_lock_refuses_the_tools_scores(moodle, tool, browser):
    change(moodle, browser, "ada", lock="on")
    assert cells(moodle, browser, "lin")["grade-29-lin"]["notes"] == "locked"
    assert tool.send_score().status_code == 500
    change(moodle, browser, "ada")
    assert tool.send_score().status_code == 200


@pytest.mark.parametrize("mark", ["eleven", "-1", "10.5", "nan", "inf"])
def test_what_is_no_mark_is_refused_in_words(moodle, browser, mark):
    answer = change(moodle, browser, "ada", mark=mark)
    assert answer.status_code == 400
    assert "A mark is a number from 0 to 10." in answer.text
    assert moodle.store.grade("lin", "careers") is None


@pytest.mark.parametrize(("user", "status"), [("ada", 200), ("ines", 200), ("tom", 403), ("lin", 403)])
def test_only_teachers_change_grades(moodle, browser, user, status):
    assert change(moodle, browser, user, mark="3").status_code == status
    assert (moodle.store.grade("lin", "careers") is not None) == (status == 200)


@pytest.mark.parametrize("fields", [{"item": "31"}, {"item": "999"}, {"learner": "max"}])
def test_nothing_outside_the_course_is_changed(moodle, browser, fields):
    assert change(moodle, browser, "ada", mark="1", **fields).status_code == 403
    assert moodle.store.all()["grades"] == {}
