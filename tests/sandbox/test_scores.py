"""What becomes of a score: Moodle as measured, Canvas as documented."""

from datetime import UTC, datetime, timedelta

import pytest

from itpm_byte.sandbox.scores import SUBMISSION
from itpm_byte.sandbox.service import RESULTS_TYPE

AT_TEN = "2026-11-23T10:00:00.000Z"
LATER = "2026-11-23T10:00:01.000Z"


def grade(lms, user="lin", link="careers"):
    found = lms.store.grade(user, link)
    return (found["score"], found["comment"]) if found else None


def results(lms, tool, link="careers"):
    answer = tool.request("GET", tool.address(link, "/results"), headers={"Accept": RESULTS_TYPE})
    return {row["userId"]: (row.get("resultScore"), row.get("resultMaximum")) for row in answer.json()}


def test_a_score_is_kept_on_the_columns_own_scale(lms, tool):
    answer = tool.send_score(scoreGiven=1, scoreMaximum=4)
    assert answer.status_code == 200
    assert grade(lms) == (2.5, "Well done")
    assert lms.store.grade("lin", "careers")["timestamp"] == AT_TEN
    assert lms.journal.refusals == []


def test_moodle_answers_nothing_and_canvas_the_address_of_the_result(moodle, canvas, tool):
    assert tool.send_score().json() == {
        "resultUrl": f"{tool.address('careers')}/results/{canvas.store.person('lin')['id']}"
    }
    tool.lms = moodle
    answer = tool.send_score()
    assert (answer.status_code, answer.content) == (200, b"")


