"""How staff come in: password, second step, lock-out. Nobody gets past the door half-way, at whichever page."""

import re
from base64 import b32decode
from datetime import timedelta
from importlib import import_module

import pytest
from axes.models import AccessAttempt, AccessLog
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session
from django.db.models import F
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from itpm_byte.reports.models import PhoneApp, hash_of
from itpm_byte.reports.office import forgetting, second_step
from lti.models import StaffAction
from tests.player.seats import text_of

pytestmark = pytest.mark.django_db

PASSWORD = "a long word for Sue"
PAGES = ("/staff/", "/staff/reports/completion/", "/staff/lms/", "/admin/", "/admin/lti/registration/")


@pytest.fixture
def sue():
    return User.objects.create_superuser("sue", password=PASSWORD)


def log_in(client, password=PASSWORD, **more):
    return client.post("/staff/login/", {"username": "sue", "password": password, **more})


def set_up(client):
    """The recovery codes."""
    client.post("/staff/security/")
    page = client.get("/staff/security/").content.decode()
    assert "<svg" in page
    secret = b32decode(re.search(r"Key:\s*<code>(\w+)</code>", page)[1])
    answer = client.post("/staff/security/", {"code": f"{totp(secret):06}"})
    return re.findall(r"<code>(\w+)</code>", answer.content.decode())


def code_of(user):
    """Its next code; the one of now was used when the app was set up."""
    device = PhoneApp.objects.get(user=user)
    TOTPDevice.objects.update(last_t=-1)
    return f"{totp(device.bin_key):06}"


def closed(client):
    return [client.get(page).status_code for page in PAGES] == [302] * len(PAGES)


def test_staff_log_in_and_arrive_where_they_wanted_to_go(sue):
    client = Client()
    answer = client.get("/staff/reports/completion/?term=2026")
    assert answer["Location"] == "/staff/login/?next=/staff/reports/completion/%3Fterm%3D2026"
    assert log_in(client, next="/staff/reports/completion/?term=2026")["Location"].endswith("?term=2026")
    assert log_in(Client(), next="https://evil.example/")["Location"] == "/staff/"
    assert "you see every institution" in text_of(client.get("/staff/"))


def test_django_s_admin_has_the_same_log_in(sue):
    client = Client()
    assert "Staff log-in" in text_of(client.get("/admin/", follow=True))
    client.post("/admin/login/?next=/admin/", {"username": "sue", "password": PASSWORD})
    assert client.get("/admin/").status_code == 200


def test_accounts_that_are_no_staff_do_not_come_in(sue):
    User.objects.create_user("member", password=PASSWORD)
    client = Client()
    client.post("/staff/login/", {"username": "member", "password": PASSWORD})
    assert closed(client)


def test_too_many_wrong_passwords_are_told_calmly_and_the_right_one_waits_too(sue, settings):
    settings.AXES_FAILURE_LIMIT = 3
    client = Client()
    answers = [log_in(client, "wrong") for _ in range(3)]
    assert answers[-1].status_code == 429
    assert "Try again in an hour." in text_of(answers[-1])
    assert log_in(client).status_code == 429
    assert closed(client)
    AccessAttempt.objects.all().delete()
    assert log_in(client).status_code == 302


def test_wrong_passwords_from_elsewhere_lock_nobody_out_who_has_another_address(sue, settings):
    settings.AXES_FAILURE_LIMIT = 3
    thief = Client(REMOTE_ADDR="203.0.113.5")
    assert [log_in(thief, "wrong").status_code for _ in range(3)][-1] == 429
    User.objects.create_superuser("tim", password=PASSWORD)

    assert log_in(Client()).status_code == 302
    neighbour = Client(REMOTE_ADDR="203.0.113.5")
    assert neighbour.post("/staff/login/", {"username": "tim", "password": PASSWORD}).status_code == 302


