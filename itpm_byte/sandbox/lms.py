"""One running pretend LMS: its store, keys, faults, log, and what it keeps in its head between two requests."""

import json
import secrets
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.http import HttpRequest

from itpm_byte.sandbox.faults import Faults
from itpm_byte.sandbox.keys import Keyring, SigningKey
from itpm_byte.sandbox.manners import MANNERS, Manner
from itpm_byte.sandbox.seed import fresh_store, registration_for
from itpm_byte.sandbox.storage import Storage
from itpm_byte.sandbox.store import Course, LineItem, Person, Store

LOG_LENGTH = 2000
TOKEN_LIFETIME = 3600  # seconds


@dataclass
class PendingLaunch:
    """A launch between the press on the link and the token: its message hint works once."""

    hint: str
    person: str  # Person.key
    link: str  # Link.key
    changes: dict[str, Any] = field(default_factory=dict)  # claims a test wants otherwise; None takes one out
    header: dict[str, Any] = field(default_factory=dict)
    key: str = "current"


@dataclass
class AccessToken:
    scopes: frozenset[str]
    expires_at: datetime


class Lms:
    def __init__(self, url: str, tool_url: str, *, manner: str, client_id: str = "", state_file: Path | None = None):
        self.url = url
        self.manner: Manner = MANNERS[manner]
        self.control_token = secrets.token_urlsafe(24)
        self.keys = Keyring()
        self.faults = Faults()
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self.lock = threading.RLock()
        self._client_ids = {manner: client_id} if client_id else {}
        self._states_at = state_file
        self.store: Store
        self._open(tool_url)

    def play(self, manner: str) -> None:
        """From now on another LMS at the same address: with names and ids of its own, and what it kept of last time.

        Raises KeyError for one that we cannot play.
        """
        with self.lock:
            self.manner = MANNERS[manner]
            self._open(self.store.registration.tool_url)

    def _open(self, tool_url: str) -> None:
        self.reset(tool_url)
        if self._state_file and self._state_file.exists():
            self._resume(json.loads(self._state_file.read_text(encoding="utf-8")), tool_url)
        self.remember_key()

    @property
    def _state_file(self) -> Path | None:
        """Each LMS has a file of its own; Moodle's is the one that was named."""
        if self._states_at is None or self.manner.name == "moodle":
            return self._states_at
        return self._states_at.with_stem(f"{self._states_at.stem}-{self.manner.name}")

    def reset(self, tool_url: str | None = None) -> None:
        """The first day again: seed, no faults, empty log, nobody half-way through a launch. The signing key stays."""
        with self.lock:
            deployment_id = self.manner.deployment_id
            address = tool_url or self.store.registration.tool_url
            client_id = self._client_ids.get(self.manner.name) or self.manner.client_id
            registration = registration_for(address, client_id=client_id, deployment_id=deployment_id)
            self.store = fresh_store(registration, self.manner, self._state_file)
            self.faults.clear()
            self.log.clear()
            self.pending: dict[str, PendingLaunch] = {}
            self.selections: dict[str, Any] = {}  # by secret, see `selection`
            self.tokens: dict[str, AccessToken] = {}
            self.seen_jtis: set[str] = set()
            self.notice_handlers: dict[str, str] = {}  # by type, see `notices`
            self.notices_sent: list[int] = []
            self.tool_keys: dict[str, Any] | None = None  # the tool's keyset, kept until it fails to verify
            self.clock_shift = timedelta(0)
            declared = self.manner.extra_login_fields(deployment_id)
            self.storage = Storage(target=declared.get("lti_storage_target", ""))
            self.sits_here = ""  # who counts as logged in where a browser keeps no cookie even of the LMS

    def _resume(self, kept: dict[str, Any], tool_url: str) -> None:
        """Yesterday's people and grades; today's tool address."""
        self.store.restore(kept)
        old = self.store.registration
        client_id = self._client_ids.get(self.manner.name) or old.client_id
        self.store.registration = registration_for(tool_url, client_id=client_id, deployment_id=old.deployment_id)
        if self.store.signing_key:
            self.keys = Keyring(SigningKey.from_pem(**self.store.signing_key))

    def rotate_keys(self, *, overlaps: bool = False) -> None:
        self.keys.rotate(overlaps=overlaps)
        self.remember_key()

    def remember_key(self) -> None:
        """Puts the signing key into the store, and with it into the state file."""
        with self.store.changing():
            self.store.signing_key = {"kid": self.keys.current.kid, "pem": self.keys.current.pem()}

    def now(self) -> datetime:
        return datetime.now(UTC) + self.clock_shift

    @property
    def issuer(self) -> str:
        return self.manner.issuer(self.url)

    @property
    def addresses(self) -> dict[str, Any]:
        """What the tool's admin has to be told about this LMS."""
        registration = self.store.registration
        own = {"client_id": registration.client_id, "deployment_id": registration.deployment_id}
        return addresses_of(self.manner, self.url) | own

    def line_items_url(self, course: Course) -> str:
        return self.manner.line_items_url(self.url, course, self.store.registration.deployment_id)

    def line_item_url(self, item: LineItem) -> str:
        course = self.store.courses[item.course]
        return self.manner.line_item_url(self.url, course, item, self.store.registration.deployment_id)

    def begin_launch(self, person: Person, link_key: str) -> PendingLaunch:
        link = self.store.links[link_key]
        number = secrets.token_urlsafe(12)
        hint = self.manner.hint(link, f"{secrets.token_urlsafe(60)}.{number}")
        pending = PendingLaunch(hint=hint, person=person.key, link=link_key)
        with self.lock:
            self.pending[hint] = pending
        return pending

    def login_fields(self, pending: PendingLaunch) -> dict[str, str]:
        """What the browser carries to the tool to begin (third-party initiated login)."""
        registration = self.store.registration
        said = self.manner.extra_login_fields(registration.deployment_id)
        said.pop("lti_storage_target", None)
        return {
            "iss": self.issuer,
            "target_link_uri": registration.target_link_uri,
            "login_hint": self.store.people[pending.person].id,
            "lti_message_hint": pending.hint,
            "client_id": registration.client_id,
            "lti_deployment_id": registration.deployment_id,
            **said,
            **self.storage.declared,
        }

    def new_access_token(self, scopes: list[str]) -> str:
        token = secrets.token_urlsafe(32)
        with self.lock:
            self.tokens[token] = AccessToken(frozenset(scopes), self.now() + timedelta(seconds=TOKEN_LIFETIME))
        return token


def addresses_of(manner: Manner, url: str) -> dict[str, Any]:
    """What an LMS of this manner at this address tells the tool's admin on its first day."""
    return {
        "issuer": manner.issuer(url),
        "client_id": manner.client_id,
        "deployment_id": manner.deployment_id,
        "auth_url": f"{url}/lti/auth/",
        "token_url": f"{url}/lti/token/",
        "jwks_url": f"{url}/lti/jwks/",
        "audience": manner.audience,
        "algorithm": manner.signing_algorithm,
        "product": manner.product or manner.name,
        "any_azp": manner.has_foreign_azp,
    }


def lms_of(request: HttpRequest) -> Lms:
    """The LMS this request came to (the server puts it there, so that no module holds state of its own)."""
    lms: Lms = request.META["sandbox.lms"]
    return lms
