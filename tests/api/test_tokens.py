"""Tokens: shown once, kept as a hash, for one institution, with an end, and revocable at any time."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from itpm_byte.api import tokens
from itpm_byte.api.models import ApiToken
from itpm_byte.api.scopes import SCOPES
from lti.models import InstitutionStaff, StaffAction
from tests.api.programs import API, program, token_text
from tests.cast import cast

pytestmark = pytest.mark.django_db
URL = f"{API}institutions/"


@pytest.fixture
def people():
    return cast("amber")


def shown(text):
    return Client(headers={"Authorization": f"Bearer {text}"}).get(URL)


def test_only_its_hash_is_kept_and_what_is_public_of_it(people):
    text = token_text(people.institution, "read:institutions")
    (row,) = ApiToken.objects.values()
    secret = text.split("_", 2)[2]
    assert text.startswith(f"byte_{row['prefix']}_")
    assert len(secret) >= 43
    assert secret not in str(row)


def test_it_opens_its_own_institution(people):
    cast("birch")
    (institution,) = shown(token_text(people.institution, "read:institutions")).json()["results"]
    assert institution["slug"] == "amber"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "not_authenticated"),
        ("Basic YTpi", "not_authenticated"),
        ("Bearer", "not_authenticated"),
        ("Bearer nothing", "token_unknown"),
        ("Bearer byte_0000000000_secret", "token_unknown"),
        ("Bearer byte_é_x", "token_unknown"),
        (f"Bearer byte_{'0' * 500}_x", "token_unknown"),
    ],
)
def test_what_is_no_token_opens_nothing(people, header, code):
    response = Client(headers={"Authorization": header} if header else {}).get(URL)
    assert (response.status_code, response.json()["code"]) == (401, code)
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="ITPM Byte"')


def test_a_token_with_one_letter_changed_is_not_known_even_if_it_was_revoked(people):
    text = token_text(people.institution)
    ApiToken.objects.update(revoked_at=timezone.now())
    assert shown(text[:-1] + ("A" if text[-1] != "A" else "B")).json()["code"] == "token_unknown"
    assert shown(text).json()["code"] == "token_revoked"


def test_it_ends_by_itself_and_when_somebody_revokes_it(people):
    text = token_text(people.institution)
    token = ApiToken.objects.get()
    assert tokens.find(text, now=token.expires_at - timedelta(seconds=1)) == token
    with pytest.raises(tokens.TokenRefused, match="expired"):
        tokens.find(text, now=token.expires_at)
    assert tokens.revoke(token, by=people.sue, now=timezone.now())
    assert not tokens.revoke(token, by=people.sue, now=timezone.now())
    assert shown(text).status_code == 401
    assert list(StaffAction.objects.order_by("pk").values_list("action", "account", "institution")) == [
        ("api_token.made", None, people.institution.pk),
        ("api_token.revoked", people.sue.pk, people.institution.pk),
    ]


@pytest.mark.parametrize(
    "wrong", [{"days": 0}, {"days": 367}, {"name": " "}, {"scopes": ["write:everything"]}, {"scopes": []}]
)
def test_one_without_end_name_or_known_scope_is_not_made(people, wrong):
    wanted = {"name": "x", "institution": people.institution, "scopes": ["read:progress"], "days": 30, "by": None}
    with pytest.raises(tokens.TokenInvalid):
        tokens.make(**wanted | wrong, now=timezone.now())
    assert not ApiToken.objects.exists()


def test_the_database_keeps_the_end_too(people):
    token_text(people.institution)
    token = ApiToken.objects.get()
    for when in (token.created_at, token.created_at + timedelta(days=367)):
        with pytest.raises(IntegrityError), transaction.atomic():
            ApiToken.objects.update(expires_at=when)


def test_the_minute_of_its_last_use_is_kept_and_requests_are_counted(people):
    text = token_text(people.institution)
    shown(text)
    shown(text)
    token = ApiToken.objects.get()
    assert timezone.now() - token.used_minute < timedelta(minutes=2)
    assert token.used_minute.second == 0
    later = timezone.now() + timedelta(minutes=2)
    assert [tokens.count_use(token, now=later), tokens.count_use(token, now=later)] == [1, 2]


def test_too_many_requests_in_a_minute_are_told_to_wait(people, settings):
    settings.API_REQUESTS_PER_MINUTE = 2
    client, other = program(people.institution), program(people.institution)
    with time_machine.travel(timezone.now(), tick=False):
        first, second, refused = (client.get(URL) for _ in range(3))
        assert other.get(URL).status_code == 200
    assert (first.status_code, second.status_code, refused.status_code) == (200, 200, 429)
    assert refused.json()["code"] == "throttled"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit"].startswith('"minute";r=0;t=')
    assert first.headers["RateLimit-Policy"] == '"minute";q=2;w=60'
    assert first.headers["RateLimit"].startswith('"minute";r=1;t=')


# --- The console


def console(*words):
    out, err = StringIO(), StringIO()
    call_command("api_token", *words, stdout=out, stderr=err)
    return out.getvalue().strip()


def test_the_console_makes_lists_and_revokes(people):
    text = console("make", "amber", "nightly export", "--scope", "read:institutions", "--days", "7")
    assert shown(text).status_code == 200
    prefix = text.split("_")[1]
    assert prefix in console("list")
    assert text not in console("list")
    assert console("revoke", prefix) == "Revoked."
    assert shown(text).json()["code"] == "token_revoked"
    assert "revoked" in console("list")


@pytest.mark.parametrize(
    "words",
    [
        ("make", "nowhere", "x", "--scope", "read:grades"),
        ("make", "amber", "x", "--scope", "read:grades", "--days", "900"),
        ("revoke", "nothing"),
    ],
)
def test_the_console_says_what_is_wrong(people, words):
    with pytest.raises(CommandError):
        console(*words)


# --- The page


def staff(*institutions, rights=("view_apitoken", "add_apitoken", "change_apitoken")):
    account = User.objects.create_user(f"staff {User.objects.count()}", is_staff=True)
    account.user_permissions.set(Permission.objects.filter(codename__in=rights))
    for institution in institutions:
        InstitutionStaff.objects.create(user=account, institution=institution)
    client = Client()
    client.force_login(account)
    return client


def form(institution, **changes):
    return {"name": "export", "institution": institution.pk, "scopes": ["read:institutions"], "days": 30} | changes


def test_staff_make_a_token_that_is_shown_once(people):
    client = staff(people.institution)
    page = client.post("/staff/api/make/", form(people.institution)).content.decode()
    token = ApiToken.objects.get()
    text = page.partition('<code id="token">')[2].partition("<")[0]
    assert shown(text).status_code == 200
    overview = client.get("/staff/api/").content.decode()
    assert token.prefix in overview
    assert text not in overview
    assert token.created_by is not None
    client.post(f"/staff/api/{token.pk}/revoke/")
    assert shown(text).json()["code"] == "token_revoked"


def test_staff_of_one_institution_neither_see_nor_make_nor_revoke_tokens_of_another(people):
    birch = cast("birch")
    text = token_text(people.institution, name="secret plan")
    client = staff(birch.institution)
    assert "secret plan" not in client.get("/staff/api/").content.decode()
    assert client.post("/staff/api/make/", form(people.institution)).status_code == 400
    assert client.post(f"/staff/api/{ApiToken.objects.get().pk}/revoke/").status_code == 404
    assert shown(text).status_code == 200


@pytest.mark.parametrize("wrong", [{"scopes": []}, {"scopes": ["read:all"]}, {"days": 5}, {"name": ""}])
def test_a_form_with_a_mistake_makes_nothing(people, wrong):
    assert staff(people.institution).post("/staff/api/make/", form(people.institution, **wrong)).status_code == 400
    assert not ApiToken.objects.exists()


def test_who_may_only_look_changes_nothing(people):
    token_text(people.institution)
    client = staff(people.institution, rights=["view_apitoken"])
    assert "Revoke" not in client.get("/staff/api/").content.decode()
    assert client.post("/staff/api/make/", form(people.institution)).status_code == 403
    assert client.post(f"/staff/api/{ApiToken.objects.get().pk}/revoke/").status_code == 403


def test_each_scope_is_explained_where_it_is_chosen(people):
    page = staff(people.institution).get("/staff/api/make/").content.decode()
    assert [scope for scope in SCOPES if scope not in page] == []