def test_what_log_ins_leave_behind_is_forgotten_in_time(sue):
    log_in(Client())
    log_in(Client(), "wrong")
    kept = (AccessAttempt, AccessLog, Session)
    now = timezone.now()

    left = []
    for days in (0, 0.5, 1, 90):
        forgetting.prune(now=now + timedelta(days=days, minutes=1))
        left.append([model.objects.count() for model in kept])
    assert left == [[1, 1, 1], [1, 1, 0], [0, 1, 0], [0, 0, 0]]


def test_a_log_in_lasts_half_a_day_in_a_cookie_of_this_host_alone(sue, time_machine):
    client = Client()
    cookie = log_in(client).cookies["__Host-itpm_staff"]
    assert (cookie["max-age"], cookie["secure"], cookie["httponly"], cookie["domain"]) == (43200, True, True, "")
    assert client.get("/staff/").status_code == 200
    time_machine.move_to(timezone.now() + timedelta(hours=12, minutes=1))
    assert closed(client)


def test_the_second_step_is_asked_for_at_each_log_in_and_opens_every_page(sue):
    first = Client()
    log_in(first)
    codes = set_up(first)
    assert len(codes) == 10
    assert first.get("/staff/").status_code == 200
    client = Client()
    log_in(client, next="/staff/lms/")
    assert closed(client)
    step = client.get("/staff/login/?next=/staff/lms/")
    assert step["Location"] == "/staff/login/code/?next=%2Fstaff%2Flms%2F"
    assert client.post("/staff/login/code/", {"code": "000000"}).status_code == 400
    assert closed(client)
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    answer = client.post("/staff/login/code/", {"code": code_of(sue), "next": "/staff/lms/"})
    assert answer["Location"] == "/staff/lms/"
    assert [client.get(page).status_code for page in PAGES] == [200] * len(PAGES)
    done = StaffAction.objects.get()
    assert (done.action, done.account, done.before, done.after) == ("account.second_step_on", sue, None, None)


def test_a_browser_that_was_logged_in_before_must_do_the_step_too(sue):
    older, newer = Client(), Client()
    log_in(older)
    log_in(newer)
    set_up(newer)
    assert closed(older)


def test_a_recovery_code_works_once(sue):
    first = Client()
    log_in(first)
    code = set_up(first)[3]
    for is_open in (True, False):
        client = Client()
        log_in(client)
        client.post("/staff/login/code/", {"code": f" {code[:4].upper()} {code[4:]} "})
        assert closed(client) is not is_open
    assert StaticToken.objects.count() == 9


def test_wrong_codes_make_the_right_one_wait(sue):
    first = Client()
    log_in(first)
    set_up(first)
    client = Client()
    log_in(client)
    client.post("/staff/login/code/", {"code": "000000"})
    # After so many of them it is minutes.
    assert TOTPDevice.objects.update(throttling_failure_count=F("throttling_failure_count") + 9) == 1
    answer = client.post("/staff/login/code/", {"code": code_of(sue)})
    assert "Too many wrong codes." in text_of(answer)
    assert closed(client)


def test_it_is_switched_off_with_password_and_code_together(sue):
    client = Client()
    log_in(client)
    set_up(client)
    client.post("/staff/security/off/", {"password": "wrong", "code": code_of(sue)})
    client.post("/staff/security/off/", {"password": PASSWORD, "code": "000000"})
    assert TOTPDevice.objects.count() == 1
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    client.post("/staff/security/off/", {"password": PASSWORD, "code": code_of(sue)})
    assert (TOTPDevice.objects.count(), StaticToken.objects.count()) == (0, 0)
    assert client.get("/staff/").status_code == 200


def test_new_recovery_codes_end_the_old_ones(sue):
    client = Client()
    log_in(client)
    old = set_up(client)
    client.post("/staff/security/codes/", {"code": "000000"})
    assert set(StaticToken.objects.values_list("token", flat=True)) == set(map(hash_of, old))
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    page = client.post("/staff/security/codes/", {"code": code_of(sue)}).content.decode()
    now = set(StaticToken.objects.values_list("token", flat=True))
    new = re.findall(r"<code>(\w+)</code>", page)
    assert set(map(hash_of, new)) == now
    assert not set(new) & set(old)


