"""The grade column of a link: from the launch, found, made; one and never two (AGS-10 … AGS-18)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from lti import scopes
from lti.grades import line_items
from lti.models import LineItem, ResourceLink
from lti.outcomes import ServiceProblem, Verdict
from lti.services import Services, with_path, with_query
from tests.lti.course import course_at, make_course
from tests.lti.scripted import Said, ScriptedLms, with_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def key(keyset, db):
    return keyset.install()


def address(course, now, maximum: str = "10") -> str:
    line_item = LineItem.objects.select_related("resource_link", "deployment__registration").get(
        resource_link=course.link
    )
    services = Services.of_line_item(line_item, now=now)
    return line_items.address(line_item, services, score_maximum=Decimal(maximum), now=now)


def refusal(course, now):
    with pytest.raises(ServiceProblem) as problem:
        address(course, now)
    return problem.value.outcome


def without_column(lms, link="careers"):
    """The link's column is not in its launches, and not in the LMS."""
    lms.store.change_line_item(link, is_deleted=True)
    lms.store.change_link(link, line_item_claim="absent")
    return course_at(lms, link)


def test_the_column_of_the_launch_is_used_without_asking(moodle, now):
    course = course_at(moodle)

    assert address(course, now) == course.line_item.url
    assert moodle.journal.entries() == []


@pytest.mark.parametrize("lms", ["moodle", "canvas"])
def test_a_column_that_the_launch_does_not_name_is_found_by_its_link(request, lms, now):
    lms = request.getfixturevalue(lms)
    lms.store.change_link("careers", line_item_claim="absent")
    course = course_at(lms)
    url = address(course, now)

    assert f"/{lms.store.line_item('careers')['id']}" in url
    assert course.line_item.url == url
    assert [entry["method"] for entry in lms.journal.entries("lineitems")] == ["GET"]
    assert lms.journal.refusals == []


def test_the_column_is_looked_for_behind_the_query_that_the_address_has_already(moodle, now):
    moodle.store.change_link("careers", line_item_claim="empty")
    course = course_at(moodle)
    assert course.line_item.url is None
    address(course, now)

    assert moodle.journal.entries("lineitems")[0]["path"].endswith("/lineitems?type_id=9&resource_link_id=26")


@pytest.mark.parametrize("lms", ["moodle", "canvas"])
def test_a_missing_column_is_made_with_a_whole_maximum_and_bound_to_its_link(request, lms, now):
    lms = request.getfixturevalue(lms)
    course = without_column(lms)
    url = address(course, now)

    made = lms.store.line_item("careers")
    assert (made["label"], made["score_maximum"], made["link"]) == ("IT Project Manager", 10, "careers")
    # OTH-10; Canvas is told with each submission instead.
    review = None if lms.manner == "canvas" else {"reviewableStatus": ["Completed"]}
    assert made["submission_review"] == review
    assert f"/{made['id']}" in url
    assert (course.line_item.url, course.line_item.tag) == (url, "grade")
    assert lms.journal.refusals == []


def test_the_next_score_uses_the_column_that_was_made(moodle, now):
    course = without_column(moodle)
    assert address(course, now) == address(course, now)
    assert [entry["method"] for entry in moodle.journal.entries("lineitems")].count("POST") == 1


def test_a_lost_answer_to_the_making_of_a_column_is_no_second_column(moodle, now):
    course = without_column(moodle)
    before = len(moodle.store.all()["line_items"])
    address(course, now)
    LineItem.objects.update(url=None)  # as if the answer had not come
    address(course, now)

    assert len(moodle.store.all()["line_items"]) == before + 1


def test_while_one_worker_makes_the_column_the_other_is_told_to_come_back(moodle, now):
    course = without_column(moodle)
    LineItem.objects.update(lease_until=now + timedelta(seconds=30))

    assert refusal(course, now).verdict is Verdict.BUSY
    assert moodle.journal.entries() == []


def test_a_worker_with_an_old_copy_of_the_row_makes_no_second_column(moodle, now):
    course = without_column(moodle)
    old = LineItem.objects.select_related("resource_link", "deployment__registration").get()
    address(course, now)
    services = Services.of_line_item(old, now=now)
    with pytest.raises(ServiceProblem) as problem:
        line_items.address(old, services, score_maximum=Decimal(10), now=now)

    assert problem.value.outcome.verdict is Verdict.BUSY


def test_the_lease_is_free_again_after_a_failure(moodle, now):
    course = without_column(moodle)
    moodle.faults.add("lineitems", "status", status=503, times=1)
    refusal(course, now)

    assert LineItem.objects.get().lease_until is None


