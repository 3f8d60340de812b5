"""Pretend LMSs with large classes, and what each of them received."""

import contextlib
import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from itpm_byte.sandbox.forms import auth_address
from itpm_byte.sandbox.server import SandboxServer
from tests.live import LiveTool
from tests.visitor import Page, Visitor

MANNERS = ("moodle", "canvas", "d2l")
ACTIVITY = "/courses/careers/activities/29/launch/"
LAST_COUNTS = "from itpm_byte.learning.models import Placement; Placement.objects.update(which_counts='last')"


@dataclass
class School:
    """An LMS, its class, and who may do something to it at the moment: one fault at a time."""

    lms: SandboxServer
    learners: list[str]  # keys of people
    busy: threading.Lock = field(default_factory=threading.Lock)

    def launch(self, visitor: Visitor, person: str) -> Page:
        """The way of a browser from the LMS's log-in to where the tool leads. Raises what goes wrong on the way."""
        self.lms.enter(visitor.session, person)
        login = visitor.open(f"{self.lms.url}{ACTIVITY}").forms[0]
        fields = {name: values[0] for name, values in login.fields.items()}
        answer = visitor.session.post(login.action, data=fields, allow_redirects=False, timeout=15)
        posting = visitor.read(visitor.session.get(auth_address(answer), timeout=15)).forms[0]
        sent = {name: values[0] for name, values in posting.fields.items()}
        return visitor.read(visitor.session.post(posting.action, data=sent, timeout=15))

    def cells(self) -> dict[str, dict[str, Any]]:
        """The gradebook's cells of the activity by the learner's `sub`; {} for a learner without one."""
        kept = self.lms.store.all()
        number = next(item["id"] for item in kept["line_items"].values() if item["link"] == "careers")
        grades = kept["grades"]
        return {kept["people"][key]["id"]: grades.get(f"{number}:{key}", {}) for key in self.learners}

    def subs(self) -> dict[str, str]:
        """`sub` by the learner's key."""
        people = self.lms.store.all()["people"]
        return {key: people[key]["id"] for key in self.learners}


@contextlib.contextmanager
def open_schools(tool: LiveTool, learners: int, manners: Sequence[str] = MANNERS) -> Iterator[list[School]]:
    """So many learners, spread over LMSs of these manners, which the tool knows; the last attempt counts."""
    with contextlib.ExitStack() as stack:
        schools = []
        for place, manner in enumerate(manners):
            lms = stack.enter_context(SandboxServer(tool.url, manner))
            _register(tool, lms)
            share = learners // len(manners) + (place < learners % len(manners))
            schools.append(School(lms, _enrol(lms, share)))
        for school in schools:
            assert school.launch(Visitor(), "kai").status == 200
        tool.python(LAST_COUNTS)
        yield schools


def _register(tool: LiveTool, lms: SandboxServer) -> None:
    more = ["--audience", lms.audience] if lms.audience else []
    tool.manage(
        "register_platform", "--name", lms.manner, "--issuer", lms.issuer, "--client-id", lms.client_id,
        "--auth-url", lms.auth_url, "--token-url", lms.token_url, "--jwks-url", lms.jwks_url,
        "--deployment-id", lms.deployment_id, "--product", lms.product, "--algorithm", lms.algorithm, *more,
    )  # fmt: skip


def _enrol(lms: SandboxServer, number: int) -> list[str]:
    kind = lms.store.person("lin")
    keys = [f"learner{place}" for place in range(number)]
    for place, key in enumerate(keys):
        own = {"key": key, "id": f"{kind['id']}-{place}", "name": f"Learner {place}", "email": f"{key}@school.example"}
        lms.call("change", room="people", key=key, changes=kind | own)
        lms.store.enrol(key, "careers")
    return keys


def pick(schools: Sequence[School], chance: random.Random, patience: float) -> School | None:
    """A school to which nobody does anything at the moment, now held; None if all are busy for so many seconds."""
    for school in chance.sample(schools, len(schools)):
        if school.busy.acquire(timeout=patience / len(schools)):
            return school
    return None


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