def test_where_it_is_required_nothing_opens_before_it_is_set_up(sue, settings):
    settings.STAFF_REQUIRE_TOTP = True
    client = Client()
    log_in(client)
    assert closed(client)
    assert client.get("/staff/login/", follow=True).redirect_chain[-1][0] == "/staff/security/"
    assert "asks for a second step" in text_of(client.get("/staff/security/"))
    set_up(client)
    assert client.get("/staff/").status_code == 200


def test_half_way_nobody_sets_up_another_phone(sue):
    first = Client()
    log_in(first)
    set_up(first)
    client = Client()
    log_in(client)
    assert client.post("/staff/security/")["Location"].startswith("/staff/login/")
    assert TOTPDevice.objects.count() == 1


def test_a_changed_password_logs_other_browsers_out(sue):
    client, other = Client(), Client()
    log_in(client)
    log_in(other)
    new = "another long word for Sue"
    told = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/staff/password/", told)["Location"] == "/staff/security/"
    assert client.get("/staff/").status_code == 200
    assert closed(other)


# --- Django's admin, for staff who are no operators


def test_staff_see_the_rows_of_their_institutions_alone_in_the_admin_too():
    from lti.models import InstitutionStaff
    from tests.cast import cast

    amber, birch = cast("amber"), cast("birch")
    user = User.objects.create_user("clerk", is_staff=True)
    InstitutionStaff.objects.create(user=user, institution=amber.institution)
    user.user_permissions.set(Permission.objects.all())
    client = Client()
    client.force_login(user)
    for model in ("lti/registration", "lti/institution", "lti/lineitem", "lti/context"):
        page = client.get(f"/admin/{model}/").content.decode()
        assert "birch" not in page, model
    assert client.get(f"/admin/lti/registration/{amber.registration.pk}/change/").status_code == 200
    assert client.get(f"/admin/lti/registration/{birch.registration.pk}/change/").status_code == 302
    assert "birch" not in client.get(f"/admin/lti/registration/{amber.registration.pk}/change/").content.decode()
    assert client.get("/admin/auth/user/").status_code == 403


def test_operators_say_in_the_admin_whose_data_an_account_sees(sue):
    client = Client()
    client.force_login(sue)
    assert "Institution staff" in text_of(client.get(f"/admin/auth/user/{sue.pk}/change/"))


def test_the_database_holds_neither_the_phone_s_key_nor_recovery_codes(sue):
    client = Client()
    log_in(client)
    codes = set_up(client)
    device = PhoneApp.objects.get()

    assert device.bin_key.hex() not in device.key
    assert len(device.key) == 64
    assert not set(codes) & set(StaticToken.objects.values_list("token", flat=True))


def test_what_was_kept_as_it_is_becomes_protected_and_goes_on_working(sue):
    migration = import_module("itpm_byte.reports.migrations.0001_second_steps_encrypted")
    key = "00112233445566778899aabbccddeeff00112233"
    TOTPDevice.objects.create(user=sue, name="app", key=key)
    StaticToken.objects.create(device=StaticDevice.objects.create(user=sue, name="codes"), token="abcdefgh2345")
    for _again in range(2):
        migration.protect(apps, None)

    assert PhoneApp.objects.get().bin_key.hex() == key
    assert second_step.verify(sue, code_of(sue)) is not None
    assert second_step.verify(sue, "ABCD efgh-2345") is not None
    assert second_step.verify(sue, "abcdefgh2345") is None


def test_django_s_admin_can_take_a_second_step_away_and_neither_show_nor_make_one(sue):
    client = Client()
    log_in(client)
    set_up(client)
    device = PhoneApp.objects.get()
    page = f"/admin/otp_totp/totpdevice/{device.pk}/"

    assert client.get("/admin/otp_totp/totpdevice/add/").status_code == 403
    shown = client.get(f"{page}change/").content.decode()
    assert "sue" in shown
    assert device.key not in shown
    assert client.post(f"{page}delete/", {"post": "yes"}).status_code == 302
    assert not PhoneApp.objects.exists()