def test_without_the_right_to_make_columns_there_is_none_and_it_is_said(moodle, now):
    course = without_column(moodle)
    course.link.ags_scopes = [scopes.SCORE, scopes.LINEITEM_READ]
    course.link.save()

    outcome = refusal(course, now)
    assert (outcome.verdict, outcome.code) == (Verdict.FINAL, "no_column")


def test_the_column_of_a_copied_activity_is_not_taken_for_ours(moodle, now):
    """Copies keep resourceId and tag; their link tells them apart."""
    course = without_column(moodle)
    moodle.store.change(
        "line_items", "70", id=70, course="careers", label="Copy", score_maximum=10, link="careers-window",
        resource_id="link-26", tag="grade",
    )  # fmt: skip
    url = address(course, now)

    assert "/70/" not in url
    assert moodle.store.line_item("careers")["id"] not in {None, 70}


def test_a_column_that_stands_alone_is_ours_when_it_has_our_name(canvas, now):
    course = without_column(canvas)
    name = f"link-{course.link.resource_link_id}"
    canvas.store.change(
        "line_items", "70", id=70, course="careers", label="A", score_maximum=10, resource_id=name, tag="grade"
    )

    assert address(course, now).endswith("/70")


def test_a_column_on_a_later_page_is_found(canvas, now):
    course = without_column(canvas)
    row = {"course": "careers", "label": "Quiz", "score_maximum": 1}
    row["resource_id"] = f"link-{course.link.resource_link_id}"
    for number in range(100, 125):
        tag = "grade" if number == 124 else ""
        canvas.store.change("line_items", str(number), id=number, tag=tag, **row)

    assert address(course, now).endswith("/124")


def test_a_next_page_behind_typographic_quotes_is_asked_for_letter_for_letter(key, now):
    def script(asked):
        if "Cursor=B" in asked.path:
            return Said([{"id": f"{lms.url}/Items/7", "resourceLinkId": "26"}])
        return Said([], headers={"Link": f"<{lms.url}/items?p=2&amp;Cursor=B>; rel=“next”"})

    with ScriptedLms(with_token(script)) as lms:
        course = make_course(url=lms.url, lineitem_url=None, lineitems_url=f"{lms.url}/items")

        assert address(course, now) == f"{lms.url}/Items/7"
        assert lms.paths("/items") == ["/items?resource_link_id=26", "/items?p=2&Cursor=B"]


def test_canvas_links_that_are_no_assignments_get_a_column_that_stands_alone(key, now):
    def script(asked):
        if asked.method == "GET":
            return Said([])
        if "resourceLinkId" in asked.json:
            return Said({"errors": "not found"}, 404)
        return Said({"id": f"{lms.url}/items/5"}, 201)

    with ScriptedLms(with_token(script)) as lms:
        course = make_course(url=lms.url, product="canvas", lineitem_url=None, lineitems_url=f"{lms.url}/items")
        assert address(course, now) == f"{lms.url}/items/5"

    made = [asked.json for asked in lms.asked if asked.method == "POST" and asked.path == "/items"]
    assert made == [
        {
            "label": "IT Project Manager",
            "scoreMaximum": 10,
            "resourceId": "link-26",
            "tag": "grade",
            **({"resourceLinkId": "26"} if number == 0 else {}),
            "https://canvas.instructure.com/lti/submission_type": {"type": "none"},
        }
        for number in range(2)
    ]


def test_the_canvas_extension_for_columns_goes_to_canvas_alone(moodle, now):
    course = without_column(moodle)
    address(course, now)
    (made,) = [entry["body"] for entry in moodle.journal.entries("lineitems") if entry["method"] == "POST"]

    assert [name for name in made if name.startswith("https:")] == []


@pytest.mark.parametrize(
    "answer",
    [
        Said({"id": "https://elsewhere.example/items/1"}, 201),
        Said({"id": None}, 201),
        Said({}, 201),
        Said(["id"], 201),
    ],
)
def test_a_made_column_without_a_usable_address_is_not_used(key, now, answer):
    with ScriptedLms(with_token(lambda asked: Said([]) if asked.method == "GET" else answer)) as lms:
        course = make_course(url=lms.url, lineitem_url=None, lineitems_url=f"{lms.url}/items")
        outcome = refusal(course, now)

    assert (outcome.verdict, outcome.code) == (Verdict.FINAL, "column_unusable")
    assert course.line_item.url is None