class TestMoodle:
    @pytest.mark.parametrize("timestamp", [AT_TEN, "2026-11-23T10:00:00.999Z", "2026-11-23T09:59:59Z"])
    def test_the_same_second_or_an_earlier_one_is_409(self, moodle, tool, timestamp):
        tool.send_score()
        answer = tool.send_score(timestamp=timestamp, scoreGiven=0.5)
        assert (answer.status_code, answer.text) == (409, "[]")
        assert answer.reason == "Refusing score with an earlier timestamp for item 29 and user 5"
        assert grade(moodle) == (10, "Well done")

    def test_a_second_later_is_taken(self, moodle, tool):
        tool.send_score(timestamp="2026-11-23T10:00:00.999Z")
        assert tool.send_score(timestamp="2026-11-23T10:00:01.000Z", scoreGiven=0.5).status_code == 200
        assert grade(moodle) == (5, "Well done")

    def test_the_zone_of_a_timestamp_counts(self, moodle, tool):
        tool.send_score()
        assert tool.send_score(timestamp="2026-11-23T11:30:00+02:00").status_code == 409

    def test_a_timestamp_in_the_future_is_taken_and_blocks_honest_ones(self, moodle, tool):
        now = datetime.now(UTC)
        assert tool.send_score(timestamp=(now + timedelta(minutes=5)).isoformat()).status_code == 200
        assert tool.send_score(timestamp=now.isoformat()).status_code == 409

    @pytest.mark.parametrize("progress", ["NotReady", "Pending", "PendingManual", "Failed"])
    def test_anything_but_fully_graded_wipes_grade_and_comment(self, moodle, tool, progress):
        tool.send_score()
        assert tool.send_score(timestamp=LATER, gradingProgress=progress).status_code == 200
        assert grade(moodle) == (None, "")
        assert results(moodle, tool) == {}

    def test_a_comment_alone_wipes_the_grade_and_is_kept(self, moodle, tool):
        tool.send_score()
        answer = tool.send_score(timestamp=LATER, scoreGiven=None, scoreMaximum=None, comment="Only words")
        assert answer.status_code == 200
        assert grade(moodle) == (None, "Only words")

    def test_no_comment_wipes_an_earlier_one(self, moodle, tool):
        tool.send_score()
        tool.send_score(timestamp=LATER, comment=None)
        assert grade(moodle) == (10, "")

    @pytest.mark.parametrize(("given", "shown"), [(15, 10), (-3, 0)])
    def test_points_beyond_the_scale_are_capped(self, moodle, tool, given, shown):
        assert tool.send_score(scoreGiven=given, scoreMaximum=10).status_code == 200
        assert grade(moodle) == (shown, "Well done")

    def test_a_maximum_of_zero_means_points(self, moodle, tool):
        assert tool.send_score(scoreGiven=3, scoreMaximum=0).status_code == 200
        assert grade(moodle) == (3, "Well done")

    def test_numbers_as_strings_and_a_user_id_as_number_are_taken(self, moodle, tool):
        assert tool.send_score(scoreGiven="1", scoreMaximum="2", userId=5).status_code == 200
        assert grade(moodle) == (5, "Well done")

    def test_an_unknown_activity_progress_is_not_looked_at(self, moodle, tool):
        assert tool.send_score(activityProgress="Banana").status_code == 200

    @pytest.mark.parametrize(
        "changes",
        [
            {"timestamp": None},
            {"timestamp": "yesterday"},
            {"timestamp": "2026-11-23T10:00:00"},
            {"activityProgress": None},
            {"gradingProgress": None},
            {"scoreMaximum": None},
            {"scoreGiven": "many"},
            {"userId": None},
            {"userId": "3"},  # Ada teaches
            {"userId": "4"},  # Tom assists
            {"userId": "2"},  # Ines looks after the LMS
            {"userId": "10"},  # Max learns elsewhere
            {"userId": "999"},
        ],
    )
    def test_a_wrong_field_or_somebody_not_gradable_is_400_and_says_the_whole_body(self, moodle, tool, changes):
        answer = tool.send_score(**changes)
        assert (answer.status_code, answer.text) == (400, "[]")
        assert answer.reason.startswith("Incorrect score received{")
        assert moodle.store.all()["grades"] == {}

    def test_somebody_who_left_the_course_is_400_and_somebody_suspended_is_not(self, moodle, tool):
        moodle.store.unenrol("lin", "careers")
        assert tool.send_score().status_code == 400
        moodle.store.enrol("lin", "careers", is_active=False)
        assert tool.send_score().status_code == 200
        assert grade(moodle) == (10, "Well done")

    def test_a_hidden_activity_takes_scores(self, moodle, tool):
        moodle.store.change_link("careers", is_hidden=True)
        assert tool.send_score().status_code == 200

    def test_a_teachers_own_mark_stays_shown(self, moodle, tool):
        moodle.store.change_grade("lin", "careers", overridden=7)
        assert tool.send_score().status_code == 200
        assert moodle.store.grade("lin", "careers")["overridden"] == 7
        assert results(moodle, tool) == {"5": (7, 10)}

    @pytest.mark.parametrize("locked", ["grade", "column"])
    def test_something_locked_is_500(self, moodle, tool, locked):
        if locked == "grade":
            moodle.store.change_grade("lin", "careers", is_locked=True)
        else:
            moodle.store.change_line_item("careers", is_locked=True)
        answer = tool.send_score()
        assert (answer.status_code, answer.text) == (500, "[]")

    def test_a_score_of_zero_is_a_grade_that_results_leave_out(self, moodle, tool):
        tool.send_score(scoreGiven=0)
        assert grade(moodle) == (0, "Well done")
        assert results(moodle, tool) == {"5": (None, None)}

    @pytest.mark.parametrize("media", ["application/json", "text/plain"])
    def test_another_content_type_is_400(self, moodle, tool, media):
        assert tool.send_score(headers={"Content-Type": media}).status_code == 400

    def test_a_charset_is_accepted(self, moodle, tool):
        media = "application/vnd.ims.lis.v1.score+json; charset=utf-8"
        assert tool.send_score(headers={"Content-Type": media}).status_code == 200

    def test_scores_appended_after_the_query_is_400_no_handler(self, moodle, tool):
        headers = {"Content-Type": "application/vnd.ims.lis.v1.score+json"}
        answer = tool.request("POST", tool.address("careers") + "/scores", data="{}", headers=headers)
        assert answer.status_code == 400
        assert answer.reason.startswith("No handler found")


