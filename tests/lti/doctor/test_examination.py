"""Connections that are broken in one way each: the doctor names the cause, and who can mend it."""

import json
import socket
from datetime import timedelta

import pytest
from django.utils import timezone

from lti import addresses, scopes, tasks
from lti.doctor import examination as doctor
from lti.doctor import words as doctor_words
from lti.doctor.causes import CAUSES
from lti.doctor.causes_by_product import BY_PRODUCT
from lti.doctor.visit import Finding
from lti.models import AccessToken, Deployment, Launch, LineItem, Login, Registration, ResourceLink, Score, ToolKey
from lti.products import NAMES
from tests import shapes
from tests.lti.clinic import arrive, as_json, causes, connect, findings, own_certificate, serving
from tests.lti.course import ALL_SCOPES, make_course
from tests.lti.scripted import TOKEN

pytestmark = pytest.mark.django_db

TOKEN_CHECKS = {"token_scores", "token_results", "token_columns", "token_columns_read", "token_roster"}
SECRETS = ("t0k3n", "Bearer", "BEGIN", "lin@", "Lin Tran", "sub-", "sesskey")


@pytest.fixture
def here(settings, keyset):
    """PUBLIC_URL as it should be: our key set answers there."""
    settings.PUBLIC_URL = keyset.url
    return settings


@pytest.fixture
def course(moodle, here):
    """A healthy connection to a pretend Moodle."""
    return connect(moodle)


def words(course, check: str) -> str:
    """What the doctor says about one check: what it found, and what to do."""
    found = findings(course.registration)[check]
    now = timezone.now()
    registration = course.registration
    return f"{doctor_words.what(found, registration, now=now)} {doctor_words.todo(found, registration, now=now)}"


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- Healthy


@pytest.mark.parametrize("lms", ["moodle", "canvas"])
def test_a_healthy_connection_is_found_healthy(request, lms, here):
    healthy = connect(request.getfixturevalue(lms))
    found = findings(healthy.registration)

    assert {each.verdict for each in found.values()} == {"ok"}
    assert doctor.worst(found.values()) == "ok"
    expected = {"state", "our_keys", "their_keys", "login_page", "clock", *TOKEN_CHECKS}
    assert set(found) == expected | {"line_item", "roster", "deployments", "launches", "grades"}


def test_the_doctor_changes_nothing_and_keeps_no_token(course, moodle):
    before = list(Registration.objects.values())
    findings(course.registration)

    assert list(Registration.objects.values()) == before
    assert AccessToken.objects.count() == 0
    assert moodle.journal.entries("scores") == []
    assert moodle.journal.refusals == []


# --- Broken, one by one


def test_a_wrong_address_of_their_key_set_is_named(course, moodle):
    Registration.objects.update(jwks_url=f"{moodle.url}/wrong/")

    assert causes(course.registration) == {"their_keys": "their_keys_status"}
    assert "letter for letter" in words(course, "their_keys")


def test_an_address_of_a_key_set_that_shows_a_page_is_named(course, moodle):
    Registration.objects.update(jwks_url=moodle.url)

    assert causes(course.registration) == {"their_keys": "their_keys_nonsense"}


def test_addresses_that_send_us_elsewhere_are_named_and_not_followed(course, here):
    with serving(lambda method, path: (301, b"")) as url:
        Registration.objects.update(jwks_url=f"{url}/jwks", auth_token_url=f"{url}/token")
        here.PUBLIC_URL = url

        assert causes(course.registration) == {
            "our_keys": "our_keys_moved",
            "their_keys": "their_keys_moved",
            "tokens": "token_moved",
        }


def test_our_own_key_set_entered_as_theirs_is_named(course, here):
    Registration.objects.update(jwks_url=addresses.keyset_url())

    assert causes(course.registration) == {"their_keys": "their_keys_are_ours"}


def test_a_key_set_without_the_key_of_the_last_launches_is_named(course, moodle):
    Launch.objects.update(created_at=timezone.now() - timedelta(hours=1))
    Registration.objects.update(jwks_missed_kid="prod-2026", jwks_missed_at=timezone.now() - timedelta(minutes=5))

    assert causes(course.registration) == {"their_keys": "their_key_missing"}
    assert "5\xa0minutes" in words(course, "their_keys")
    assert "prod-2026" in words(course, "their_keys")


