"""Results, the roster and groups, as LMSs give them (AGS-40, NRPS-01 … NRPS-07, OTH-11)."""

from decimal import Decimal

import pytest
from django.utils import timezone

from lti import scopes, services
from lti.grades import results
from lti.grades.results import Result
from lti.models import LineItem
from lti.outcomes import ServiceProblem, Verdict
from lti.services import Group, Member, Services
from tests.lti.course import course_at, make_course
from tests.lti.scripted import Said, ScriptedLms, with_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(keyset, db):
    return keyset.install()


def of(course) -> Services:
    line_item = LineItem.objects.select_related("resource_link", "deployment__registration").get(
        resource_link=course.link
    )
    return Services.of_line_item(line_item, now=timezone.now())


def of_course(course) -> Services:
    return Services.of_context(course.context, now=timezone.now())


def test_a_result_is_read_for_one_person(moodle):
    course = course_at(moodle)
    moodle.store.change_grade("lin", "careers", score=7.5, comment="Good")
    moodle.store.change_grade("kai", "careers", score=1.0)

    assert results.of_person(of(course), course.line_item.url, user_id=course.lin.sub) == [
        Result(course.lin.sub, Decimal("7.5"), Decimal(10), "Good")
    ]
    assert moodle.journal.refusals == []


def test_the_overridden_grade_is_what_results_show(moodle):
    course = course_at(moodle)
    moodle.store.change_grade("lin", "careers", score=7.5, overridden=9.0)

    (result,) = results.of_person(of(course), course.line_item.url, user_id=course.lin.sub)
    assert result.on_scale_of(Decimal(1)) == Decimal("0.9")


def test_zero_that_moodle_leaves_out_is_no_score_but_a_result(moodle):
    course = course_at(moodle)
    moodle.store.change_grade("lin", "careers", score=0.0)

    (result,) = results.of_person(of(course), course.line_item.url, user_id=course.lin.sub)
    assert (result.score, result.on_scale_of(Decimal(10))) == (None, None)


def test_results_come_on_all_pages_and_of_one_person_also_when_the_filter_is_ignored(key):
    def script(asked):
        if "p=2" in asked.path:
            return Said([{"userId": "5", "resultScore": "3.5"}])
        return Said([{"userId": "6", "resultScore": 1}], headers={"Link": f"<{lms.url}/i/results?p=2>; rel=next"})

    with ScriptedLms(with_token(script)) as lms:
        course = make_course(url=lms.url, lineitem_url=f"{lms.url}/i")
        found = results.of_person(of(course), f"{lms.url}/i", user_id="5")

    assert found == [Result("5", Decimal("3.5"), Decimal(1), "")]


@pytest.mark.parametrize("score", ["abc", True, None, [], "NaN", "Infinity"])
def test_a_result_that_is_no_number_is_none(key, score):
    with ScriptedLms(with_token(lambda asked: Said([{"userId": "5", "resultScore": score}]))) as lms:
        course = make_course(url=lms.url, lineitem_url=f"{lms.url}/i")

        assert results.of_person(of(course), f"{lms.url}/i", user_id="5")[0].score is None


def test_the_roster_lists_everybody_in_the_course(moodle):
    course = course_at(moodle)
    found = services.roster(of_course(course), course.context.memberships_url)

    everybody = {person["id"]: person for person in moodle.store.all()["people"].values()}
    assert len(found.members) == 8
    assert Member("5", ("Learner",), "Active", "Lin Tran", "lin@school.example") in found.members
    assert {member.user_id for member in found.members} <= set(everybody)
    assert moodle.journal.refusals == []


def test_the_roster_can_be_asked_for_learners_and_for_one_link(canvas):
    course = course_at(canvas)
    found = services.roster(of_course(course), course.context.memberships_url, role="Learner", resource_link_id="x&y")

    assert course.lin.sub in {member.user_id for member in found.members}
    assert course.ada.sub not in {member.user_id for member in found.members}
    assert canvas.journal.entries("roster")[0]["path"].endswith("?role=Learner&rlid=x%26y")


def test_an_lms_that_does_not_know_the_link_is_asked_for_the_course(key):
    """NRPS-05."""

    def script(asked):
        return Said({}, 404) if "rlid" in asked.query else Said({"members": [{"user_id": "1", "roles": ["Learner"]}]})

    with ScriptedLms(with_token(script)) as lms:
        found = services.roster(of_course(make_course(url=lms.url)), f"{lms.url}/m", resource_link_id="26")

    assert [member.user_id for member in found.members] == ["1"]
    assert lms.paths("/m") == ["/m?rlid=26", "/m"]


