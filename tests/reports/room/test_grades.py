"""What was wished, sent and seen; sending again, and over a teacher's change: by whom, and what is written down."""

from datetime import timedelta

import pytest
from django.utils import timezone

from lti import scopes
from lti.models import LineItem, Membership, PlatformUser, ResourceLink, Role, Score, StaffAction
from tests.learning.casting import NOW, statements
from tests.player.seats import flat, text_of


def words(seat, query=""):
    response = seat.get(f"room/grades/{query}")
    assert response.status_code == 200
    return text_of(response)


def graded(room, name, state="sent", **fields):
    user = room.people.lin if name == "Lin" else room.at.learner(name)
    return room.at.graded(user, state, **fields)


def changed(room):
    """A teacher gave Lin another grade in the gradebook."""
    seen = {"observed": "0.5", "observed_at": NOW, "last_error": "changed_in_lms"}
    return graded(room, "Lin", "changed", sent_at=NOW, sent_given=1, **seen)


def told_of(action):
    return [(row.subject_id, row.before, row.after) for row in StaffAction.objects.filter(action=action)]


def test_each_grade_stands_beside_what_was_sent_and_what_the_gradebook_shows(room):
    changed(room)
    graded(room, "Kai", "failed", last_error="column_gone")
    graded(room, "Noor", "due")
    told = words(room.ada)
    assert "0 in the gradebook, 1 on their way, 2 need attention." in told
    assert "1 of 1 1 of 1 Nov. 23, 2026, 9 a.m. UTC 0.5 of 1" in told
    assert "The grade was changed in the learning platform" in told
    assert "The grade column was deleted in the learning platform." in told
    assert "Resend 1 failed grade" in told


def test_ada_resends_one_and_it_is_written_down(room):
    score, other = graded(room, "Lin", "failed", last_error="forbidden"), graded(room, "Kai", "failed")
    response = room.ada.post("room/grades/resend/", {"learner": room.people.lin.pk})
    assert response.headers["Location"] == f"{room.ada.url}room/grades/?said=resent&n=1"
    score.refresh_from_db()
    other.refresh_from_db()
    assert (score.state, score.last_error, other.state) == ("due", "", "failed")
    assert told_of("grade.resent") == [(room.people.lin.pk, None, {"which": "one", "count": 1})]


def test_the_failed_ones_are_resent_without_what_a_teacher_changed_and_without_who_left(room):
    graded(room, "Kai", "failed")
    graded(room, "Mia", "unavailable")
    graded(room, "Noor", sent_at=NOW, observed_at=NOW + timedelta(hours=1))
    graded(room, "Olu", "failed")
    Membership.objects.filter(user__name="Olu").update(status="left")
    graded(room, "Pia")
    changed(room)
    room.ada.post("room/grades/resend/", {"what": "failed"})
    states = dict(Score.objects.order_by("user__name").values_list("user__name", "state"))
    assert states == {"Kai": "due", "Lin": "changed", "Mia": "due", "Noor": "due", "Olu": "failed", "Pia": "sent"}
    assert told_of("grade.resent") == [(None, None, {"which": "failed", "count": 3})]


def test_all_are_resent_only_after_their_number_was_told(room):
    graded(room, "Kai")
    changed(room)
    asked = room.ada.post("room/grades/resend/", {"what": "all"})
    assert (asked.status_code, "Resend 2 grades?" in text_of(asked)) == (200, True)
    assert set(Score.objects.values_list("state", flat=True)) == {"sent", "changed"}
    room.ada.post("room/grades/resend/", {"what": "all", "confirmed": "1"})
    # The worker looks before it sends: what a teacher changed stays.
    assert list(Score.objects.values_list("state", "overwrites")) == [("due", False)] * 2
    assert told_of("grade.resent") == [(None, None, {"which": "all", "count": 2})]


@pytest.mark.parametrize("said", [{}, {"what": "nonsense"}, {"learner": "x"}, {"learner": "9" * 30}, {"learner": "²"}])
def test_what_makes_no_sense_is_refused_and_changes_nothing(room, said):
    graded(room, "Lin", "failed")
    assert room.ada.post("room/grades/resend/", said).status_code == 404
    assert Score.objects.get().state == "failed"
    assert not StaffAction.objects.exists()


def test_nobody_resends_grades_of_another_course(room):
    theirs = room.at.graded(room.people.max, "failed")
    LineItem.objects.filter(resource_link=room.people.max_link).update()
    Score.objects.update(line_item=LineItem.objects.get(resource_link=room.people.max_link))
    assert room.ada.post("room/grades/resend/", {"learner": room.people.max.pk}).status_code == 404
    room.ada.post("room/grades/resend/", {"what": "all", "confirmed": "1"})
    theirs.refresh_from_db()
    assert theirs.state == "failed"