def test_an_invented_key_that_good_launches_followed_is_no_trouble(course):
    Registration.objects.update(jwks_missed_kid="invented", jwks_missed_at=timezone.now() - timedelta(minutes=5))

    assert causes(course.registration) == {}


def test_a_key_that_has_arrived_meanwhile_is_no_trouble(course, moodle):
    Launch.objects.update(created_at=timezone.now() - timedelta(hours=1))
    kid = json.loads(_get(moodle.jwks_url))["keys"][0]["kid"]
    Registration.objects.update(jwks_missed_kid=kid, jwks_missed_at=timezone.now())

    assert causes(course.registration) == {}


def _get(url: str) -> bytes:
    from lti import http

    return http.request("GET", url).body


@pytest.mark.parametrize(
    ("keys", "cause"),
    [
        ([], "their_keys_empty"),
        ([{"kty": "RSA", "n": "sXch", "e": "AQAB"}], "their_keys_unusable"),
        ([{"kty": "RSA", "kid": "short", "n": "sXch", "e": "AQAB"}], "their_keys_unusable"),
    ],
)
def test_keys_that_cannot_check_a_launch_are_named(course, keys, cause):
    with serving(lambda method, path: (200, as_json({"keys": keys}))) as url:
        Registration.objects.update(jwks_url=f"{url}/jwks")

        assert causes(course.registration) == {"their_keys": cause}


def test_keys_for_another_algorithm_than_the_accepted_one_are_named(course):
    Registration.objects.update(signing_algorithms=["ES256"])

    assert causes(course.registration) == {"their_keys": "their_keys_other_algorithm"}
    assert "RS256; this connection accepts ES256 only" in words(course, "their_keys")


def test_an_lms_that_cannot_be_reached_is_named_and_not_asked_again_and_again(course):
    port = closed_port()
    Registration.objects.update(
        jwks_url=f"http://127.0.0.1:{port}/jwks", auth_token_url=f"http://127.0.0.1:{port}/token"
    )
    found = causes(course.registration)

    assert found["their_keys"] == "their_keys_silence"
    assert found["tokens"] == "token_silence"
    assert "firewall" in words(course, "their_keys")


def test_an_lms_whose_name_is_not_known_is_named(course):
    Registration.objects.update(jwks_url="http://lms.invalid/jwks")

    assert causes(course.registration) == {"their_keys": "their_keys_name"}


def test_a_certificate_that_nobody_vouches_for_is_named(course, tmp_path):
    with serving(lambda method, path: (200, b"{}"), certificate=own_certificate(tmp_path)) as url:
        Registration.objects.update(jwks_url=f"{url}/jwks", auth_token_url=f"{url}/token")
        found = causes(course.registration)

    assert found["their_keys"] == "their_keys_tls"
    assert found["tokens"] == "token_tls"


@pytest.mark.parametrize(
    ("url", "verdict", "cause"),
    [
        ("http://lms.invalid/auth", "broken", "login_page_name"),
        ("http://10.0.0.7/auth", "look", "login_page_address"),
        ("http://127.0.0.1:{port}/auth", "look", "login_page_silence"),
    ],
)
def test_a_page_where_no_launch_can_begin_is_named(course, url, verdict, cause):
    Registration.objects.update(auth_login_url=url.format(port=closed_port()))

    assert causes(course.registration, verdict) == {"login_page": cause}


def test_an_address_inside_our_network_is_named_and_never_called(course):
    Registration.objects.update(jwks_url="http://10.0.0.7/jwks")

    assert causes(course.registration) == {"their_keys": "their_keys_address"}


def test_a_token_address_that_shows_a_page_is_named_and_moodles_own_reason_told(course, moodle, keyset):
    moodle.faults.add("token", "html")
    found = causes(course.registration)

    assert found == {"tokens": "token_html"}
    assert len(moodle.journal.entries("token")) == 1
    assert "HTTP security" in words(course, "tokens")
    assert keyset.url in words(course, "tokens")


def test_a_client_id_that_the_lms_does_not_know_is_named(course):
    Registration.objects.update(client_id="nobody-knows-me")

    assert causes(course.registration) == {"tokens": "token_client_refused"}
    assert "nobody-knows-me" in words(course, "tokens")


