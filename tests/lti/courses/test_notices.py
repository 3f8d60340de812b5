"""Notices of the LMS itself: asked for, checked like launches, believed once (OTH-09, SEC-19)."""

import json
import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from lti import keysets, launch, offers, protocol, pruning, scopes
from lti.courses import misses, notices
from lti.models import Context, Deployment, Institution, Launch, Notice, NoticeMiss, Registration
from tests import shapes
from tests.cast import cast
from tests.lti.course import make_course
from tests.lti.platform import LEFT_OUT, LTI, SECOND, by_hand
from tests.lti.scripted import Said, ScriptedLms, with_token

PNS = LTI + "platformnotificationservice"
URL = "/lti/notices/"


@pytest.fixture
def registration(platform):
    """An LMS whose keys we know, with course 1 that somebody has launched from."""
    registration = platform.register()
    keysets.fetch(registration, now=timezone.now())
    platform.asked = 0
    Context.objects.create(deployment=registration.deployments.get(), context_id="course 1", title="Careers 101")
    return registration


def body(platform, **changes):
    now = int(time.time())
    told = {
        "iss": platform.url,
        "aud": ["client"],
        "iat": now,
        "exp": now + 300,
        LTI + "version": "1.3.0",
        LTI + "deployment_id": "1",
        LTI + "notice": {"id": "notice 1", "timestamp": "2026-11-23T12:00:00Z", "type": "LtiContextCopyNotice"},
        LTI + "context": {"id": "course 2", "title": "Careers 102", "label": "C102"},
        LTI + "origin_contexts": ["course 1"],
    }
    told |= {(LTI + name if LTI + name in told else name): value for name, value in changes.items()}
    return {name: value for name, value in told.items() if value is not LEFT_OUT}


def post(*tokens, client=None, **options):
    sent = json.dumps({"notices": [{"jwt": token} for token in tokens]})
    return (client or Client(enforce_csrf_checks=True)).post(URL, sent, content_type="application/json", **options)


def tasks(name):
    return [row.args_kwargs["args"] for row in DBTaskResult.objects.filter(task_path=f"lti.courses.notices.{name}")]


# --- being told


