import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lti import launch, protocol
from lti.errors import LaunchRefused
from lti.models import (
    Context,
    Deployment,
    Launch,
    LineItem,
    Login,
    Membership,
    PlatformUser,
    ResourceLink,
    Role,
    Score,
)
from tests.lti.platform import LEFT_OUT, TARGET

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


@pytest.fixture
def registration(platform):
    return platform.register()


@pytest.fixture
def verify(platform, registration):
    """A launch that was read but not recorded."""

    def verified(**changes):
        sent = {"iss": platform.url, "login_hint": "hint", "target_link_uri": TARGET, "client_id": "client"}
        start = protocol.begin_login(sent, registration_uuid=None, now=timezone.now())
        claims = platform.claims(**{"nonce": start.login.nonce, **changes})
        post = {"id_token": platform.sign(claims), "state": start.state}
        return protocol.read_launch(post, now=timezone.now())

    return verified


def at_once(*functions):
    """Run them in threads that all wait for the last one; answers results and LaunchRefused reasons."""
    gate = threading.Barrier(len(functions))

    def run(function):
        try:
            gate.wait()
            return function()
        except LaunchRefused as refused:
            return refused.reason
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(functions)) as threads:
        return [future.result() for future in [threads.submit(run, function) for function in functions]]


# --- once, atomically