def test_a_listed_column_on_another_host_is_passed_over(key, now):
    rows = [{"id": "https://elsewhere.example/items/1", "resourceLinkId": "26"}, {"id": 7, "resourceLinkId": "26"}]
    with ScriptedLms(
        with_token(lambda asked: Said([*rows, {"id": f"{lms.url}/items/2", "resourceLinkId": "26"}]))
    ) as lms:
        course = make_course(url=lms.url, lineitem_url=None, lineitems_url=f"{lms.url}/items")

        assert address(course, now) == f"{lms.url}/items/2"


def test_a_next_page_on_another_host_is_not_fetched(key, now):
    away = {"Link": '<https://elsewhere.example/items?p=2>; rel="next"'}
    with ScriptedLms(with_token(lambda asked: Said([], headers=away))) as lms:
        course = make_course(url=lms.url, lineitem_url=None, lineitems_url=f"{lms.url}/items")

        assert refusal(course, now).code == "address_refused"


def test_a_list_that_never_ends_is_left(key, now):
    with ScriptedLms(with_token(lambda asked: Said([], headers={"Link": f"<{lms.url}/items>; rel=next"}))) as lms:
        course = make_course(url=lms.url, lineitem_url=None, lineitems_url=f"{lms.url}/items")

        assert refusal(course, now).code == "bad_answer"


def test_one_column_never_serves_two_links(moodle, now):
    course = course_at(moodle)
    taken = course.line_item.url
    twin = ResourceLink.objects.create(
        deployment=course.deployment, context=course.context, resource_link_id="26b", title="Twin",
        lineitems_url=course.link.lineitems_url, ags_scopes=course.link.ags_scopes,
    )  # fmt: skip
    other = LineItem.objects.create(deployment=course.deployment, resource_link=twin)
    ResourceLink.objects.filter(pk=course.link.pk).update(resource_link_id="26a")
    ResourceLink.objects.filter(pk=twin.pk).update(resource_link_id="26")
    other = LineItem.objects.select_related("resource_link", "deployment__registration").get(pk=other.pk)
    services = Services.of_line_item(other, now=now)

    assert line_items.address(other, services, score_maximum=Decimal(1), now=now) != taken


def test_changing_a_column_puts_back_all_of_it(moodle, now):
    course_at(moodle)
    moodle.store.change_line_item(
        "careers", resource_id="keep", tag="keep-too", submission_review={"reviewableStatus": []}
    )
    line_item = LineItem.objects.select_related("resource_link", "deployment__registration").get()
    fields = {"label": "New name", "scoreMaximum": 12.5}
    line_items.update(line_item, Services.of_line_item(line_item, now=now), fields)

    changed = moodle.store.line_item("careers")
    assert (changed["label"], changed["score_maximum"], changed["resource_id"], changed["tag"]) == (
        "New name", 12.5, "keep", "keep-too",
    )  # fmt: skip
    assert changed["submission_review"] == {"reviewableStatus": []}


def test_blackboard_gets_no_read_only_id_in_a_changed_column(key, now):
    whole = {"id": "x", "label": "Old", "scoreMaximum": 1, "tag": "t"}
    with ScriptedLms(with_token(lambda asked: Said(whole))) as lms:
        make_course(url=lms.url, product="BlackboardLearn", lineitem_url=f"{lms.url}/items/1")
        line_item = LineItem.objects.select_related("resource_link", "deployment__registration").get()
        fields = {"label": "New", "scoreMaximum": 2}
        line_items.update(line_item, Services.of_line_item(line_item, now=now), fields)

    assert lms.asked[-1].json == {"label": "New", "scoreMaximum": 2, "tag": "t"}


@pytest.mark.parametrize(
    ("url", "scores"),
    [
        ("https://lms.example/i/29/lineitem?type_id=9", "https://lms.example/i/29/lineitem/scores?type_id=9"),
        ("https://lms.example/i/29", "https://lms.example/i/29/scores"),
        ("https://lms.example/i/29/?a=b%2Fc&d=", "https://lms.example/i/29/scores?a=b%2Fc&d="),
    ],
)
def test_a_service_stands_in_the_path_and_the_query_stays_as_it_is(url, scores):
    assert with_path(url, "scores") == scores


def test_parameters_come_after_those_that_are_there():
    assert with_query("https://lms.example/i?type_id=9", tag="a b&c") == "https://lms.example/i?type_id=9&tag=a+b%26c"
    assert with_query("https://lms.example/i", limit="5") == "https://lms.example/i?limit=5"
    assert with_query("https://lms.example/i?x=1") == "https://lms.example/i?x=1"


@given(st.decimals(0, 10**6, places=4, allow_nan=False))
def test_numbers_are_whole_where_they_are_whole_and_never_lose_four_places(value):
    """AGS-27."""
    told = line_items.number(value)

    assert Decimal(str(told)) == value
    assert isinstance(told, int) == (value == value.to_integral_value())
