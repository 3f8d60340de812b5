"""Do both sides see each other's keys, and do their clocks agree? (CORE-14, CORE-19, OTH-15)"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lti import addresses, http, id_tokens, keys, keysets, secrets
from lti.doctor.visit import MOVED, Finding, NoAnswer, Verdict, Visit
from lti.models import Launch, Registration

# Beyond the first launches may fail here and there, beyond the second they do.
NOTABLE_SKEW, BROKEN_SKEW = 10, id_tokens.LEEWAY.total_seconds()


def ours(visit: Visit) -> Iterator[Finding]:
    """Our key set, asked for at the address that LMSs are told: this is what they would see."""
    now = visit.now
    try:
        signing = keys.signing_key(now=now)
        secrets.decrypt(signing.private_key_encrypted)
    except keys.NoKey:
        yield Finding("our_keys", "broken", "no_signing_key")
        return
    except secrets.SecretUnreadable:
        yield Finding("our_keys", "broken", "signing_key_unreadable")
        return
    url = addresses.keyset_url()
    facts: dict[str, Any] = {"host": urlsplit(url).netloc}
    try:
        answer = visit.ask("GET", url, tells_time=False, headers={"Accept": "application/json"})
    except NoAnswer as problem:
        # A private address may be right, where the LMS is in the same network.
        verdict: Verdict = "look" if problem.cause == "address" else "broken"
        yield problem.as_finding("our_keys", verdict, facts)
        return
    shown = _kids(answer)
    if answer.status in MOVED:
        yield Finding("our_keys", "broken", "our_keys_moved", facts)
    elif shown is None:
        yield Finding("our_keys", "broken", "our_keys_elsewhere", facts | {"status": answer.status})
    elif signing.kid not in shown:
        yield Finding("our_keys", "broken", "our_keys_others", facts)
    else:
        yield Finding("our_keys", "ok", "our_keys_seen", facts | {"count": len(shown)})


def theirs(visit: Visit) -> Iterator[Finding]:
    """The LMS's key set as it is now, not as we keep it."""
    registration = visit.registration
    facts: dict[str, Any] = {"host": urlsplit(registration.jwks_url).netloc}
    try:
        answer = visit.ask("GET", registration.jwks_url, headers={"Accept": "application/json"})
    except NoAnswer as problem:
        yield problem.as_finding("their_keys", "broken", facts)
        return
    if answer.status != 200:
        cause = "their_keys_moved" if answer.status in MOVED else "their_keys_status"
        yield Finding("their_keys", "broken", cause, facts | {"status": answer.status})
        return
    try:
        found = keysets.keys_in(answer)
    except ValueError as problem:
        cause = "their_keys_empty" if str(problem) == "no keys" else "their_keys_nonsense"
        yield Finding("their_keys", "broken", cause, facts)
        return
    yield _about(visit, found, facts)


def _about(visit: Visit, found: list[dict[str, Any]], facts: dict[str, Any]) -> Finding:
    registration = visit.registration
    kids = keysets.usable_kids(found, registration.algorithms)
    if {key.get("kid") for key in found} & set(_own_kids(visit)):
        return Finding("their_keys", "broken", "their_keys_are_ours", facts)
    if not kids:
        others = [algorithm for algorithm in sorted(id_tokens.ALGORITHMS) if keysets.usable_kids(found, [algorithm])]
        if not others:
            return Finding("their_keys", "broken", "their_keys_unusable", facts | {"count": len(found)})
        algorithms = {"needed": ", ".join(others), "accepted": ", ".join(registration.algorithms)}
        return Finding("their_keys", "broken", "their_keys_other_algorithm", facts | algorithms)
    missed, at = registration.jwks_missed_kid, registration.jwks_missed_at
    # Anybody can send us a token with an invented key: only what no good launch has followed is a sign.
    if missed and at and missed not in kids and not _has_arrived_since(registration, at):
        return Finding("their_keys", "broken", "their_key_missing", facts | {"kid": missed[:40], "at": at.isoformat()})
    fetched_at = registration.jwks_fetched_at
    return Finding(
        "their_keys",
        "ok",
        "their_keys_seen",
        facts | {"count": len(kids), "at": fetched_at.isoformat() if fetched_at else ""},
    )


def login_page(visit: Visit) -> Iterator[Finding]:
    """Where browsers are sent to log in. What it answers to us means nothing; that somebody answers does."""
    url = visit.registration.auth_login_url
    facts: dict[str, Any] = {"host": urlsplit(url).netloc}
    try:
        visit.ask("GET", url, tells_time=False)
    except NoAnswer as problem:
        # Browsers may reach what this machine doesn't; they accept no other certificates and know no other names.
        verdict: Verdict = "broken" if problem.cause in {"tls", "name"} else "look"
        yield problem.as_finding("login_page", verdict, facts)
        return
    yield Finding("login_page", "ok", "login_page_seen", facts)


def clock(visit: Visit) -> Iterator[Finding]:
    """Their clock, as their answers tell it, against ours."""
    skew = visit.skew
    if skew is None:
        yield Finding("clock", "skipped", "clock_unknown")
        return
    facts = {"seconds": round(abs(skew))}
    if abs(skew) < NOTABLE_SKEW:
        yield Finding("clock", "ok", "clock_agrees", facts)
        return
    direction = "clock_behind" if skew > 0 else "clock_ahead"
    yield Finding("clock", "broken" if abs(skew) > BROKEN_SKEW else "look", direction, facts)


def _has_arrived_since(registration: Registration, moment: datetime) -> bool:
    return Launch.objects.filter(deployment__registration=registration, created_at__gt=moment).exists()


def _own_kids(visit: Visit) -> list[str]:
    return [key["kid"] for key in keys.published(now=visit.now)["keys"]]


def _kids(answer: http.Answer) -> list[str] | None:
    """The names of the keys in a key set; None if it is none."""
    try:
        found = json.loads(answer.body)["keys"] if answer.status == 200 else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return [str(key.get("kid")) for key in found if isinstance(key, dict)] if isinstance(found, list) else None