@pytest.mark.django_db(transaction=True)
def test_of_eight_that_arrive_with_one_login_at_the_same_moment_one_gets_in(verify):
    verified = verify()
    results = at_once(*[lambda: launch.record(verified, now=timezone.now())] * 8)

    assert Launch.objects.count() == 1
    assert [type(result) for result in results].count(Launch) == 1
    assert results.count("state_used") == 7
    assert (PlatformUser.objects.count(), Membership.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_whole_class_can_open_a_new_course_at_the_same_moment(verify):
    verified = [verify(sub=f"learner {number}") for number in range(8)]
    results = at_once(*[lambda one=one: launch.record(one, now=timezone.now()) for one in verified])

    assert [type(result) for result in results] == [Launch] * 8
    assert (Launch.objects.count(), PlatformUser.objects.count(), Membership.objects.count()) == (8, 8, 8)
    assert (Context.objects.count(), ResourceLink.objects.count(), LineItem.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_one_learner_with_two_tabs_in_a_new_course_is_one_learner(verify):
    verified = [verify() for _ in range(4)]
    results = at_once(*[lambda one=one: launch.record(one, now=timezone.now()) for one in verified])

    assert [type(result) for result in results] == [Launch] * 4
    assert (PlatformUser.objects.count(), Membership.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_new_deployment_that_is_welcome_arrives_once(verify, registration):
    registration.deployment_policy = "auto"
    registration.save()
    verified = [verify(deployment_id="new", sub=str(number)) for number in range(4)]
    results = at_once(*[lambda one=one: launch.record(one, now=timezone.now()) for one in verified])

    assert [type(result) for result in results] == [Launch] * 4
    assert Deployment.objects.filter(deployment_id="new").count() == 1


@pytest.mark.django_db
def test_a_used_login_changes_nothing_of_what_is_known(verify):
    verified = verify()
    launch.record(verified, now=NOW)
    Membership.objects.update(role=Role.INSTRUCTOR)
    PlatformUser.objects.update(name="Somebody")

    with pytest.raises(LaunchRefused) as refused:
        launch.record(verified, now=NOW)

    assert (refused.value.reason, refused.value.registration) == ("state_used", verified.registration)
    assert (Membership.objects.get().role, PlatformUser.objects.get().name) == (Role.INSTRUCTOR, "Somebody")


@pytest.mark.django_db
def test_the_database_itself_lets_no_second_launch_use_a_login(verify):
    recorded = launch.record(verify(), now=NOW)
    with pytest.raises(IntegrityError):
        Launch.objects.create(
            login=recorded.login,
            deployment=recorded.deployment,
            user=recorded.user,
            role=Role.LEARNER,
            created_at=NOW,
            expires_at=NOW,
        )


@pytest.mark.django_db
def test_nothing_is_written_for_a_refused_deployment(verify):
    verified = verify(deployment_id="unknown")
    with pytest.raises(LaunchRefused):
        launch.record(verified, now=NOW)
    counts = [model.objects.count() for model in (Launch, PlatformUser, Context, ResourceLink, Membership)]
    assert counts == [0, 0, 0, 0, 0]


# --- how many statements


def statements(captured):
    return [query["sql"].split()[0] for query in captured if query["sql"].split()[0] in COUNTED]


COUNTED = {"SELECT", "INSERT", "UPDATE", "DELETE"}


@pytest.fixture
def counted(platform, verify):
    """Statements of login, of reading and recording a launch, once keys, course and roster of the LMS are known."""
    launch.record(verify(sub="first"), now=timezone.now())

    def count(**changes):
        sent = {"iss": platform.url, "login_hint": "hint", "target_link_uri": TARGET, "client_id": "client"}
        with CaptureQueriesContext(connection) as login:
            start = protocol.begin_login(sent, registration_uuid=None, now=timezone.now())
        claims = platform.claims(**{"nonce": start.login.nonce, **changes})
        post = {"id_token": platform.sign(claims), "state": start.state}
        with CaptureQueriesContext(connection) as reading:
            verified = protocol.read_launch(post, now=timezone.now())
        with CaptureQueriesContext(connection) as recording:
            launch.record(verified, now=timezone.now())
        return [statements(captured) for captured in (login, reading, recording)]

    return count


@pytest.mark.django_db
def test_a_returning_learner_costs_two_selects_one_update_and_two_inserts(counted):
    assert counted(sub="first") == [["SELECT", "INSERT"], ["SELECT"], ["SELECT", "UPDATE", "INSERT"]]


@pytest.mark.django_db
def test_a_new_learner_in_a_known_course_costs_two_inserts_more(counted):
    assert counted(sub="new") == [["SELECT", "INSERT"], ["SELECT"], ["SELECT", "INSERT", "INSERT", "INSERT"]]


@pytest.mark.django_db
def test_the_number_of_people_courses_and_links_does_not_matter(counted, verify):
    for number in range(3):
        names = {"context": {"id": f"course {number}"}, "resource_link": {"id": f"link {number}"}}
        for sub in ("a", "b", "c"):
            launch.record(verify(sub=sub, **names), now=NOW)
    assert counted(sub="first") == [["SELECT", "INSERT"], ["SELECT"], ["SELECT", "UPDATE", "INSERT"]]


# --- what is kept


@pytest.mark.django_db
def test_the_launch_comes_with_everything_it_names(verify, django_assert_num_queries):
    launch.record(verify(), now=NOW)
    recorded = launch.record(verify(), now=NOW, proof_hash="p" * 64)

    with django_assert_num_queries(0):
        assert recorded.deployment.registration.client_id == "client"
        assert (recorded.user.sub, recorded.user.registration.client_id) == ("lin", "client")
        assert recorded.membership.context.title == "Careers 101"
        assert recorded.resource_link.title == "IT Project Manager"
        assert recorded.resource_link.line_item.url.endswith("/lineitems/1?type_id=2")
    assert (recorded.proof_hash, recorded.created_at) == ("p" * 64, NOW)
    assert recorded.expires_at == NOW + timedelta(hours=8)


@pytest.mark.django_db
def test_an_address_for_grades_that_comes_later_wakes_what_was_stopped(verify, platform):
    first = launch.record(verify(**{AGS: {"scope": [SCORE]}}), now=NOW)
    stopped = Score.objects.create(
        line_item=first.resource_link.line_item,
        user=first.user,
        score_given=1,
        score_maximum=1,
        activity_progress="Completed",
        grading_progress="FullyGraded",
        timestamp=NOW,
        state=Score.State.UNAVAILABLE,
    )
    launch.record(verify(**{AGS: {"scope": [SCORE]}}), now=NOW)
    stopped.refresh_from_db()
    assert stopped.state == Score.State.UNAVAILABLE

    launch.record(verify(**{AGS: {"scope": [SCORE], "lineitem": f"{platform.url}/lineitems/1"}}), now=NOW)

    stopped.refresh_from_db()
    assert stopped.state == Score.State.DUE


@pytest.mark.django_db
def test_a_launch_without_grade_services_forgets_none(verify):
    launch.record(verify(), now=NOW)
    recorded = launch.record(verify(**{AGS: LEFT_OUT}), now=NOW)
    link = ResourceLink.objects.get(pk=recorded.resource_link.pk)
    assert link.ags_scopes == [SCORE]
    assert link.line_item.url.endswith("/lineitems/1?type_id=2")


@pytest.mark.django_db
def test_titles_that_are_left_out_stay(verify):
    launch.record(verify(), now=NOW)
    recorded = launch.record(verify(context={"id": "course"}, resource_link={"id": "link"}), now=NOW)
    assert Context.objects.get().title == "Careers 101"
    assert ResourceLink.objects.get(pk=recorded.resource_link.pk).title == "IT Project Manager"


@pytest.mark.django_db
def test_somebody_who_had_left_is_back(verify):
    launch.record(verify(), now=NOW)
    Membership.objects.update(status=Membership.Status.LEFT)
    launch.record(verify(), now=NOW)
    assert Membership.objects.get().status == Membership.Status.ACTIVE


@pytest.mark.django_db
def test_a_login_that_was_pruned_after_the_launch_leaves_the_launch(verify):
    recorded = launch.record(verify(), now=NOW)
    Login.objects.all().delete()
    recorded.refresh_from_db()
    assert recorded.login is None