class TestCanvas:
    def test_the_same_timestamp_is_taken_again(self, canvas, tool):
        tool.send_score()
        assert tool.send_score(timestamp=AT_TEN).status_code == 200

    def test_an_earlier_timestamp_is_400(self, canvas, tool):
        tool.send_score()
        answer = tool.send_score(timestamp="2026-11-23T09:59:59Z")
        assert answer.status_code == 400
        assert "before last updated timestamp" in answer.json()["errors"]["message"]

    def test_a_thousandth_of_a_second_later_is_taken(self, canvas, tool):
        tool.send_score()
        assert tool.send_score(timestamp="2026-11-23T10:00:00.001Z", scoreGiven=0).status_code == 200
        assert grade(canvas) == (0, "Well done")

    @pytest.mark.parametrize("user", ["ada", "tom", "max", "ines"])
    def test_somebody_who_is_no_student_here_is_422(self, canvas, tool, user):
        answer = tool.send_score(userId=canvas.store.person(user)["id"])
        assert answer.status_code == 422
        assert answer.json()["errors"]["message"] == "User not found in course or is not a student"

    def test_a_suspended_student_is_422(self, canvas, tool):
        canvas.store.enrol("lin", "careers", is_active=False)
        assert tool.send_score().status_code == 422

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"scoreMaximum": None}, 422),
            ({"scoreMaximum": 0}, 422),
            ({"scoreGiven": -1}, 422),
            ({"activityProgress": "Banana"}, 422),
            ({"gradingProgress": "Banana"}, 422),
            ({"timestamp": None}, 400),
            ({"timestamp": "yesterday"}, 400),
            ({"activityProgress": None}, 400),
            ({"gradingProgress": None}, 400),
            ({"userId": None}, 400),
        ],
    )
    def test_wrong_fields(self, canvas, tool, changes, status):
        assert tool.send_score(**changes).status_code == status
        assert canvas.store.all()["grades"] == {}

    def test_each_score_is_a_new_submission_unless_told_otherwise(self, canvas, tool):
        tool.send_score()
        tool.send_score(timestamp="2026-11-23T10:01:00Z")
        assert canvas.store.grade("lin", "careers")["submissions"] == 2
        tool.send_score(timestamp="2026-11-23T10:02:00Z", **{SUBMISSION: {"new_submission": False}})
        assert canvas.store.grade("lin", "careers")["submissions"] == 2

    def test_the_same_submission_time_is_the_same_submission(self, canvas, tool):
        submission = {"startedAt": "2026-11-23T09:50:00Z", "submittedAt": "2026-11-23T09:59:00Z"}
        tool.send_score(submission=submission)
        tool.send_score(timestamp="2026-11-23T10:01:00Z", submission=submission)
        assert canvas.store.grade("lin", "careers")["submissions"] == 1

    def test_no_more_submissions_than_the_assignment_allows(self, canvas, tool):
        canvas.store.change_line_item("careers", attempts_allowed=1)
        tool.send_score()
        answer = tool.send_score(timestamp=LATER)
        assert answer.status_code == 422
        assert "maximum number of allowed attempts" in answer.json()["errors"]["message"]
        again = tool.send_score(timestamp=LATER, **{SUBMISSION: {"new_submission": False}})
        assert again.status_code == 200

    def test_a_submission_time_in_the_future_is_400(self, canvas, tool):
        moment = (datetime.now(UTC) + timedelta(minutes=2)).isoformat()
        assert tool.send_score(submission={"submittedAt": moment}).status_code == 400

    def test_without_a_final_grade_the_score_goes_unless_preserved(self, canvas, tool):
        tool.send_score()
        kept = {SUBMISSION: {"preserve_score": True}}
        tool.send_score(timestamp="2026-11-23T10:01:00Z", gradingProgress="Pending", **kept)
        assert grade(canvas) == (10, "Well done")
        tool.send_score(timestamp="2026-11-23T10:02:00Z", gradingProgress="Pending")
        assert grade(canvas)[0] is None

    def test_more_than_the_maximum_is_shown_as_it_is(self, canvas, tool):
        tool.send_score(scoreGiven=15, scoreMaximum=10)
        assert results(canvas, tool) == {canvas.store.person("lin")["id"]: (15, 10)}

    def test_the_tool_has_the_last_word_over_a_teacher_unless_it_yields(self, canvas, tool):
        canvas.store.change_grade("lin", "careers", overridden=7)
        tool.send_score(**{SUBMISSION: {"prioritize_non_tool_grade": True}})
        assert list(results(canvas, tool).values()) == [(7, 10)]
        tool.send_score(timestamp=LATER)
        assert list(results(canvas, tool).values()) == [(10, 10)]

    def test_a_score_of_zero_is_in_the_results(self, canvas, tool):
        tool.send_score(scoreGiven=0)
        assert list(results(canvas, tool).values()) == [(0, 10)]

    def test_another_content_type_is_415(self, canvas, tool):
        assert tool.send_score(headers={"Content-Type": "application/json"}).status_code == 415


def test_a_deleted_column_is_404(lms, tool):
    address = tool.address("careers", "/scores")
    lms.store.change_line_item("careers", is_deleted=True)
    headers = {"Content-Type": "application/vnd.ims.lis.v1.score+json"}
    assert tool.request("POST", address, data="{}", headers=headers).status_code == 404


@pytest.mark.parametrize("body", ["", "[]", "no json", '"text"', "null"])
def test_a_body_that_is_no_object_is_400(lms, tool, body):
    headers = {"Content-Type": "application/vnd.ims.lis.v1.score+json"}
    answer = tool.request("POST", tool.address("careers", "/scores"), data=body, headers=headers)
    assert answer.status_code == 400


def test_the_history_keeps_what_was_accepted_and_the_journal_what_was_sent(lms, tool):
    tool.send_score()
    tool.send_score(timestamp="2026-11-23T09:59:59Z")  # earlier
    assert len(lms.store.grade("lin", "careers")["history"]) == 1
    assert [score["scoreGiven"] for score in lms.journal.scores()] == [1, 1]
    assert [entry["status"] for entry in lms.journal.entries("scores")][0] == 200
    assert len(lms.journal.refusals) == 1


def test_other_methods_are_refused(lms, tool):
    assert tool.request("GET", tool.address("careers", "/scores")).status_code == 405
