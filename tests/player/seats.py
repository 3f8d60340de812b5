"""A person in front of the page: a launch as the gate leaves it, and a browser that holds its cookie.

seat = sit(people.lin, people.link)      # a launch by Lin, and her browser
seat.get(), seat.answer("peter")         # the page, the quiz form as the page sends it
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from itpm_byte.content import loading
from itpm_byte.content.models import Byte
from lti.models import Launch, Membership, PlatformUser, ResourceLink
from lti.proofs import Proof, hash_secret, person_key, seal
from lti.sessions import cookie_name

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "fixtures" / "bytes" / "it-project-manager" / "byte.yaml"
SECOND = ROOT / "tests" / "content" / "bytes" / "second" / "byte.yaml"
BACK = "https://lms.example/course/view?id=7"
PIECE = {"Byte-Fragment": "1"}


@cache
def _draft(path: Path) -> Any:
    return loading.check(path)[0]


def published(path: Path = SHIPPED) -> Byte:
    """The Byte of this file, as `load_byte` publishes it."""
    return loading.publish(_draft(path), now=timezone.now() - timedelta(days=1))[0]


@dataclass
class Seat:
    launch: Launch
    client: Client
    sealed: str
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.url = f"/l/{self.launch.pk}/"

    def get(self, path: str = "", **options: Any) -> HttpResponse:
        return self.client.get(self.url + path, **options)

    def post(self, path: str, data: Any = None, **options: Any) -> HttpResponse:
        return self.client.post(self.url + path, data or {}, **options)

    def answer(self, *choices: str, attempt: int = 1, question: str = "quiz", **options: Any) -> HttpResponse:
        fields = {"question": question, "attempt": attempt, "version": 1, "choice": list(choices)}
        return self.post("answer/", fields, **options)


def sit(user: PlatformUser, link: ResourceLink, *, client: Client | None = None, **fields: Any) -> Seat:
    """`fields` are those of the Launch. Several people may sit at one `client`."""
    now = timezone.now()
    membership = Membership.objects.filter(user=user, context=link.context_id).first()
    values: dict[str, Any] = {
        "message_type": "LtiResourceLinkRequest",
        "role": membership.role if membership else "learner",
        "proof_hash": hash_secret(f"{user.name}'s secret"),
        "created_at": now,
        "expires_at": now + timedelta(hours=8),
    }
    launch = Launch.objects.create(
        deployment=link.deployment, user=user, membership=membership, resource_link=link, **values | fields
    )
    issuer = link.deployment.registration.issuer
    proof = Proof(launch.pk, person_key(issuer, user.sub), f"{user.name}'s secret", int(now.timestamp()), BACK)
    client = client or Client()
    client.cookies[cookie_name(launch.pk)] = seal(proof)
    return Seat(launch, client, seal(proof))


def text_of(response: HttpResponse) -> str:
    """The words of a page without tags, in one line."""
    without_tags = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", unescape(without_tags))


def flat(response: HttpResponse) -> str:
    """The HTML in one line, with single spaces."""
    return " ".join(response.content.decode().split())
