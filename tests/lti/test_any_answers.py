"""Whatever an LMS answers to what we ask of it: understood, or a trouble with a name. Nothing else is ever raised.

The services of a learning platform are strangers to us as much as its launches are (AGS-06, AGS-16, NRPS-07, SEC-07).
"""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from lti import keysets, services, tokens
from lti.courses import roster
from lti.errors import KeysUnavailable
from lti.grades import delivery, line_items, results
from lti.models import AccessToken, Context, LineItem, Membership, PlatformUser, Registration, Score
from lti.outcomes import ServiceProblem
from lti.registering import openid_configuration
from lti.registering.refusals import RegistrationRefused
from tests.lti.course import make_course
from tests.lti.scripted import TOKEN, Said, ScriptedLms
from tests.lti.test_any_claims import anything, awkward, examples

pytestmark = pytest.mark.django_db


def encoded(body):
    return json.dumps(body).encode()


class Deep(bytes):
    """Nested deeper than a JSON reader goes; shown in short when an example fails."""

    def __new__(cls, piece):
        return super().__new__(cls, piece * 60_000)

    def __repr__(self):
        return f"Deep({self[:5]!r})"


rows = st.dictionaries(
    st.sampled_from([
        "id", "userId", "user_id", "roles", "status", "name", "email", "resultScore", "resultMaximum", "comment",
        "label", "scoreMaximum", "resourceLinkId", "resourceId", "tag", "group_enrollments", "group_id", "set_id",
    ]),
    anything | st.sampled_from(["26", "link-26", "grade", "http://127.0.0.1:1/x", 0, 1, "NaN", [{"group_id": 7}]]),
    max_size=7,
)  # fmt: skip
lists = st.lists(rows | anything, max_size=4)
bodies = (
    lists | anything | st.fixed_dictionaries({"members": lists, "groups": lists, "sets": lists})
).map(encoded)  # fmt: skip
raw = st.binary(max_size=40) | st.sampled_from([b"", b"null", Deep(b"["), Deep(b'{"a":'), b"\xff\xfe", b"NaN"])
statuses = st.sampled_from([200, 200, 200, 201, 202, 204, 301, 400, 401, 403, 404, 409, 410, 412, 422, 429, 500, 503])
links = st.sampled_from([
    "<http://[>; rel=next", "<>; rel=next", "<//>; rel=differences", "<javascript:alert(1)>; rel=next", "rel=next",
    "<http://elsewhere.example/>; rel=next", "<http://[::1>; rel=differences", "<?page=2>; rel=“next”", ",;<",
    "<x y>; rel=next",
])  # fmt: skip
words = st.sampled_from(["-1", "1e9", "soon", "9" * 30, "Mon, 99 Nov 2026 12:05:00 GMT", "0"])
headers = st.fixed_dictionaries(
    {"Content-Type": st.sampled_from(["application/json", "text/html", ""])},
    optional={
        "Link": links,
        "Retry-After": words,
        "X-Rate-Limit-Remaining": words,
        "Cache-Control": st.just("max-age=x"),
    },
)
answers = st.builds(Said, body=bodies | raw, status=statuses, headers=headers)


@pytest.fixture
def lms(keyset, db):
    """An LMS that says what `said` holds; its token service works unless `token` says otherwise."""
    keyset.install()

    def script(asked):
        return served.token if asked.path == "/token" else served.said

    with ScriptedLms(script) as served:
        served.token, served.said = TOKEN, Said({})
        yield served


@pytest.fixture
def course(lms):
    made = make_course(url=lms.url, lineitem_url=f"{lms.url}/items/1?type_id=9", lineitems_url=f"{lms.url}/items")
    made.context.memberships_url = f"{lms.url}/members"
    made.context.groups_url, made.context.group_sets_url = f"{lms.url}/groups", f"{lms.url}/sets"
    made.context.save()
    return made


def heard(ask):
    """What we made of an answer, and the trouble with it, which has a name; one of the two is empty."""
    try:
        return ask(), ""
    except ServiceProblem as problem:
        return None, problem.outcome.code or problem.outcome.verdict.value
    except KeysUnavailable as problem:
        return None, str(problem)
    except RegistrationRefused as problem:
        return None, problem.reason


def calm() -> None:
    """No pause and no lease of the example before."""
    Registration.objects.update(services_paused_until=None)
    LineItem.objects.update(lease_until=None)


@examples(120)
@given(said=answers)
def test_any_answer_of_the_roster_is_kept_or_leaves_the_old_list(lms, course, said):
    calm()
    lms.said = said
    outcome = roster.update(course.context.pk, now=timezone.now())
    assert outcome.verdict
    context = Context.objects.get(pk=course.context.pk)
    assert (context.roster_error == "") == (outcome.verdict.value == "sent")
    assert PlatformUser.objects.filter(sub="").count() == 0
    assert Membership.objects.filter(user=course.ada, role="instructor").count() == 1