def test_a_refusal_without_a_reason_is_told_as_such(course):
    with serving(lambda method, path: (400, as_json({"message": "no"}))) as url:
        Registration.objects.update(auth_token_url=f"{url}/token")

        assert causes(course.registration) == {"tokens": "token_refused"}
        assert "(status 400, no reason given)" in words(course, "tokens")


def test_a_wrong_audience_is_named(course, moodle):
    Registration.objects.update(audience="https://elsewhere.example/token")

    assert causes(course.registration) == {"tokens": "token_audience"}


def test_brightspaces_audience_is_told_where_it_is_refused(course):
    Registration.objects.update(audience="https://elsewhere.example/token", product="desire2learn")
    course.registration.refresh_from_db()

    assert "https://api.brightspace.com/auth/token" in words(course, "tokens")


def test_a_permission_that_canvas_refuses_is_named_and_the_others_are_fine(canvas, here):
    course = connect(canvas)
    canvas.connect_tool(scopes=[scope for scope in ALL_SCOPES if scope != scopes.SCORE])

    assert causes(course.registration) == {"token_scores": "token_scope_refused"}
    assert "Developer Keys" in words(course, "token_scores")


def test_a_permission_that_an_lms_silently_leaves_out_is_named(course):
    def script(method, path):
        return 200, as_json({**TOKEN.body, "scope": scopes.LINEITEM_READ})

    with serving(script) as url:
        Registration.objects.update(auth_token_url=f"{url}/token")
        found = causes(course.registration)

    assert {name: found.get(name, "") for name in TOKEN_CHECKS} == {
        name: "" if name == "token_columns_read" else "token_not_granted" for name in TOKEN_CHECKS
    }


def test_a_link_that_offers_no_grades_is_named(course):
    ResourceLink.objects.update(ags_scopes=[scopes.LINEITEM_READ])

    assert causes(course.registration, "look") == {"token_scores": "scores_not_offered"}


def test_a_clock_of_ours_that_is_five_minutes_ahead_is_named_as_the_cause_of_refusals(course):
    found = causes(course.registration, ahead=300)

    assert found["clock"] == "clock_ahead"
    assert found["tokens"] == "token_clock"


@pytest.mark.parametrize(
    ("shift", "verdict", "cause"),
    [
        (300, "broken", "clock_behind"),
        (-300, "broken", "clock_ahead"),
        (30, "look", "clock_behind"),
        (3, "ok", "clock_agrees"),
    ],
)
def test_how_far_the_clocks_are_apart_is_told(course, moodle, shift, verdict, cause):
    keys = _get(moodle.jwks_url)
    with serving(lambda method, path: (200, keys if path == "/jwks" else b"{}"), shift=shift) as url:
        Registration.objects.update(jwks_url=f"{url}/jwks", auth_token_url=f"{url}/token")
        found = findings(course.registration)["clock"]

    assert (found.verdict, found.cause) == (verdict, cause)
    assert abs(found.facts["seconds"] - abs(shift)) <= 2


def test_a_column_that_was_deleted_is_named(course, moodle):
    moodle.store.change_line_item("careers", is_deleted=True)

    assert causes(course.registration) == {"line_item": "column_gone"}


def test_a_column_that_belongs_to_another_activity_is_noticed(course, moodle):
    ResourceLink.objects.update(resource_link_id="another")

    assert causes(course.registration, "look") == {"line_item": "column_of_another_link"}


@pytest.mark.parametrize("status", [401, 403])
def test_a_column_that_must_not_be_read_is_named(course, moodle, status):
    moodle.faults.add("lineitem", "status", status=status)

    assert causes(course.registration) == {"line_item": "column_forbidden"}


@pytest.mark.parametrize("kind", ["garbage", "html"])
def test_a_column_that_answers_nonsense_is_named(course, moodle, kind):
    moodle.faults.add("lineitem", kind)

    assert causes(course.registration) == {
        "line_item": {"garbage": "column_nonsense", "html": "column_gone"}[kind],
    }


def test_a_link_without_a_column_is_told_whether_one_can_be_made(course):
    LineItem.objects.update(url=None)
    assert findings(course.registration)["line_item"].cause == "column_to_come"

    ResourceLink.objects.update(ags_scopes=[scopes.SCORE])
    assert findings(course.registration)["line_item"].cause == "no_column"


