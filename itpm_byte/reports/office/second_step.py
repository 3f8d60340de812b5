"""The second step of a log-in: whoever has set it up, or must, is nobody until it is done. One guard, for all pages."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_otp import login as remember_device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken

from itpm_byte.reports.models import PhoneApp, hash_of, new_key

type Handler = Callable[[HttpRequest], HttpResponseBase]
RECOVERY_CODES = 10


class SecondStepMiddleware:
    """After django_otp's. Who has not done the second step stands in `request.halfway`; `request.user` is nobody.

    So every page, those of Django's admin too, treats it as not logged in; only the log-in itself looks at `halfway`.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        here: Any = request
        here.halfway = None
        # Who never logged in costs no query.
        if SESSION_KEY in request.session:
            account: Any = request.user
            if account.is_authenticated and not account.is_verified() and is_asked_of(account):
                here.halfway, here.user = account, AnonymousUser()
        return self.get_response(request)


def is_asked_of(account: Any) -> bool:
    return bool(settings.STAFF_REQUIRE_TOTP and account.is_staff) or is_set_up(account)


def is_set_up(account: Any) -> bool:
    return bool(PhoneApp.objects.filter(user=account, confirmed=True).exists())


def new_device(account: Any) -> PhoneApp:
    """Not yet in force: a first code must show that the phone has it."""
    with transaction.atomic():
        PhoneApp.objects.filter(user=account, confirmed=False).delete()
        made: PhoneApp = PhoneApp.objects.create(user=account, confirmed=False, name="app", key=new_key())
        return made


def waiting_device(account: Any) -> PhoneApp | None:
    found: PhoneApp | None = PhoneApp.objects.filter(user=account, confirmed=False).first()
    return found


def confirm(request: HttpRequest, account: Any, code: str) -> list[str] | None:
    """Put the waiting device in force if this is its code; answers recovery codes, None for a wrong code."""
    with transaction.atomic():
        device = PhoneApp.objects.select_for_update().filter(user=account, confirmed=False).first()
        if device is None or not device.verify_token(_digits(code)):
            return None
        PhoneApp.objects.filter(user=account, confirmed=True).delete()
        device.confirmed = True
        device.save()
        codes = new_recovery_codes(account)
    _enter(request, account, device)
    return codes


def new_recovery_codes(account: Any) -> list[str]:
    """The old ones no longer work."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=account).delete()
        device = StaticDevice.objects.create(user=account, name="recovery codes")
        codes = [StaticToken.random_token() + StaticToken.random_token()[:4] for _ in range(RECOVERY_CODES)]
        StaticToken.objects.bulk_create(StaticToken(device=device, token=hash_of(code)) for code in codes)
    return codes


def codes_left(account: Any) -> int:
    return int(StaticToken.objects.filter(device__user=account).count())


def verify(account: Any, code: str) -> Any:
    """The device that this code is right for, else None: an app's six digits or a recovery code.

    Wrong codes make the next try wait, twice as long each time (django-otp's throttling).
    """
    digits = _digits(code)
    is_of_app = digits.isdigit() and len(digits) == 6
    model, kept = (PhoneApp, digits) if is_of_app else (StaticDevice, hash_of(digits.lower()))
    with transaction.atomic():
        devices = list(model.objects.select_for_update().filter(user=account, confirmed=True))
        return next((device for device in devices if device.verify_token(kept)), None)


def must_wait(account: Any) -> bool:
    return any(not device.verify_is_allowed()[0] for device in PhoneApp.objects.filter(user=account, confirmed=True))


def enter(request: HttpRequest, account: Any, code: str) -> bool:
    """Finish the log-in. Was the code right?"""
    device = verify(account, code)
    if device is not None:
        _enter(request, account, device)
    return device is not None


def switch_off(account: Any) -> None:
    with transaction.atomic():
        PhoneApp.objects.filter(user=account).delete()
        StaticDevice.objects.filter(user=account).delete()


def _enter(request: HttpRequest, account: Any, device: Any) -> None:
    request.user = account
    request.session.cycle_key()
    remember_device(request, device)


def _digits(code: str) -> str:
    return "".join(code.split()).replace("-", "")[:32]
