"""What a column should say, told to the LMS after the fact (AGS-11, AGS-12)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from lti import scopes, tasks
from lti.grades import column_delivery, columns, line_items
from lti.models import LineItem, Registration, ResourceLink
from lti.services import Services
from tests.lti.course import course_at, make_course
from tests.lti.scripted import Said, ScriptedLms, with_token

pytestmark = pytest.mark.django_db

END = datetime(2026, 12, 24, 18, 30, tzinfo=UTC)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def key(keyset, db):
    return keyset.install()


def row(course) -> LineItem:
    return LineItem.objects.get(resource_link=course.link)


def tell(course, *, at: datetime) -> str:
    return column_delivery.tell(row(course).pk, now=at)


def test_ags_12_a_new_name_and_maximum_arrive_and_all_else_stays(moodle, now):
    course = course_at(moodle)
    moodle.store.change_line_item("careers", resource_id="keep", tag="keep-too")
    assert columns.change(resource_link=course.link, label="Week 3", score_maximum=Decimal(20), now=now)
    assert tell(course, at=now) == "sent"

    there = moodle.store.line_item("careers")
    assert (there["label"], there["score_maximum"], there["resource_id"], there["tag"]) == (
        "Week 3", 20, "keep", "keep-too",
    )  # fmt: skip
    assert (row(course).tell_at, row(course).tell_error, row(course).lease_until) == (None, "", None)
    assert moodle.journal.refusals == []


def test_ags_12_dates_go_out_with_their_zone_and_a_date_taken_away_leaves_the_column(key, now):
    whole = {"id": "x", "label": "Old", "scoreMaximum": 1, "startDateTime": "2026-01-01T00:00:00Z"}
    with ScriptedLms(with_token(lambda asked: Said(whole))) as lms:
        course = make_course(url=lms.url, lineitem_url=f"{lms.url}/items/1")
        columns.change(resource_link=course.link, dates={"starts_at": None, "ends_at": END}, now=now)
        tell(course, at=now)

    assert (lms.asked[-1].method, lms.asked[-1].headers["Content-Type"]) == (
        "PUT", "application/vnd.ims.lis.v2.lineitem+json",
    )  # fmt: skip
    assert lms.asked[-1].json == {
        "id": "x", "label": "Old", "scoreMaximum": 1, "endDateTime": "2026-12-24T18:30:00.000Z",
    }  # fmt: skip


def test_ags_12_what_the_lms_says_already_is_not_sent(key, now):
    whole = {"id": "x", "label": "Week 3", "scoreMaximum": 1}
    with ScriptedLms(with_token(lambda asked: Said(whole))) as lms:
        course = make_course(url=lms.url, lineitem_url=f"{lms.url}/items/1")
        columns.change(resource_link=course.link, label="Week 3", now=now)

        assert tell(course, at=now) == "sent"
    assert [asked.method for asked in lms.asked if asked.path == "/items/1"] == ["GET"]


def test_ags_12_grades_that_are_released_stay_as_they_are(key, now):
    """gradesReleased is the teacher's own choice: it is put back as it was read."""
    whole = {"id": "x", "label": "Old", "scoreMaximum": 1, "gradesReleased": False}
    with ScriptedLms(with_token(lambda asked: Said(whole))) as lms:
        course = make_course(url=lms.url, lineitem_url=f"{lms.url}/items/1")
        columns.change(resource_link=course.link, label="New", now=now)
        tell(course, at=now)

    assert lms.asked[-1].json["gradesReleased"] is False


def test_ags_12_an_lms_that_lets_us_change_no_columns_is_not_asked(moodle, now):
    course = course_at(moodle)
    course.link.ags_scopes = [scopes.SCORE, scopes.LINEITEM_READ]
    course.link.save()

    assert columns.change(resource_link=course.link, label="Week 3", now=now) is False
    assert (tell(course, at=now), moodle.journal.entries()) == ("nothing to tell", [])


def test_ags_12_a_permission_that_was_taken_away_meanwhile_ends_it(moodle, now):
    course = course_at(moodle)
    columns.change(resource_link=course.link, label="Week 3", now=now)
    ResourceLink.objects.update(ags_scopes=[scopes.SCORE])

    assert tell(course, at=now) == "failed"
    assert (row(course).tell_at, row(course).tell_error) == (None, "scope_missing")


def test_ags_11_a_column_that_is_made_later_says_it_from_the_start(key, now):
    def script(asked):
        return Said([]) if asked.method == "GET" else Said({"id": f"{lms.url}/items/7"}, 201)

    with ScriptedLms(with_token(script)) as lms:
        course = make_course(url=lms.url, lineitem_url=None, lineitems_url=f"{lms.url}/items")
        assert columns.change(resource_link=course.link, label="Week 3", dates={"ends_at": END}, now=now) is False
        line_item = LineItem.objects.select_related("resource_link", "deployment__registration").get()
        line_items.address(line_item, Services.of_line_item(line_item, now=now), score_maximum=Decimal(10), now=now)

    made = lms.asked[-1].json
    assert (made["label"], made["scoreMaximum"], made["endDateTime"]) == ("Week 3", 10, "2026-12-24T18:30:00.000Z")


def test_ags_11_a_column_that_was_there_before_us_is_told_what_it_should_say(moodle, now):
    moodle.store.change_link("careers", line_item_claim="absent")
    course = course_at(moodle)
    columns.change(resource_link=course.link, label="Week 3", now=now)
    line_item = LineItem.objects.select_related("resource_link", "deployment__registration").get()
    line_items.address(line_item, Services.of_line_item(line_item, now=now), score_maximum=Decimal(10), now=now)
    assert row(course).tell_at == now

    assert (tell(course, at=now), moodle.store.line_item("careers")["label"]) == ("sent", "Week 3")