@pytest.mark.parametrize(
    ("status", "cause"), [(403, "roster_forbidden"), (401, "roster_forbidden"), (404, "roster_gone")]
)
def test_a_roster_that_must_not_be_read_is_named(course, moodle, status, cause):
    moodle.faults.add("roster", "status", status=status)

    assert causes(course.registration) == {"roster": cause}


def test_a_roster_that_is_not_offered_is_noticed(course):
    course.context.memberships_url = ""
    course.context.save()

    assert causes(course.registration, "look") == {"roster": "roster_not_offered"}


def test_an_lms_that_asks_us_to_slow_down_is_not_called_broken(course, moodle):
    moodle.faults.add("everything", "too-many")
    found = findings(course.registration)

    assert (found["tokens"].cause, found["tokens"].verdict) == ("rate_limited", "look")


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"7", b'"text"', b"\xff\xfe", b"[" * 100_000, b'{"keys": 1}', b'{"keys": [1, null, {}]}',
        b'{"keys": [{"kid": 5, "kty": [], "n": {}, "e": null}]}', b'{"access_token": 5, "scope": 7}',
        b'{"access_token": "x", "scope": 7, "members": 1}', b'{"error": {"a": 1}, "error_description": []}',
    ],
    ids=range(13),
)  # fmt: skip
def test_no_answer_makes_the_doctor_stumble(course, here, status, body):
    with serving(lambda method, path: (status, body), date="yesterday, I think") as url:
        Registration.objects.update(jwks_url=f"{url}/jwks", auth_token_url=f"{url}/token", auth_login_url=url)
        LineItem.objects.update(url=f"{url}/column")
        course.context.memberships_url = f"{url}/members"
        course.context.save()
        here.PUBLIC_URL = url
        found = findings(course.registration)

    assert [each for each in found.values() if each.cause == "doctor_stumbled"] == []
    assert found["their_keys"].verdict == "broken"
    assert all(doctor_words.what(each, course.registration, now=timezone.now()) for each in found.values())


# --- Our own side


def test_a_wrong_public_url_where_somebody_else_answers_is_named(course, here):
    with serving(lambda method, path: (200, b"<html>Welcome to another site</html>")) as url:
        here.PUBLIC_URL = url

        assert causes(course.registration) == {"our_keys": "our_keys_elsewhere"}
        assert "PUBLIC_URL" in words(course, "our_keys")


def test_a_public_url_where_nothing_answers_is_named(course, here):
    here.PUBLIC_URL = f"http://127.0.0.1:{closed_port()}"

    assert causes(course.registration) == {"our_keys": "our_keys_silence"}


def test_a_public_url_of_another_installation_is_named(course, here):
    with serving(lambda method, path: (200, as_json({"keys": [{"kid": "theirs"}]}))) as url:
        here.PUBLIC_URL = url

        assert causes(course.registration) == {"our_keys": "our_keys_others"}


def test_a_public_url_with_a_bad_certificate_is_named(course, here, tmp_path):
    with serving(lambda method, path: (200, b"{}"), certificate=own_certificate(tmp_path)) as url:
        here.PUBLIC_URL = url

        assert causes(course.registration) == {"our_keys": "our_keys_tls"}


def test_a_service_without_a_key_is_named(course):
    ToolKey.objects.all().delete()

    assert causes(course.registration)["our_keys"] == "no_signing_key"


def test_a_signing_key_that_our_secrets_do_not_open_is_named(course):
    ToolKey.objects.update(private_key_encrypted="gAAAAABunreadable")

    assert causes(course.registration)["our_keys"] == "signing_key_unreadable"


# --- What our records say


@pytest.mark.parametrize(("status", "cause"), [("disabled", "switched_off"), ("pending", "waits_for_approval")])
def test_a_connection_that_is_not_switched_on_is_named(course, status, cause):
    Registration.objects.update(status=status)

    assert causes(course.registration) == {"state": cause}


@pytest.mark.parametrize(
    ("status", "verdict", "cause"),
    [("pending", "look", "deployments_wait"), ("disabled", "broken", "deployments_off")],
)
def test_deployments_that_refuse_launches_are_named(course, status, verdict, cause):
    Deployment.objects.update(status=status)

    assert causes(course.registration, verdict) == {"deployments": cause}


