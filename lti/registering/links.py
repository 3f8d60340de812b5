"""Links with which an LMS registers itself: made by staff, secret, for one registration (REG-01, SEC-17)."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from lti import audit
from lti.models import Institution, Registration, RegistrationLink
from lti.proofs import hash_secret, new_secret
from lti.registering.refusals import RegistrationRefused

LIFETIME = timedelta(days=7)
# Whoever holds a link can make us ask an address of their choice: not more often than a person who tries would.
TRIES = 10
LEASE = timedelta(minutes=3)


@transaction.atomic
def make(
    *,
    name: str,
    institution: Institution,
    now: datetime,
    lifetime: timedelta = LIFETIME,
    is_preapproved: bool = False,
    deployment_policy: str = Registration.DeploymentPolicy.PENDING,
    host: str = "",
    issuer: str = "",
    created_by: Any = None,
) -> tuple[RegistrationLink, str]:
    """A new link and its address, which can't be shown a second time."""
    token = new_secret()
    link = RegistrationLink.objects.create(
        token_hash=hash_secret(token),
        name=name,
        institution=institution,
        is_preapproved=is_preapproved,
        deployment_policy=deployment_policy,
        host=host.lower(),
        issuer=issuer,
        created_by=created_by,
        created_at=now,
        expires_at=now + lifetime,
    )
    after = {"expires_at": link.expires_at, "is_preapproved": is_preapproved, "deployment_policy": deployment_policy}
    audit.record(
        "registration_link.made",
        by=created_by,
        now=now,
        on=link,
        institution=institution,
        after={**after, "host": link.host, "issuer": issuer},
    )
    return link, settings.PUBLIC_URL + reverse("lti:register", args=[token])


def find(token: str, *, now: datetime) -> RegistrationLink:
    """The link, if it may be used. Raises RegistrationRefused: link_unknown, link_used, link_expired, link_worn_out."""
    hashed = hash_secret(token)
    link = RegistrationLink.objects.select_related("institution", "registration").filter(token_hash=hashed).first()
    if link is None:
        raise RegistrationRefused("link_unknown")
    reason = why_not(link, now=now)
    if reason:
        raise RegistrationRefused(reason)
    return link


def why_not(link: RegistrationLink, *, now: datetime) -> str:
    """A key of refusals.WORDS, or "" for a link that may be used."""
    if link.used_at is not None:
        return "link_used"
    if link.expires_at <= now:
        return "link_expired"
    return "link_worn_out" if link.tries >= TRIES else ""


def claim(link: RegistrationLink, *, now: datetime) -> None:
    """Take the link for one try; of two at the same time one gets it. Raises RegistrationRefused."""
    is_free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    mine = RegistrationLink.objects.filter(is_free, pk=link.pk, used_at=None, expires_at__gt=now, tries__lt=TRIES)
    if mine.update(claimed_until=now + LEASE, tries=F("tries") + 1):
        return
    link.refresh_from_db()
    raise RegistrationRefused(why_not(link, now=now) or "link_busy")


def release(link: RegistrationLink) -> None:
    """The try came to nothing: the link may be used again."""
    RegistrationLink.objects.filter(pk=link.pk, used_at=None).update(claimed_until=None)


@transaction.atomic
def withdraw(link: RegistrationLink, *, by: Any, now: datetime) -> None:
    """Nobody can use it from now on. One that was used or has run out stays as it is."""
    still = RegistrationLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now)
    if still.update(expires_at=now):
        before, after = {"expires_at": link.expires_at}, {"expires_at": now}
        owner = link.institution
        audit.record(
            "registration_link.withdrawn", by=by, now=now, on=link, institution=owner, before=before, after=after
        )
