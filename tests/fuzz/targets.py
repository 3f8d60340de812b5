"""What reads bytes from outside without network or database. A target raises nothing for any bytes at all.

Refusals that a reader announces are caught here; everything else is a finding, as is an answer that breaks its promise.
"""

import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from unittest import mock

from rest_framework.exceptions import APIException

from itpm_byte import browser_language
from itpm_byte.api import cursors
from itpm_byte.api.bodies import SmallJson
from itpm_byte.content import markdown, rules, shape, source, svg
from itpm_byte.content.problems import LoadFailed
from lti import addresses, claims, framing, http, id_tokens, outcomes, paging, proofs, values
from lti.courses import lookup
from lti.errors import ClaimInvalid, LaunchRefused
from lti.models import PlatformUser, Registration
from lti.registering import dynamic_registration, openid_configuration
from lti.registering.refusals import RegistrationRefused

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
LAUNCH: Mapping[str, Any] = {
    LTI + "message_type": "LtiResourceLinkRequest",
    LTI + "version": "1.3.0",
    LTI + "deployment_id": "9",
    LTI + "target_link_uri": "http://127.0.0.1:8000/lti/launch/",
    LTI + "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
    LTI + "resource_link": {"id": "26"},
    "sub": "5",
}
LMS_URL = "https://lms.example/.well-known/openid-configuration"


def id_token(data: bytes) -> None:
    with suppress(LaunchRefused):
        header = id_tokens.read_header(data.decode("latin-1"), Registration(signing_algorithms=["RS256", "ES256"]))
        assert header.kid
        assert header.algorithm in {"RS256", "ES256"}


def launch_claims(data: bytes) -> None:
    """Whatever claims stand in a launch beside, or in the place of, the right ones."""
    _claims(LAUNCH, data)


def deep_linking(data: bytes) -> None:
    """Whatever an LMS says that it accepts."""
    told = _json(data)
    settings = {"deep_link_return_url": "https://lms.example/r", "accept_types": ["ltiResourceLink"]}
    settings |= told if isinstance(told, dict) else {"data": told}
    message = {LTI + "message_type": "LtiDeepLinkingRequest", DL + "deep_linking_settings": settings}
    _claims({**LAUNCH, **message}, b"{}")


def _claims(start: Mapping[str, Any], data: bytes) -> None:
    told = _json(data)
    with suppress(ClaimInvalid):
        read = claims.parse({**start, **(told if isinstance(told, dict) else {})})
        assert all(values.is_storable(text) for text in asdict(read).values() if isinstance(text, str))


def link_header(data: bytes) -> None:
    with suppress(paging.EndlessPages):
        paging.joined("https://lms.example/roster?p=1", paging.link(data.decode("latin-1")))


def configuration(data: bytes) -> None:
    """A registration document, whole or with the right rest around it."""
    with suppress(RegistrationRefused):
        openid_configuration._object(data)
    told = _json(data)
    right = {
        "issuer": "https://lms.example",
        **{
            name: f"https://lms.example/{name}"
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
        },
        openid_configuration.SIGNING: ["RS256"],
        openid_configuration.PLATFORM: {"product_family_code": "moodle", "messages_supported": []},
    }
    with suppress(RegistrationRefused):
        openid_configuration.parse(right | (told if isinstance(told, dict) else {}), url=LMS_URL)


def registration_answer(data: bytes) -> None:
    with suppress(RegistrationRefused):
        assert dynamic_registration._granted(data).client_id
    assert "\n" not in dynamic_registration.words_of(data)


def byte_file(data: bytes) -> None:
    with suppress(LoadFailed):
        read = source.parse(data.decode("utf-8", errors="replace"), file="byte.yaml")
        found = list(shape.problems(read)) or list(rules.problems(read))
        assert all(str(problem) for problem in found)


def byte_markdown(data: bytes) -> None:
    text = data.decode("utf-8", errors="replace")
    for html in (markdown.blocks(text), markdown.inline(text)):
        assert "<script" not in html.lower()
    markdown.plain(text)
    list(markdown.links(text))


def drawing(data: bytes) -> None:
    with suppress(svg.SvgRefused):
        made = svg.sanitised(data)
        assert b"<script" not in made.data.lower()
        svg.sanitised(made.data)


def pasted_list(data: bytes) -> None:
    with _course(), suppress(lookup.ListTooLong):
        entries = lookup.look(None, data.decode("utf-8", errors="replace"))  # type: ignore[arg-type]  # nobody asks
        assert all(bool(entry.people) or entry.match in {"nobody", "no_learner"} for entry in entries)


@contextmanager
def _course() -> Iterator[None]:
    """Lin and two of the same name, without a database."""
    people = [PlatformUser(pk=key, sub=f"s{key}", name=name) for key, name in ((1, "Lin Tran"), (2, "Max"), (3, "Max"))]
    course: Any = object.__new__(lookup._Course)
    course._by_key, course.learners = defaultdict(dict), {1, 2}
    for person in people:
        for called in (person.sub, person.name):
            course._by_key[lookup._key(called)][person.pk] = person
    with mock.patch.object(lookup, "_Course", return_value=course):
        yield


def api_body(data: bytes) -> None:
    with suppress(APIException):
        assert isinstance(SmallJson().parse(io.BytesIO(data)), dict)


def cursor(data: bytes) -> None:
    with suppress(APIException):
        cursors.unseal(data.decode("utf-8", errors="replace"), asked="x")


def lms_answer(data: bytes) -> None:
    """Status, headers and body that an LMS gives to a score."""
    head, _, body = data.partition(b"\n")
    for status in (200, 400, 403, 404, 409, 422, 429, 500, 503):
        outcomes.judge(status, {"Retry-After": head.decode("latin-1")}, body, now=NOW)


def sealed(data: bytes) -> None:
    text = data.decode("utf-8", errors="replace")
    assert proofs.unseal(text) is None
    assert proofs.unseal_ticket(text) is None


def address(data: bytes) -> None:
    text = data.decode("utf-8", errors="replace")
    addresses.work_named(text)
    addresses.is_ours(text)
    framing.origin_of(text)
    values.page_url(text)
    values.service_url(text)
    with suppress(http.AddressRefused):
        http.check_address(text)


def accept_language(data: bytes) -> None:
    assert browser_language._asked_for(data.decode("latin-1")[:500]) in {"en", "fr", "ar"}


def _json(data: bytes) -> Any:
    with suppress(ValueError, RecursionError):
        return json.loads(data)
    return None


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        *(id_token, launch_claims, deep_linking, link_header, configuration, registration_answer, byte_file),
        *(byte_markdown, drawing, pasted_list, api_body, cursor, lms_answer, sealed, address, accept_language),
    )
}