def test_before_the_first_launch_what_can_be_checked_is_checked(moodle, here):
    course = connect(moodle)
    ResourceLink.objects.all().delete()
    found = findings(course.registration)

    assert (found["launches"].cause, found["line_item"].cause, found["roster"].cause) == (
        "never_launched", "no_link_yet", "no_link_yet",
    )  # fmt: skip
    assert {found[name].verdict for name in TOKEN_CHECKS} == {"ok"}
    assert doctor.worst(found.values()) == "look"


def test_without_a_deployment_and_with_unknown_ones_refused_nothing_can_work_and_it_is_said(here):
    course = make_course()
    registration = Registration.objects.create(
        institution=course.registration.institution, name="New", issuer="http://lms.invalid", client_id="x",
        auth_login_url="http://lms.invalid/a", auth_token_url="http://lms.invalid/t", jwks_url="http://lms.invalid/j",
    )  # fmt: skip

    assert causes(registration)["deployments"] == "deployments_refused"


def test_people_who_set_out_and_never_arrived_are_noticed(course):
    Login.objects.create(
        state_hash="x", nonce="x", binding_hash="x", registration=course.registration, target_link_uri="x",
        created_at=timezone.now() + timedelta(minutes=1), expires_at=timezone.now() + timedelta(minutes=11),
    )  # fmt: skip
    found = findings(course.registration, ahead=200)["launches"]

    assert (found.verdict, found.cause, found.facts["count"]) == ("look", "logins_without_launch", 1)
    assert addresses.launch_url() in doctor_words.todo(found, course.registration, now=timezone.now())


def test_waiting_grades_that_no_worker_takes_are_named(course):
    score = course.queue("8", now=timezone.now() - timedelta(minutes=10))

    assert score.state == "due"
    assert causes(course.registration) == {"grades": "worker_silent"}


def test_grades_that_failed_are_told_by_cause_with_advice_for_that_lms(course):
    course.queue("8", now=timezone.now())
    Score.objects.update(state="failed", last_error="not_accepted", next_try_at=None)

    assert causes(course.registration, "look") == {"grades_failed": "grades_failed"}
    assert "Moodle refuses" in words(course, "grades_failed")


def test_the_last_grade_and_those_that_wait_are_told(course):
    course.queue("8", now=timezone.now())
    assert "None has arrived yet. Waiting: 1," in words(course, "grades")

    Score.objects.update(state="sent", sent_at=timezone.now() - timedelta(minutes=5))
    course.queue("4", user=course.kai, now=timezone.now())
    assert "The last one arrived 5\xa0minutes ago. Waiting: 1," in words(course, "grades")


def test_grades_that_wait_for_long_are_noticed_with_the_reason_of_the_pause(course):
    long_ago, later = timezone.now() - timedelta(hours=2), timezone.now() + timedelta(hours=1)
    course.queue("8", now=long_ago)
    Score.objects.update(next_try_at=later)
    Registration.objects.update(services_paused_until=later, services_error="token_unavailable")

    assert causes(course.registration, "look") == {"grades": "grades_wait"}
    assert "Moodle couldn't read the tool's keys" in words(course, "grades")


def test_grades_that_teachers_changed_are_told_and_no_trouble(course):
    course.queue("8", now=timezone.now())
    Score.objects.update(state="changed", last_error="changed_in_lms", next_try_at=None)
    found = findings(course.registration)

    assert (found["grades_changed"].verdict, found["grades_changed"].facts) == ("ok", {"count": 1})


def test_grades_of_another_lms_are_not_counted(course):
    other = make_course()
    other.queue("8", now=timezone.now() - timedelta(minutes=10))
    arrive(other)

    assert causes(course.registration) == {}
    assert findings(course.registration)["grades"].facts["waiting"] == 0


# --- Time


def test_a_visit_that_lasts_too_long_ends_with_what_was_not_checked(course, monkeypatch):
    from lti.doctor import visit as doctor_visit

    monkeypatch.setattr(doctor_visit, "LONGEST", -1.0)
    found = findings(course.registration)

    assert {found[name].cause for name in ("our_keys", "their_keys", "tokens")} == {"late"}
    assert {found[name].verdict for name in ("our_keys", "their_keys", "tokens")} == {"skipped"}