@pytest.mark.parametrize(("maximum", "told"), [("7.5", 8), ("10", 10)])
def test_ags_18_open_edx_gets_a_whole_maximum_and_its_own_link(key, now, maximum, told):
    def script(asked):
        return Said([]) if asked.method == "GET" else Said({"id": f"{lms.url}/items/7"}, 201)

    with ScriptedLms(with_token(script)) as lms:
        make_course(url=lms.url, product="openedx", lineitem_url=None, lineitems_url=f"{lms.url}/items")
        line_item = LineItem.objects.select_related("resource_link", "deployment__registration").get()
        services = Services.of_line_item(line_item, now=now)
        line_items.address(line_item, services, score_maximum=Decimal(maximum), now=now)

    made = lms.asked[-1].json
    assert (made["scoreMaximum"], type(made["scoreMaximum"]), made["resourceLinkId"]) == (told, int, "26")
    assert made["resourceId"] != ""


@pytest.mark.parametrize(
    ("rows", "chosen"),
    [
        (["oldest", "newer"], "oldest"),
        (["oldest", "ours"], "ours"),
    ],
)
def test_ags_10_of_several_columns_of_a_link_ours_by_name_is_taken_else_the_oldest(key, now, rows, chosen):
    def script(asked):
        return Said([
            {"id": f"{lms.url}/items/{name}", "resourceLinkId": "26",
             **({"resourceId": "link-26", "tag": "grade"} if name == "ours" else {})}
            for name in rows
        ])  # fmt: skip

    with ScriptedLms(with_token(script)) as lms:
        make_course(url=lms.url, lineitem_url=None, lineitems_url=f"{lms.url}/items")
        line_item = LineItem.objects.select_related("resource_link", "deployment__registration").get()
        services = Services.of_line_item(line_item, now=now)
        url = line_items.address(line_item, services, score_maximum=Decimal(10), now=now)

    assert url == f"{lms.url}/items/{chosen}"


# --- Bad days


def test_a_busy_lms_is_told_later_and_its_pause_kept(moodle, now):
    course = course_at(moodle)
    moodle.faults.add("lineitem", "too-many", retry_after="7", times=1)
    columns.change(resource_link=course.link, label="Week 3", now=now)

    assert tell(course, at=now) == "retry"
    assert (row(course).tell_at, row(course).tell_error) == (now + timedelta(seconds=7), "rate_limited")
    assert Registration.objects.get().services_paused_until == now + timedelta(seconds=7)
    assert tell(course, at=now + timedelta(seconds=7)) == "sent"


def test_while_an_lms_wants_a_pause_it_is_not_told(moodle, now):
    course = course_at(moodle)
    until = now + timedelta(minutes=3)
    Registration.objects.update(services_paused_until=until)
    columns.change(resource_link=course.link, label="Week 3", now=now)

    assert (tell(course, at=now), row(course).tell_at, moodle.journal.entries()) == ("later", until, [])


def test_an_lms_that_is_switched_off_is_not_told(moodle, now):
    course = course_at(moodle)
    Registration.objects.update(status="disabled")
    columns.change(resource_link=course.link, label="Week 3", now=now)

    assert (tell(course, at=now), moodle.journal.entries()) == ("later", [])


def test_a_column_that_is_gone_is_told_nothing_more(moodle, now):
    course = course_at(moodle)
    columns.change(resource_link=course.link, label="Week 3", now=now)
    moodle.store.change_line_item("careers", is_deleted=True)

    assert tell(course, at=now) == "column gone"
    assert (row(course).tell_at, row(course).tell_error) == (None, "column_gone")


def test_after_a_dozen_failures_nobody_knocks_any_more(moodle, now):
    course = course_at(moodle)
    columns.change(resource_link=course.link, label="Week 3", now=now)
    moodle.faults.add("lineitem", "status", status=500)
    LineItem.objects.update(tell_tries=11)

    assert tell(course, at=now) == "retry"
    assert (row(course).tell_at, row(course).tell_error) == (None, "lms_error")


def test_a_wish_that_came_while_the_last_one_was_told_stays_due(moodle, now):
    course = course_at(moodle)
    columns.change(resource_link=course.link, label="Week 3", now=now)
    early = LineItem.objects.get(resource_link=course.link)
    columns.change(resource_link=course.link, label="Week 4", now=now + timedelta(seconds=1))
    column_delivery._settle(early, column_delivery.Outcome(column_delivery.Verdict.SENT), now=now)

    assert row(course).tell_at == now + timedelta(seconds=1)


def test_a_worker_is_rung_for_after_the_commit_and_by_the_sweep(now, django_capture_on_commit_callbacks):
    course = make_course()
    with django_capture_on_commit_callbacks(execute=True):
        columns.change(resource_link=course.link, label="Week 3", now=now)
    assert [task.task_path for task in DBTaskResult.objects.all()] == ["lti.tasks.tell_column"]

    DBTaskResult.objects.all().delete()
    tasks.ring_overdue(now=now + timedelta(minutes=1))
    tasks.ring_overdue(now=now + timedelta(minutes=1))
    assert DBTaskResult.objects.count() == 1


def test_a_link_without_a_column_of_ours_has_nothing_to_tell(now):
    course = make_course()
    LineItem.objects.all().delete()

    assert columns.change(resource_link=course.link, label="Week 3", now=now) is False
