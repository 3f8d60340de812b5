"""What a teacher sees who opens the activity, and what the others see of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from itpm_byte.learning.models import SupportRequest
from lti.models import Context, Group, GroupMember, Membership, PlatformUser, Registration, Role
from tests.cast import someone
from tests.learning.casting import statements
from tests.player.seats import flat, sit, text_of


def words(seat, query=""):
    response = seat.get(f"room/{query}")
    assert response.status_code == 200
    return text_of(response)


def rows_of(seat, query=""):
    """The names in the list, in order."""
    html = flat(seat.get(f"room/{query}"))
    return [
        part.split("<bdi>")[1].split("</bdi>")[0] for part in html.split('<th scope="row"> ')[1:] if "<bdi>" in part
    ]


def furnish(room):
    room.at.finished(room.at.learner("Kai", email="kai@school.example"))
    room.at.began(room.at.learner("Noor"))
    room.at.finished(room.at.learner("Olu", status="left"), "0")
    room.at.graded(PlatformUser.objects.get(name="Kai"), "failed", last_error="not_in_course")


def test_ada_reads_who_did_what_in_numbers_and_names(room):
    furnish(room)
    told = words(room.ada)
    assert "Completed 2 50 %" in told
    assert "Not started 1 25 %" in told
    assert "Olu left the course completed" in told
    assert "Score: mean 100 % , median 100 %, from 1 learner. 1 reached the pass mark of 60 %." in told
    assert rows_of(room.ada) == ["Kai", "Lin", "Noor", "Olu"]


def test_ada_reads_first_what_needs_fixing(room):
    furnish(room)
    SupportRequest.objects.create(
        placement=room.at.placement, learner=room.people.lin, message="<b>Help</b>", created_at=timezone.now()
    )
    told = words(room.ada)
    assert "1 grade is not in the gradebook" in told
    assert "this person is no learner of the course. Enrol them, then resend." in told
    assert "1 learner asks for help" in told
    assert "<b>Help</b>" in told
    assert "Nothing needs fixing" not in told


def test_where_all_is_well_the_page_says_so(room):
    assert "Nothing needs fixing." in words(room.ada)


def test_ada_narrows_sorts_and_searches_by_plain_addresses(room):
    furnish(room)
    group = Group.objects.create(context=room.people.context, group_id="b", name="Blue")
    GroupMember.objects.create(group=group, user=room.people.lin)
    assert rows_of(room.ada, "?status=completed") == ["Kai", "Olu"]
    assert rows_of(room.ada, "?grade=attention") == ["Kai"]
    assert rows_of(room.ada, "?q=SCHOOL") == ["Kai"]
    assert rows_of(room.ada, f"?group={group.pk}") == ["Lin"]
    assert rows_of(room.ada, "?sort=-name") == ["Olu", "Noor", "Lin", "Kai"]
    assert "Nobody fits these filters." in words(room.ada, "?q=nobody")


def test_what_makes_no_sense_in_an_address_is_taken_for_not_said(room):
    theirs = Group.objects.create(context=room.people.max_context, group_id="b", name="Theirs")
    query = f"?status=nonsense&grade=1&group={theirs.pk}&sort=drop&page=%00&q=%00"
    assert rows_of(room.ada, query) == ["Lin"]
    assert "Theirs" not in words(room.ada)


def test_the_heading_by_which_the_list_is_sorted_says_so(room):
    html = flat(room.ada.get("room/?sort=-score"))
    assert html.count("aria-sort") == 1
    assert 'aria-sort="descending"> <a href="?sort=score">Score</a>' in html
    assert '<a href="?">Learner</a>' in html


def crowd(room, count):
    registration, context = room.people.registration, room.people.context
    users = PlatformUser.objects.bulk_create(
        PlatformUser(registration=registration, sub=f"n{number}", name=f"N {number:04}") for number in range(count)
    )
    Membership.objects.bulk_create(Membership(context=context, user=user, role=Role.LEARNER) for user in users)


def test_more_learners_than_fit_come_in_pages(room):
    crowd(room, 349)
    html = flat(room.ada.get("room/?sort=-name"))
    assert "350 learners, page 1 of 4" in html
    assert 'href="?sort=-name&amp;page=2#learners"' in html
    assert rows_of(room.ada, "?page=4")[-2:] == ["N 0347", "N 0348"]
    assert rows_of(room.ada, "?page=99") == rows_of(room.ada, "?page=4")
    assert len(rows_of(room.ada, "?page=4")) == 50
    # What is narrowed fits again.
    assert len(rows_of(room.ada, "?q=N+009")) == 11


@pytest.mark.parametrize("count", [1, 3, 299])
def test_the_page_costs_the_same_statements_however_many_learners_there_are(room, count):
    crowd(room, count)
    with statements() as sent:
        assert len(rows_of(room.ada)) == count + 1
    # Launch, placement, course, groups, grade column, numbers, median, requests for help, learners, their groups.
    assert len(sent) == 10


def test_lin_is_told_that_the_room_is_for_teachers(room):
    response = room.lin.get("room/")
    assert (response.status_code, "for teachers" in text_of(response)) == (403, True)


def test_tom_who_assists_sees_the_overview_but_no_settings(room):
    told = words(room.tom)
    assert "Overview of IT Project Manager" in told
    assert "Settings" not in told
    assert "Settings" in words(room.ada)


def test_who_is_no_teacher_any_more_is_shut_out_at_once(room):
    Membership.objects.filter(user=room.people.ada).update(role=Role.LEARNER)
    assert room.ada.get("room/").status_code == 403


def test_a_bearer_token_opens_the_room_as_a_cookie_does(room):
    response = Client().get(f"{room.ada.url}room/", headers={"Authorization": f"Bearer {room.ada.sealed}"})
    assert response.status_code == 200


def test_the_page_is_english_and_says_so_whatever_the_lms_speaks(room):
    seat = sit(room.people.ada, room.people.link, locale="fr")
    response = seat.get("room/")
    assert response.headers["Content-Language"] == "en"
    assert '<html lang="en"' in flat(response)


# --- how fresh the list is


def offered(room, **fields):
    Context.objects.filter(pk=room.people.context.pk).update(memberships_url="https://lms.example/members", **fields)


def ago(**time):
    return timezone.now() - timedelta(**time)


def test_the_freshness_is_said_in_words_with_the_lms_by_name(room):
    offered(room, roster_synced_at=ago(minutes=12), roster_asked_at=ago(minutes=12))
    Registration.objects.update(product="moodle")
    told = words(room.ada)
    assert "People as Moodle listed them 12 minutes ago." in told
    assert "Nothing needs fixing." in told


def test_an_old_list_and_one_that_failed_are_among_what_to_do(room):
    offered(room, roster_synced_at=ago(days=3), roster_asked_at=ago(days=3))
    assert "may be out of date" in words(room.ada)
    offered(room, roster_synced_at=ago(minutes=3), roster_error="forbidden")
    told = words(room.ada)
    assert "does not let us see who is in the course" in told
    assert "may be out of date" in told


def test_where_the_lms_gives_no_list_the_page_says_what_it_shows_instead(room):
    told = words(room.ada)
    assert "We are not told by your learning platform who is in the course. Listed is who opened the activity." in told
    assert "Refresh" not in told
    assert room.ada.post("room/refresh/").headers["Location"].endswith("?refreshing=none")


def test_refresh_asks_a_worker_once_a_minute_and_says_what_happens(room, django_capture_on_commit_callbacks):
    offered(room, roster_synced_at=ago(hours=1), roster_asked_at=ago(hours=1))
    with django_capture_on_commit_callbacks() as rings:
        response = room.ada.post("room/refresh/")
        assert (response.status_code, response.headers["Location"]) == (
            303,
            f"{room.ada.url}room/?refreshing=asked",
        )
        assert "is on its way" in words(room.ada, "?refreshing=asked")
        assert room.tom.post("room/refresh/").headers["Location"].endswith("?refreshing=soon")
        assert "less than a minute ago" in words(room.tom, "?refreshing=soon")
    assert len(rings) == 1


def test_while_the_list_is_on_its_way_the_script_asks_for_this_piece_alone(room):
    offered(room, roster_synced_at=ago(hours=1), roster_asked_at=ago(seconds=10))
    assert "hx-trigger" in flat(room.ada.get("room/"))
    piece = {"HX-Request": "true"}
    assert flat(room.ada.get("room/", headers=piece)).startswith('<section class="reports-fresh"')
    offered(room, roster_synced_at=ago(seconds=2))
    piece_now = flat(room.ada.get("room/", headers=piece))
    assert "hx-trigger" not in piece_now
    assert "Show the new list" in piece_now
    # A click on a link gets the page.
    assert "<html" in flat(room.ada.get("room/", headers={**piece, "HX-Boosted": "true"}))


def test_lin_cannot_refresh_the_list(room):
    offered(room)
    assert room.lin.post("room/refresh/").status_code == 403
    assert Context.objects.get(pk=room.people.context.pk).roster_asked_at is None


def test_an_activity_without_a_byte_says_so(room):
    room.at.placement.delete()
    response = room.ada.get("room/")
    assert (response.status_code, "not set up yet" in text_of(response)) == (404, True)


def test_a_course_that_nobody_is_in_says_how_learners_come_here(room):
    Membership.objects.filter(user=room.people.lin).delete()
    assert "Nobody is listed yet. Learners appear here when they open the activity." in words(room.ada)


def test_names_are_shown_as_text(room):
    someone(room.people, "<script>alert(1)</script>")
    assert "<script>alert" not in flat(room.ada.get("room/"))