def test_a_roster_in_pages_is_put_together_and_its_differences_link_kept(key):
    def script(asked):
        page = int(asked.query.get("Page", "1"))
        members = [{"user_id": f"u{page}", "roles": ["Learner"]}, {"roles": []}, "nonsense"]
        following = f"<{lms.url}/Members?Page={page + 1}>; rel=next, " if page < 3 else ""
        link = following + f"<{lms.url}/Members?since={page}>; rel=differences"
        return Said({"members": members}, headers={"Link": link})

    with ScriptedLms(with_token(script)) as lms:
        found = services.roster(of_course(make_course(url=lms.url)), f"{lms.url}/Members")

    assert [member.user_id for member in found.members] == ["u1", "u2", "u3"]
    assert found.differences_url == f"{lms.url}/Members?since=3"
    assert lms.asked[-1].headers["Accept"] == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


def test_a_roster_that_breaks_off_half_way_is_no_roster(key):
    def script(asked):
        if "p=2" in asked.path:
            return Said({}, 503)
        return Said({"members": [{"user_id": "1"}]}, headers={"Link": f"<{lms.url}/m?p=2>; rel=next"})

    with ScriptedLms(with_token(script)) as lms, pytest.raises(ServiceProblem) as problem:
        services.roster(of_course(make_course(url=lms.url)), f"{lms.url}/m")

    assert problem.value.outcome.verdict is Verdict.RETRY


@pytest.mark.parametrize("body", [{}, {"members": None}, [], "text", b"<html>"])
def test_an_answer_without_members_is_not_an_empty_roster(key, body):
    with ScriptedLms(with_token(lambda asked: Said(body))) as lms, pytest.raises(ServiceProblem) as problem:
        services.roster(of_course(make_course(url=lms.url)), f"{lms.url}/m")

    assert problem.value.outcome.code == "bad_answer"


def test_a_member_without_names_mail_or_roles_is_still_a_member(key):
    with ScriptedLms(with_token(lambda asked: Said({"members": [{"user_id": 7, "name": None}]}))) as lms:
        found = services.roster(of_course(make_course(url=lms.url)), f"{lms.url}/m")

    assert found.members == (Member("7", (), "Active", "", ""),)


def test_groups_are_read_for_one_person(key):
    row = {"id": 1, "name": "Red", "set_id": "s"}
    with ScriptedLms(with_token(lambda asked: Said({"groups": [row]}))) as lms:
        course = make_course(url=lms.url)
        found = services.groups(of_course(course), f"{lms.url}/groups", user_id="5")

    assert found == [Group("1", "Red", "", "s")]
    assert lms.asked[-1].path == "/groups?user_id=5"


def test_a_service_whose_scope_was_not_offered_is_not_called(key):
    with ScriptedLms(with_token(lambda asked: Said([]))) as lms, pytest.raises(ServiceProblem) as problem:
        services.groups(of(make_course(url=lms.url)), f"{lms.url}/groups")

    assert (problem.value.outcome.code, lms.asked) == ("scope_missing", [])


def test_only_scopes_that_were_offered_are_asked_for(key):
    offered = [scopes.LINEITEM_READ, scopes.SCORE]
    with ScriptedLms(with_token(lambda asked: Said({}))) as lms:
        course = make_course(url=lms.url, offered=offered)
        of(course).read(f"{lms.url}/i", wants=[scopes.LINEITEM, scopes.LINEITEM_READ], accept="x")

    assert lms.asked[0].form["scope"] == scopes.LINEITEM_READ
    assert lms.asked[1].headers["Authorization"] == "Bearer t0k3n-of-the-lms"


def test_hosts_that_may_get_our_token_are_the_registrations_and_those_of_signed_launches():
    course = make_course(
        url="https://lms.example",
        lineitem_url="https://Grades.example:8443/i/1",
        lineitems_url="https://lists.example/is",
        auth_token_url="https://sso.example/token",
    )
    hosts = of(course).hosts

    assert hosts == {"lms.example", "sso.example", "grades.example", "lists.example"}
    assert not of(course).may_call("https://lms.example.evil.example/i")
    assert not of(course).may_call("not an address")