@examples(120)
@given(said=answers)
def test_any_answer_about_results_groups_and_sets_is_read_or_has_a_name(lms, course, said):
    calm()
    lms.said = said
    at = services.Services.of_line_item(course.line_item, now=timezone.now())
    of_course = services.Services.of_context(course.context, now=timezone.now())
    for ask in (
        lambda: results.of_person(at, course.line_item.url, user_id="5"),
        lambda: services.groups(of_course, course.context.groups_url),
        lambda: services.group_sets(of_course, course.context.group_sets_url),
    ):
        told, trouble = heard(ask)
        assert (told is None) == bool(trouble)


@examples(120)
@given(said=answers)
def test_any_answer_about_columns_gives_one_of_that_lms_or_none(lms, course, said):
    calm()
    lms.said = said
    LineItem.objects.update(url=None)
    line_item = LineItem.objects.select_related("resource_link", "deployment__registration").get()
    at = services.Services.of_line_item(line_item, now=timezone.now())
    url, trouble = heard(lambda: line_items.address(line_item, at, score_maximum=Decimal(10), now=timezone.now()))
    assert trouble or url.startswith("http://127.0.0.1")


@examples(100)
@given(said=answers)
def test_any_answer_to_a_score_has_a_meaning(lms, course, said):
    calm()
    Score.objects.all().delete()
    lms.said = said
    score = course.queue("8", now=timezone.now() - timedelta(seconds=5))
    delivery.deliver(score.pk, now=timezone.now())
    score.refresh_from_db()
    assert score.last_error != "internal"
    assert score.state in {"sent", "due", "failed", "changed"}


@examples(100)
@given(said=answers | st.builds(Said, body=st.dictionaries(
    st.sampled_from(["access_token", "expires_in", "scope", "token_type", "error"]), anything | awkward, max_size=5
), status=statuses))  # fmt: skip
def test_any_answer_of_the_token_service_is_a_token_or_has_a_name(lms, course, said):
    AccessToken.objects.all().delete()
    lms.token = said
    token, trouble = heard(lambda: tokens.bearer(course.deployment, ["scope"], now=timezone.now()))
    assert trouble or (token.isascii() and token.isprintable())


@pytest.mark.parametrize(
    "token", ["\ud800", "\x00", "ünïcode", "a b", "a\r\nX-Injected: 1", "", 7, None, [], {"a": 1}, "x" * 70_000]
)
def test_a_token_that_could_be_no_header_is_no_token(lms, course, token):
    """RFC 6750 §2.1: what a bearer token is made of."""
    lms.token = Said({"access_token": token, "expires_in": 3600})
    found, trouble = heard(lambda: tokens.bearer(course.deployment, ["scope"], now=timezone.now()))
    assert (found, trouble) == (None, "token_unavailable")


@pytest.mark.parametrize("lifetime", [None, "soon", 10**4000, -(10**4000), float("nan"), float("-inf"), [], True, -5])
def test_a_lifetime_that_makes_no_sense_spoils_no_token(lms, course, lifetime):
    lms.token = Said({"access_token": "good", "expires_in": lifetime, "scope": "scope \ud800 \x00"})
    assert heard(lambda: tokens.bearer(course.deployment, ["scope"], now=timezone.now())) == ("good", "")


key_sets = st.fixed_dictionaries({"keys": st.lists(st.dictionaries(
    st.sampled_from(["kty", "kid", "use", "alg", "n", "e", "crv", "x", "y", "d"]),
    st.sampled_from(["RSA", "EC", "RS256", "sig", "AQAB", "A" * 342, "P-256", "first", "", "=", "\ud800"]) | anything,
    max_size=8,
) | anything, max_size=3)}) | anything  # fmt: skip


@examples(100)
@given(said=st.builds(Said, body=key_sets.map(encoded) | raw, status=statuses, headers=headers))
def test_any_key_set_gives_a_key_or_none_or_is_refused(lms, course, said):
    """BAD-44, SEC-16."""
    Registration.objects.update(jwks=None, jwks_fetched_at=None, jwks_failed_at=None, jwks_expires_at=None)
    Registration.objects.update(jwks_missed_at=None)
    lms.said = said
    registration = Registration.objects.get()
    key, trouble = heard(lambda: keysets.public_key(registration, "first", "RS256", now=timezone.now()))
    assert key is None or trouble == ""


configurations = st.dictionaries(
    st.sampled_from([
        "issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint", "scopes_supported",
        "claims_supported", "id_token_signing_alg_values_supported", "token_endpoint_auth_methods_supported",
        "authorization_server", openid_configuration.PLATFORM,
    ]),
    anything | st.sampled_from(["URL", ["RS256"], {"product_family_code": "x", "messages_supported": [{"type": "x"}]}]),
    min_size=4,
)  # fmt: skip


@examples(120)
@given(told=configurations | anything, status=statuses)
def test_any_configuration_of_an_lms_is_understood_or_refused_by_name(lms, told, status):
    """REG-04, REG-05."""
    if isinstance(told, dict):
        told = {name: lms.url if value == "URL" else value for name, value in told.items()}
    lms.said = Said(told, status, headers={"Content-Type": "application/json"})
    platform, trouble = heard(lambda: openid_configuration.read(f"{lms.url}/configuration", token="t0k3n"))
    assert trouble or platform.issuer == lms.url
