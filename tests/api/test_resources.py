"""What programs read: their institution's rows and no others, page by page, and what changed since."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from itpm_byte.insight import feeds
from itpm_byte.learning.models import Attempt, Placement, Progress
from lti.models import PlatformUser, Score
from tests.api.programs import API, LISTS, address, learners_at_work, program
from tests.cast import cast, someone
from tests.learning.casting import answer, placement

pytestmark = pytest.mark.django_db
ALL = pytest.mark.parametrize("name", LISTS)


@pytest.fixture
def people():
    return cast("amber")


def read(client, url, status=200, **options):
    response = client.get(url.removeprefix("http://127.0.0.1:8000"), **options)
    assert response.status_code == status, response.content
    return response.json()


def walk(client, url):
    """All rows, following `next`; and the last `synced_until`."""
    rows, pages = [], 0
    while url:
        page = read(client, url)
        rows += page["results"]
        pages += 1
        url = page["next"]
        assert pages < 50
    return rows, page["synced_until"]


def test_a_learner_and_all_that_belongs_to_one_is_told(people):
    at = placement(people.link)
    answer(at, people.lin, "peter")
    answer(at, people.lin, "samantha", attempt=2)
    client = program(people.institution)
    (progress,) = read(client, f"{API}progress/")["results"]
    attempts = read(client, f"{API}attempts/")["results"]
    responses = read(client, f"{API}responses/")["results"]
    (grade,) = read(client, f"{API}grades/")["results"]
    (completion,) = read(client, f"{API}completions/")["results"]
    (learner,) = [row for row in read(client, f"{API}learners/")["results"] if row["sub"] == "sub-lin"]

    course = {"id": people.context.pk, "title": "Careers", "label": "", "term": ""}
    byte = {"slug": "it-project-manager", "version": 1, "language": "en"}
    assert (progress["placement"], progress["course"], progress["byte"]) == (str(at.uuid), course, byte)
    assert (progress["learner"], progress["status"], progress["counted_points"]) == (
        people.lin.pk,
        "completed",
        "1.0000",
    )
    assert [(row["number"], row["points"]) for row in attempts] == [(1, "0.0000"), (2, "1.0000")]
    assert [row["answers"][0]["choices"] for row in responses] == [["peter"], ["samantha"]]
    assert (grade["state"], grade["score_given"], grade["learner"]) == ("due", "1.0000", people.lin.pk)
    assert (completion["learner"], completion["completed_at"]) == (people.lin.pk, progress["completed_at"])
    assert (completion["placement"], completion["points"], completion["has_passed"]) == (str(at.uuid), "1.0000", True)
    assert (learner["id"], learner["name"], learner["lms"]) == (people.lin.pk, "Lin", str(people.registration.uuid))


def test_names_stand_only_where_a_scope_of_their_own_opens_them(people):
    learners_at_work(people, 5)
    client = program(people.institution)
    told = {name: json.dumps(read(client, address(name, Placement.objects.get()))) for name in LISTS}
    with_names = {name for name, text in told.items() if "learner 0" in text}
    assert with_names == {"learners", "rosters"}


@ALL
def test_another_institutions_program_reads_nothing_of_it(people, name):
    other = cast("birch")
    at, _learners = learners_at_work(people, 5)
    client = program(other.institution)
    url = address(name, at)
    if name == "rosters":
        assert read(client, url, status=404)["code"] == "not_found"
        return
    text = client.get(url).content.decode()
    assert "amber" not in text
    found = json.loads(text)["results"]
    assert found == [] or name in {"institutions", "bytes", "learners"}
    if name == "learners":
        assert {row["sub"] for row in found} == {"sub-ada", "sub-lin", "sub-max"}
        assert not PlatformUser.objects.filter(pk__in=[row["id"] for row in found], registration=people.registration)


def keys_of(client, at):
    """An address for each single row there is."""
    for name in set(LISTS) - {"rosters", "completions"}:
        for row in read(client, address(name, at))["results"]:
            key = row.get("id") or row.get("attempt") or row.get("placement")
            yield name, f"{API}{name}/{key}/"


def test_single_rows_are_found_by_their_own_institution_and_by_no_other(people):
    at, _learners = learners_at_work(people, 1)
    own, other = program(people.institution), program(cast("birch").institution)
    addresses = dict(keys_of(own, at))
    assert addresses.keys() == LISTS.keys() - {"rosters", "completions"}
    for name, url in addresses.items():
        listed = read(own, f"{API}{name}/")["results"]
        single = read(own, url)
        assert name == "feedback" or single in listed
        assert other.get(url).status_code == (200 if name == "bytes" else 404)


@ALL
def test_a_token_without_the_scope_is_told_which_one_it_needs(people, name):
    at, _learners = learners_at_work(people, 1)
    others = sorted(set(LISTS.values()) - {LISTS[name]})
    response = program(people.institution, *others).get(address(name, at))
    assert response.status_code == 403
    assert response.json()["code"] == "scope_missing"
    assert LISTS[name] in response.json()["detail"]
    assert f'scope="{LISTS[name]}"' in response.headers["WWW-Authenticate"]
    assert Client().get(address(name, at)).status_code == 401


@pytest.mark.parametrize("name", sorted(set(LISTS) - {"institutions", "bytes", "placements", "feedback"}))
def test_pages_follow_each_other_and_nothing_is_lost_or_told_twice_when_rows_come_in_between(people, name):
    at, made = learners_at_work(people, 5)
    client = program(people.institution)
    url = address(name, at)
    whole, _ = walk(client, url)
    sign = "&" if "?" in url else "?"
    first = read(client, f"{url}{sign}limit=2")
    newcomer = someone(people, "amber newcomer")
    answer(at, newcomer)
    rest, _ = walk(client, first["next"])
    found = [json.dumps(row) for row in first["results"] + rest]
    assert len(set(found)) == len(found)
    assert {json.dumps(row) for row in whole} <= set(found)


def test_an_institution_with_many_placements_is_walked_to_its_end(people, monkeypatch):
    """Pages may be short, the walk is whole."""
    monkeypatch.setattr(feeds, "PARENTS_AT_ONCE", 1)
    for link in (people.link, people.max_link):
        answer(placement(link), people.lin)
    client = program(people.institution)
    assert len(read(client, f"{API}progress/")["results"]) == 1
    assert len(walk(client, f"{API}progress/")[0]) == 2
    only = Placement.objects.get(resource_link=people.max_link)
    assert [row["placement"] for row in walk(client, f"{API}progress/?placement={only.uuid}")[0]] == [str(only.uuid)]


@pytest.mark.parametrize("name", ["progress", "attempts", "responses", "grades", "learners", "placements"])
def test_whoever_asks_for_changes_since_the_last_time_gets_them_and_little_else(people, name):
    at, made = learners_at_work(people, 3)
    client = program(people.institution)
    _, synced_until = walk(client, f"{API}{name}/?limit=2")
    assert timezone.now() - timedelta(seconds=90) < timezone.datetime.fromisoformat(synced_until) < timezone.now()
    since = timezone.now().isoformat().replace("+00:00", "Z")
    assert walk(client, f"{API}{name}/?updated_since={since}")[0] == []
    change(name, at, made[0])
    changed, _ = walk(client, f"{API}{name}/?updated_since={since}&limit=1")
    whole, _ = walk(client, f"{API}{name}/")
    assert len(changed) == 1
    assert changed[0] in whole


def change(name, at, learner):
    rows = {
        "progress": (Progress.objects.filter(learner=learner), {"attempts_submitted": 9}),
        "attempts": (Attempt.objects.filter(learner=learner), {"voided_at": timezone.now()}),
        "responses": (Attempt.objects.filter(learner=learner), {"voided_at": timezone.now()}),
        "grades": (Score.objects.filter(user=learner), {"state": "unavailable"}),
        "learners": (PlatformUser.objects.filter(pk=learner.pk), {"name": "Another"}),
        "placements": (Placement.objects.filter(pk=at.pk), {"attempts_allowed": 4}),
    }
    queryset, values = rows[name]
    assert queryset.update(**values) == 1


@ALL
def test_who_has_an_answer_already_is_told_so_in_few_bytes(people, name):
    at, made = learners_at_work(people, 2)
    client = program(people.institution)
    first = client.get(address(name, at))
    again = client.get(address(name, at), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    if name == "progress":
        change(name, at, made[0])
        assert client.get(address(name, at), headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_whoever_asks_for_an_indent_reads_the_same_over_more_lines(people):
    learners_at_work(people, 2)
    client = program(people.institution)
    plain, wide = (
        client.get(f"{API}progress/", headers={"Accept": f"application/json{said}"}) for said in ("", ";indent=2")
    )
    assert (plain.json()["results"], plain.headers["ETag"]) == (wide.json()["results"], wide.headers["ETag"])
    assert (plain.content.count(b"\n"), wide.content[:5]) == (0, b'{\n  "')


@ALL
def test_three_rows_cost_as_many_queries_as_one(people, name):
    client = program(people.institution)
    at, _learners = learners_at_work(people, 1)
    counts = []
    for number in (0, 2):
        learners_at_work(people, 0)
        for position in range(number):
            learner = someone(people, f"more {position}")
            answer(at, learner)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address(name, at)).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 10


FILTERS = [
    ("progress", "course={course}", 3),
    ("progress", "course=999999", 0),
    ("progress", "byte=it-project-manager&completed=true", 3),
    ("progress", "completed=false", 0),
    ("progress", "learner={learner}", 1),
    ("progress", "term=2026", 0),
    ("completions", "since=2026-01-01&course={course}", 3),
    ("completions", "learner={learner}", 1),
    ("completions", "until=2026-01-01", 0),
    ("completions", "status=not_started", 1),
    ("completions", "byte=it-project-manager&version=2", 0),
    ("attempts", "submitted=true&placement={placement}", 3),
    ("attempts", "submitted=false", 0),
    ("responses", "learner={learner}", 1),
    ("grades", "state=due", 3),
    ("grades", "state=sent", 0),
    ("grades", "placement={placement}&learner={learner}", 1),
    ("learners", "sub=sub-lin", 1),
    ("learners", "email=LIN@example.org", 1),
    ("bytes", "slug=it-project-manager&current=true&language=en", 1),
    ("bytes", "current=false", 0),
    ("placements", "byte=it-project-manager", 1),
    ("rosters", "placement={placement}&status=completed", 3),
    ("rosters", "placement={placement}&search=lin", 1),
    ("feedback", "course={course}", 1),
]


@pytest.mark.parametrize(("name", "asked", "number"), FILTERS)
def test_filters_narrow(people, name, asked, number):
    at, made = learners_at_work(people, 3)
    PlatformUser.objects.filter(pk=people.lin.pk).update(email="lin@example.org")
    words = asked.format(course=people.context.pk, learner=made[0].pk, placement=at.uuid)
    assert len(read(program(people.institution), f"{API}{name}/?{words}")["results"]) == number


WRONG = [
    ("progress", "update_since=2026-01-01T00:00:00Z", "update_since"),
    ("progress", "limit=0", "limit"),
    ("progress", "limit=501", "limit"),
    ("progress", "limit=", "limit"),
    ("progress", "updated_since=yesterday", "updated_since"),
    ("progress", "updated_since=2026-01-01", "updated_since"),
    ("progress", "placement=17", "placement"),
    ("progress", "course=0", "course"),
    ("progress", "course=9223372036854775808", "course"),
    ("progress", "completed=perhaps", "completed"),
    ("progress", "byte=%00", "byte"),
    ("grades", "state=lost", "state"),
    ("completions", "since=23.11.2026", "since"),
    ("rosters", "", "placement"),
    ("bytes", "updated_since=2026-01-01T00:00:00Z", "updated_since"),
]


@pytest.mark.parametrize(("name", "asked", "field"), WRONG)
def test_a_filter_that_makes_no_sense_is_named(people, name, asked, field):
    problem = read(program(people.institution), f"{API}{name}/?{asked}", status=400)
    assert problem["code"] == "invalid"
    assert [error["field"] for error in problem["errors"]] == [field]


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:60-14:00", "2026-01-01t00:00:00z"])
def test_every_time_that_the_standard_knows_is_understood(people, when):
    read(program(people.institution), f"{API}progress/?updated_since={when}")


def test_a_cursor_opens_only_the_question_it_came_from(people):
    learners_at_work(people, 2)
    client = program(people.institution)
    following = read(client, f"{API}progress/?limit=1")["next"]
    cursor = re.search(r"cursor=([^&]+)", following)[1]
    for url in (f"attempts/?cursor={cursor}", f"progress/?completed=true&cursor={cursor}", "progress/?cursor=x"):
        assert read(client, API + url, status=400)["code"] == "cursor_invalid"
    other = program(cast("birch").institution)
    assert read(other, f"{API}progress/?cursor={cursor}", status=400)["code"] == "cursor_invalid"


def test_few_ratings_show_nothing_and_comments_come_without_person_or_time(people):
    at, made = learners_at_work(people, 4)
    client = program(people.institution)
    (few,) = read(client, f"{API}feedback/")["results"]
    assert few["versions"][0] | {"byte": None} == {
        "byte": None, "is_shown": False, "count": None, "mean": None, "ratings": None
    }  # fmt: skip
    assert "Said by" not in json.dumps(read(client, f"{API}feedback/{at.uuid}/"))
    learners_at_work(cast("birch"), 3)
    fifth = someone(people, "Aaron")
    from itpm_byte.learning import feedback

    feedback.give(at, fifth, at.byte, rating=1, comment="A first one", now=timezone.now())
    (shown,) = read(client, f"{API}feedback/")["results"][0]["versions"]
    assert (shown["count"], shown["mean"], shown["ratings"]) == (5, 3.4, {"1": 1, "2": 0, "3": 0, "4": 4, "5": 0})
    (version,) = read(client, f"{API}feedback/{at.uuid}/")["versions"]
    assert version["comments"] == sorted(version["comments"])
    assert len(version["comments"]) == 5


def test_the_roster_lists_who_has_not_begun_too(people):
    at = placement(people.link)
    rows = read(program(people.institution), address("rosters", at))["results"]
    assert [(row["learner"], row["name"], row["status"], row["grade"]) for row in rows] == [
        (people.lin.pk, "Lin", "not_started", "none")
    ]