def test_a_server_that_hangs_costs_one_wait_alone(course, moodle, monkeypatch):
    from lti.doctor import visit as doctor_visit

    monkeypatch.setattr(doctor_visit, "PATIENCE", 0.2)
    moodle.faults.add("jwks", "hang")
    found = causes(course.registration)
    moodle.faults.clear()

    assert found["their_keys"] == "their_keys_silence"
    assert [entry["endpoint"] for entry in moodle.journal.entries()] == ["jwks"]


# --- What a visit sets free


def test_grades_that_waited_for_the_end_of_a_pause_go_out_when_the_doctor_finds_the_way_open(course):
    now = timezone.now()
    score = course.queue("8", now=now)
    Registration.objects.update(services_paused_until=now + timedelta(hours=1), services_failures=9)
    Score.objects.update(next_try_at=now + timedelta(hours=1))
    assert doctor.conclude(course.registration, doctor.examine(course.registration, now=now), now=now) == "ok"

    tasks.ring_overdue(now=now)
    score.refresh_from_db()
    assert (Registration.objects.get().services_paused_until, score.rung_at) == (None, now)


def test_where_the_way_is_not_open_grades_go_on_waiting(course):
    now = timezone.now()
    Registration.objects.update(services_paused_until=now + timedelta(hours=1), client_id="nobody")
    course.registration.refresh_from_db()
    doctor.conclude(course.registration, doctor.examine(course.registration, now=now), now=now)

    assert Registration.objects.get().services_paused_until == now + timedelta(hours=1)


# --- Words


@pytest.mark.parametrize("product", ["", *NAMES])
def test_every_cause_has_words_that_name_no_code(product):
    registration, now = make_course(product=product).registration, timezone.now()
    facts = {
        "host": "lms.example", "status": 404, "why": "ConnectTimeout", "count": 2, "kid": "k", "seconds": 5,
        "error": "invalid_client", "active": 1, "pending": 1, "waiting": 1, "failed": 1, "changed": 1, "untouched": 1,
        "needed": "RS512", "accepted": "RS256",
        "at": "2026-11-23T12:00:00+00:00", "sent_at": "", "oldest": "2026-11-23T12:00:00+00:00", "code": "forbidden",
    }  # fmt: skip
    for cause in CAUSES.keys() - {"doctor_stumbled"}:
        finding = Finding("token_scores", "broken", cause, facts)
        said = doctor_words.what(finding, registration, now=now)
        advised = doctor_words.todo(finding, registration, now=now)

        assert said != ""
        assert [
            word
            for word in ("%(", "{", "_")
            if word
            in (said + advised)
            .replace("invalid_client", "")
            .replace("PUBLIC_URL", "")
            .replace("FIELD_ENCRYPTION_KEYS", "")
            .replace("rotate_key", "")
        ] == []


def test_what_is_said_for_one_lms_alone_belongs_to_a_known_cause_and_lms():
    assert [key for key in BY_PRODUCT if key[0] not in NAMES or key[1] not in CAUSES] == []


def test_everything_that_is_broken_says_what_to_do():
    harmless = {
        "fine", "switched_on", "our_keys_seen", "their_keys_seen", "login_page_seen", "clock_agrees",
        "clock_unknown", "token_granted",
        "column_read", "column_to_come", "column_not_readable", "roster_read", "deployments_seen", "launched",
        "no_grades_yet", "grades_begun", "grades_flow", "grades_changed",
    }  # fmt: skip

    assert {cause for cause, words in CAUSES.items() if not words.todo} == harmless


def test_the_report_holds_every_finding_and_neither_secrets_nor_people(course, moodle):
    course.lin.name, course.lin.email = "Lin Tran", "lin@school.example"
    course.lin.save()
    moodle.faults.add("roster", "status", status=403)
    found = list(doctor.examine(course.registration, now=timezone.now()))
    told = doctor_words.report(course.registration, found, overall="broken", now=timezone.now())

    assert [finding for finding in found if doctor_words.title(finding) not in told] == []
    assert [word for word in (*SECRETS, course.line_item.url) if word in told] == []
    assert not shapes.has_signed(told)
    assert "[broken] The roster of the last course" in told
    assert "→ " in told