def test_a_teachers_change_is_sent_over_only_when_asked_and_confirmed(room):
    score, said = changed(room), {"learner": room.people.lin.pk}
    asked = room.ada.post("room/grades/overwrite/", said)
    assert "The gradebook shows 0.5 of 1. Yours is 1 of 1." in text_of(asked)
    score.refresh_from_db()
    assert (score.state, score.overwrites) == ("changed", False)
    room.ada.post("room/grades/overwrite/", {**said, "confirmed": "1"})
    score.refresh_from_db()
    assert (score.state, score.overwrites) == ("due", True)
    before, after = {"gradebook": "0.5000"}, {"gradebook": "1.0000", "maximum": "1.0000"}
    assert told_of("grade.sent_over") == [(room.people.lin.pk, before, after)]


def test_a_grade_that_is_no_longer_changed_is_not_sent_over(room):
    graded(room, "Lin")
    response = room.ada.post("room/grades/overwrite/", {"learner": room.people.lin.pk, "confirmed": "1"})
    assert response.headers["Location"].endswith("?said=unchanged")
    assert Score.objects.get().state == "sent"


def test_the_rule_of_the_column_is_changed_after_a_question_and_taken_back_without(room):
    asked = room.ada.post("room/grades/rule/", {"rule": "over"})
    assert "Always send over changed grades?" in text_of(asked)
    column = LineItem.objects.get(resource_link=room.people.link)
    assert column.overwrites is None
    room.ada.post("room/grades/rule/", {"rule": "over", "confirmed": "1"})
    room.ada.post("room/grades/rule/", {"rule": "keep"})
    column.refresh_from_db()
    assert column.overwrites is False
    no, yes = {"goes_over_changes": False}, {"goes_over_changes": True}
    assert told_of("grade.rule_changed") == [(None, no, yes), (None, yes, no)]


def test_tom_looks_compares_and_resends_but_sends_over_nothing(room):
    score = changed(room)
    graded(room, "Kai", "failed")
    told = words(room.tom)
    assert ("Send over it" in told, "Always send over" in told) == (False, False)
    assert room.tom.post("room/grades/resend/", {"what": "failed"}).status_code == 303
    for page, said in (("overwrite/", {"learner": room.people.lin.pk}), ("rule/", {"rule": "over"})):
        assert room.tom.post(f"room/grades/{page}", {**said, "confirmed": "1"}).status_code == 403
    score.refresh_from_db()
    assert (score.state, score.overwrites) == ("changed", False)
    assert LineItem.objects.get(resource_link=room.people.link).overwrites is None


def test_lin_neither_sees_nor_does_any_of_it(room):
    score = changed(room)
    assert room.lin.get("room/grades/").status_code == 403
    for page in ("resend/", "overwrite/", "rule/", "compare/"):
        said = {"learner": room.people.lin.pk, "confirmed": "1", "rule": "over"}
        assert room.lin.post(f"room/grades/{page}", said).status_code == 403
    score.refresh_from_db()
    assert (score.state, score.overwrites) == ("changed", False)


def test_comparing_is_asked_of_a_worker_once_a_minute(room, django_capture_on_commit_callbacks):
    ResourceLink.objects.filter(pk=room.people.link.pk).update(ags_scopes=[scopes.SCORE, scopes.RESULT_READ])
    with django_capture_on_commit_callbacks() as rings:
        said = [room.ada.post("room/grades/compare/").headers["Location"] for _ in range(2)]
    assert [address.partition("?")[2] for address in said] == ["said=comparing", "said=soon"]
    assert len(rings) == 1
    LineItem.objects.update(compared_at=timezone.now() - timedelta(minutes=7), compare_error="forbidden")
    told = words(room.ada)
    assert "Compared with the gradebook 7 minutes ago." in told
    assert "does not let us read grades" in told


def test_where_the_lms_does_not_tell_what_it_shows_nothing_is_asked(room):
    assert "nothing can be compared" in words(room.ada)
    assert room.ada.post("room/grades/compare/").headers["Location"].endswith("?said=no-compare")
    assert LineItem.objects.get(resource_link=room.people.link).compare_asked_at is None


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_statements_however_many_grades_there_are(room, count):
    for number in range(count):
        graded(room, f"N {number}")
    with statements() as sent:
        assert flat(room.ada.get("room/grades/")).count('name="learner"') == count
    assert len(sent) == 10


def test_a_former_learner_who_assists_now_is_not_listed(room):
    graded(room, "Kai")
    Membership.objects.filter(user__name="Kai").update(role=Role.TEACHING_ASSISTANT)
    assert PlatformUser.objects.get(name="Kai").name not in words(room.ada)