def test_a_notice_of_a_copied_course_is_written_down_and_left_to_a_worker(
    platform, registration, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = post(platform.sign(body(platform)))

    assert (answer.status_code, answer.json()) == (202, {"accepted": 1})
    notice = Notice.objects.get()
    assert tasks("handle") == [[notice.pk]]
    assert not Context.objects.filter(context_id="course 2").exists()
    assert platform.asked == 0


def test_the_worker_remembers_what_the_course_was_copied_from(platform, registration):
    notices.receive(platform.sign(body(platform)), now=timezone.now())

    assert notices.handle.func(Notice.objects.get().pk) == "remembered"

    copy = Context.objects.get(context_id="course 2")
    assert (copy.title, copy.label, copy.origin_ids) == ("Careers 102", "C102", ["course 1"])
    assert notices.handle.func(Notice.objects.get().pk) == "known"


def test_a_course_that_was_launched_meanwhile_keeps_its_names(platform, registration):
    Context.objects.create(deployment=registration.deployments.get(), context_id="course 2", title="Renamed")
    notices.receive(platform.sign(body(platform)), now=timezone.now())
    notices.handle.func(Notice.objects.get().pk)

    copy = Context.objects.get(context_id="course 2")
    assert (copy.title, copy.origin_ids) == ("Renamed", ["course 1"])


def test_origins_of_another_tenant_are_ignored_and_logged(platform, registration, caplog):
    other = cast("other")
    told = ["course 1", other.context.context_id, "unknown", "course 2", 7, None]
    notices.receive(platform.sign(body(platform, origin_contexts=told)), now=timezone.now())
    notices.handle.func(Notice.objects.get().pk)

    assert Context.objects.get(context_id="course 2").origin_ids == ["course 1"]
    (event,) = [record.msg for record in caplog.records if record.msg["event"] == "lti.origins_unknown"]
    assert event["strangers"] == 3


def test_a_notice_counts_once_however_often_it_comes(platform, registration):
    token = platform.sign(body(platform))
    assert [notices.receive(token, now=timezone.now()) for _ in range(2)] == [True, False]
    assert post(token).status_code == 202
    assert Notice.objects.count() == 1


def test_the_same_id_from_another_deployment_is_another_notice(platform, registration):
    Deployment.objects.create(registration=registration, institution=registration.institution, deployment_id="2")
    for deployment_id in ("1", "2"):
        notices.receive(platform.sign(body(platform, deployment_id=deployment_id)), now=timezone.now())
    assert Notice.objects.count() == 2


def test_other_notices_are_taken_and_nothing_of_them_is_kept(platform, registration):
    hello = {"id": "n", "timestamp": "2026-11-23T12:00:00Z", "type": "LtiHelloWorldNotice"}
    notices.receive(platform.sign(body(platform, notice=hello, name="Lin Tran")), now=timezone.now())

    notice = Notice.objects.get()
    assert (notice.notice_type, notice.told) == ("LtiHelloWorldNotice", {})
    assert notices.handle.func(notice.pk) == "nothing to do"


# --- what is not believed

NOW = int(time.time())
BAD = {
    "another issuer": ({"iss": "https://evil.example"}, "platform_unknown"),
    "for another tool": ({"aud": "other"}, "platform_unknown"),
    "for us and a stranger": ({"aud": ["client", "other"]}, "audience"),
    "another party": ({"azp": "other"}, "azp"),
    "expired": ({"exp": NOW - 3600}, "exp"),
    "no expiry": ({"exp": LEFT_OUT}, "exp"),
    "old": ({"iat": NOW - 3600}, "iat"),
    "version": ({"version": "1.1"}, "version"),
    "no deployment": ({"deployment_id": LEFT_OUT}, "deployment"),
    "unknown deployment": ({"deployment_id": "9"}, "deployment_unknown"),
    "no notice": ({"notice": LEFT_OUT}, "notice"),
    "no id": ({"notice": {"type": "LtiContextCopyNotice"}}, "notice"),
    "no course": ({"context": LEFT_OUT}, "context"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_notice_that_a_launch_would_be_refused_for_is_refused(platform, registration, case):
    changes, reason = BAD[case]
    with pytest.raises(notices.NoticeRefused) as refused:
        notices.receive(platform.sign(body(platform, **changes)), now=timezone.now())
    assert refused.value.reason == reason
    assert post(platform.sign(body(platform, **changes))).status_code == 401
    assert not Notice.objects.exists()


@pytest.mark.parametrize("forgery", ["other key", "none", "hmac", "changed", "no kid", "not json", "two parts"])
def test_a_forged_notice_is_refused(platform, registration, forgery):
    """SEC-01: the same forgeries as with launches."""
    good = platform.sign(body(platform))
    head, _, signature = good.split(".")
    token = {
        "other key": platform.sign(body(platform), key=SECOND, kid="first"),
        "none": by_hand({"alg": "none", "kid": "first"}, body(platform)),
        "hmac": by_hand({"alg": "HS256", "kid": "first"}, body(platform), secret=b"public"),
        "changed": ".".join([head, good.split(".")[1][:-4] + "AAAA", signature]),
        "no kid": platform.sign(body(platform), kid=LEFT_OUT),
        "not json": "a.b.c",
        "two parts": "a.b",
    }[forgery]
    with pytest.raises(notices.NoticeRefused):
        notices.verified(token, now=timezone.now(), may_ask=True)
    assert not Notice.objects.exists()


@pytest.mark.parametrize("row", ["registration", "deployment"])
def test_an_lms_that_is_switched_off_tells_nothing(platform, registration, row):
    Registration.objects.update(status="disabled") if row == "registration" else Deployment.objects.update(
        status="disabled"
    )
    assert post(platform.sign(body(platform))).status_code == 401


def test_a_deployment_of_another_lms_is_unknown(platform, registration):
    """SEC-05: a notice touches its own registration's tenants only."""
    Deployment.objects.filter(pk=cast("other").deployment.pk).update(deployment_id="7")
    with pytest.raises(notices.NoticeRefused) as refused:
        notices.receive(platform.sign(body(platform, deployment_id="7")), now=timezone.now())
    assert refused.value.reason == "deployment_unknown"


def test_a_key_of_another_registration_counts_for_nothing(platform, registration):
    """SEC-05: keys are selected by registration."""
    other = Registration.objects.create(
        institution=Institution.objects.get(), name="Other", issuer="https://other.example", client_id="client",
        auth_login_url="https://other.example/a", auth_token_url="https://other.example/t",
        jwks_url="https://other.example/j",
    )  # fmt: skip
    Deployment.objects.create(registration=other, institution=other.institution, deployment_id="1")
    with pytest.raises(notices.KeyUnknown):
        notices.verified(platform.sign(body(platform, iss=other.issuer)), now=timezone.now(), may_ask=False)


# --- the key is not known yet


def test_a_new_key_is_looked_up_by_a_worker_not_by_whoever_posts(platform, registration):
    """SEC-16, SEC-19: nobody outside makes us ask the LMS while he waits."""
    platform.publish(SECOND.jwk())
    token = platform.sign(body(platform), key=SECOND)

    assert post(token).status_code == 202

    assert (platform.asked, Notice.objects.count(), tasks("check_later")) == (0, 0, [[token]])
    assert notices.check_later.func(token) == "written down"
    assert (platform.asked, Notice.objects.count()) == (1, 1)
    assert notices.check_later.func(token) == "known"


def test_nobody_fills_the_queue_with_made_up_keys(platform, registration, time_machine):
    time_machine.move_to(timezone.now().replace(second=1), tick=False)
    forged = platform.sign(body(platform), key=SECOND, kid="made up")
    statuses = [post(forged, REMOTE_ADDR=f"192.0.2.{number}").status_code for number in range(31)]
    assert (statuses[:30], statuses[30], len(tasks("check_later"))) == ([202] * 30, 401, 30)


def test_a_worker_asks_for_unknown_keys_at_most_once_a_minute(platform, registration):
    for number in range(3):
        forged = platform.sign(body(platform), key=SECOND, kid=f"made up {number}")
        assert notices.check_later.func(forged) == "kid_unknown"
    assert platform.asked == 1


# --- the address itself


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", 400),
        (b"nonsense", 400),
        (b"[]", 400),
        (b'{"notices": {}}', 400),
        (b'{"notices": [1]}', 400),
        (b'{"notices": [{"jwt": 1}]}', 400),
        (b'{"notices": []}', 202),
        (b'{"notices": [' + b",".join([b'{"jwt": "a.b.c"}'] * 21) + b"]}", 413),
        (b'{"notices": ["' + b"x" * 200_000 + b'"]}', 413),
        (b"[" * 20_000, 400),
    ],
)
def test_odd_requests_are_turned_away_quickly(client, sent, status):
    assert client.post(URL, sent, content_type="application/json").status_code == status


@pytest.mark.django_db
def test_only_posts_are_taken(client):
    assert client.get(URL).status_code == 405


def test_of_a_batch_the_good_ones_are_taken(platform, registration):
    good = [platform.sign(body(platform, notice={"id": f"n{number}", "type": "x"})) for number in range(2)]
    answer = post(good[0], "a.b.c", good[1])
    assert (answer.status_code, answer.json(), Notice.objects.count()) == (202, {"accepted": 2}, 2)


def test_who_sends_much_that_is_refused_must_wait_a_minute(platform, registration, time_machine):
    time_machine.move_to("2026-11-23T12:00:00+00:00", tick=False)
    statuses = [post("a.b.c").status_code for _ in range(31)]
    assert (statuses[:30], statuses[30]) == ([401] * 30, 429)
    assert post("a.b.c", REMOTE_ADDR="192.0.2.7").status_code == 401

    time_machine.move_to("2026-11-23T12:01:01+00:00", tick=False)
    assert post("a.b.c").status_code == 401


def test_misses_count_over_all_processes_and_keep_no_address(platform, registration, time_machine):
    time_machine.move_to("2026-11-23T12:00:30+00:00", tick=False)
    for _ in range(29):
        misses.add("127.0.0.1", now=timezone.now())  # at another process
    assert post("a.b.c").status_code == 401
    answer = post("a.b.c")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")

    [row] = NoticeMiss.objects.all()
    assert (row.number, "127" in row.sender) == (30, False)
    assert pruning.prune(now=timezone.now() + timedelta(hours=1))["misses"] == 1


def test_behind_a_proxy_each_sender_has_a_limit_of_its_own(platform, registration, settings, time_machine):
    time_machine.move_to("2026-11-23T12:00:30+00:00", tick=False)
    settings.BEHIND_PROXY = True
    forwarded = "198.51.100.1, 192.0.2.1"
    statuses = [post("a.b.c", headers={"X-Forwarded-For": forwarded}).status_code for _ in range(31)]
    assert statuses[30] == 429
    # What a sender says of itself stands before that and counts for nothing.
    assert post("a.b.c", headers={"X-Forwarded-For": "198.51.100.9, 192.0.2.1"}).status_code == 429
    assert post("a.b.c", headers={"X-Forwarded-For": "192.0.2.1, 192.0.2.2"}).status_code == 401


def test_nothing_of_a_notice_reaches_the_log(platform, registration, caplog):
    """SEC-11."""
    post(platform.sign(body(platform)), platform.sign(body(platform, exp=1)), "a.b.c")
    said = " ".join(str(record.msg) for record in caplog.records)
    for secret in ("course 2", "Careers"):
        assert secret not in said
    assert not shapes.has_signed(said)


# --- asking to be told


@pytest.mark.django_db
def test_our_address_is_registered_when_a_launch_offers_it_and_once_a_week(
    platform, django_capture_on_commit_callbacks
):
    platform.register()
    offer = {
        "platform_notification_service_url": f"{platform.url}/notice-handlers",
        "scope": [scopes.NOTICE_HANDLERS],
        "notice_types_supported": ["LtiHelloWorldNotice", "LtiContextCopyNotice"],
    }
    now = timezone.now()
    asked = []
    for days in (0, 1, 8):
        start = protocol.begin_login(
            {"iss": platform.url, "login_hint": "h", "target_link_uri": "http://127.0.0.1:8000/lti/launch/"},
            registration_uuid=None,
            now=now,
        )
        token = platform.sign(platform.claims(start.login.nonce, **{PNS: offer}))
        verified = protocol.read_launch({"id_token": token, "state": start.state}, now=now)
        with django_capture_on_commit_callbacks(execute=True):
            launch.record(verified, now=now + timedelta(days=days))
        asked.append(len(tasks("register")))

    assert asked == [1, 1, 2]
    assert Deployment.objects.get().notices_url == f"{platform.url}/notice-handlers"
    assert Launch.objects.count() == 3


@pytest.mark.django_db
def test_a_new_address_is_registered_at_once_but_not_one_per_launch():
    deployment, now = cast().deployment, timezone.now()
    hours = [("/n", 0), ("/n", 24), ("/moved", 25), ("/moved again", 25.5), ("/moved again", 27)]
    asked = [
        notices.ask(deployment, f"https://lms.example{path}", now=now + timedelta(hours=after)) for path, after in hours
    ]
    assert asked == [True, False, True, False, True]


@pytest.mark.parametrize(
    "offer",
    [
        None,
        "text",
        {},
        {"platform_notification_service_url": "https://lms.example/n"},
        {"platform_notification_service_url": "https://lms.example/n", "notice_types_supported": ["Other"]},
        {"platform_notification_service_url": "nonsense", "notice_types_supported": ["LtiContextCopyNotice"]},
    ],
)
def test_an_lms_that_tells_of_no_copies_offers_nothing(offer):
    assert offers.notices_url({PNS: offer}) == ""


def test_the_handler_is_put_with_type_and_size(keyset, db, settings):
    settings.PUBLIC_URL = "https://byte.example"
    keyset.install()
    with ScriptedLms(with_token(lambda asked: Said({"notice_type": "LtiContextCopyNotice"}))) as lms:
        course = make_course(url=lms.url)
        Deployment.objects.update(notices_url=f"{lms.url}/notice-handlers")
        assert notices.register.func(course.deployment.pk) == "registered"

    token, put = lms.asked
    assert token.form["scope"] == scopes.NOTICE_HANDLERS
    assert (put.method, put.path, put.headers["Content-Type"]) == ("PUT", "/notice-handlers", "application/json")
    assert put.json == {
        "notice_type": "LtiContextCopyNotice",
        "handler": "https://byte.example/lti/notices/",
        "max_batch_size": 20,
    }


def test_an_lms_that_refuses_the_handler_is_remembered(keyset, db):
    keyset.install()
    with ScriptedLms(with_token(lambda asked: Said({}, 403))) as lms:
        course = make_course(url=lms.url)
        Deployment.objects.update(notices_url=f"{lms.url}/notice-handlers")
        assert notices.register.func(course.deployment.pk) == "forbidden"
    assert Deployment.objects.get().notices_error == "forbidden"
