"""What an id_token of this LMS says about a person who opens a link."""

from typing import Any

from itpm_byte.sandbox import copying, groups_service, notices
from itpm_byte.sandbox.lms import Lms, PendingLaunch
from itpm_byte.sandbox.manners import AGS_CLAIM, CLAIM, NRPS_CLAIM, ROSTER_SCOPE
from itpm_byte.sandbox.store import Course, Link, Person


def launch_claims(lms: Lms, pending: PendingLaunch, *, nonce: str, now: int) -> dict[str, Any]:
    """All claims of an LtiResourceLinkRequest, with the changes that a test asked for laid over them.

    `now` in seconds since 1970. A change to None takes the claim out.
    """
    store, manner = lms.store, lms.manner
    person, link = store.people[pending.person], store.links[pending.link]
    course = store.courses[link.course]
    claims: dict[str, Any] = {
        **of_every_message(lms, person, course, nonce=nonce, now=now),
        **_identity(lms, person),
        CLAIM + "message_type": "LtiResourceLinkRequest",
        CLAIM + "resource_link": manner.resource_link(link),
        CLAIM + "custom": copying.filled_in(lms, link),
        CLAIM + "tool_platform": _platform(lms),
        **_services(lms, link),
        **manner.extra_claims(store, person, link, lms.url),
    }
    claims |= pending.changes
    return {name: value for name, value in claims.items() if value is not None}


def of_every_message(lms: Lms, person: Person, course: Course, *, nonce: str, now: int) -> dict[str, Any]:
    """Who speaks to whom, about which person in which course. `now` in seconds since 1970."""
    manner, registration = lms.manner, lms.store.registration
    return {
        "iss": lms.issuer,
        "aud": registration.client_id,
        "sub": person.id,
        "nonce": nonce,
        "iat": now,
        "exp": now + manner.lifetime,
        CLAIM + "version": "1.3.0",
        CLAIM + "deployment_id": registration.deployment_id,
        CLAIM + "target_link_uri": registration.target_link_uri,
        CLAIM + "roles": manner.roles(person, lms.store.enrolment(course.key, person.key)),
        CLAIM + "context": manner.context(course),
    }


def _identity(lms: Lms, person: Person) -> dict[str, str]:
    registration = lms.store.registration
    claims: dict[str, str] = {}
    if registration.shares_names:
        claims |= {"name": person.name, "given_name": person.given_name, "family_name": person.family_name}
    if registration.shares_emails and not person.is_test_user:
        claims["email"] = person.email
    return claims


def _platform(lms: Lms) -> dict[str, str]:
    told = {
        "guid": "3f0a6c1e0b7e4a6db2d9c5f4e1a7sandbox",
        "name": "Sandbox LMS",
        "description": "A pretend LMS",
        "product_family_code": lms.manner.product,
        "version": lms.manner.version,
    }
    return {name: value for name, value in told.items() if value}


def _services(lms: Lms, link: Link) -> dict[str, Any]:
    store = lms.store
    course, scopes = store.courses[link.course], store.registration.scopes
    claims: dict[str, Any] = {}
    ags_scopes = lms.manner.offered(scopes)
    if ags_scopes:
        endpoint: dict[str, Any] = {"scope": ags_scopes, "lineitems": lms.line_items_url(course)}
        item = store.line_item_of(link)
        if link.line_item_claim == "empty":
            endpoint["lineitem"] = ""
        elif item and link.line_item_claim == "url":
            endpoint["lineitem"] = lms.line_item_url(item)
        claims[AGS_CLAIM] = endpoint
    if ROSTER_SCOPE in scopes:
        url = lms.manner.roster_url(lms.url, course, store.registration.deployment_id)
        claims[NRPS_CLAIM] = {"context_memberships_url": url, "service_versions": ["1.0", "2.0"]}
    return claims | groups_service.claim(lms, course) | notices.claim(lms)
