"""A program with its token, and an institution with something to pull."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from itpm_byte.api import tokens
from itpm_byte.api.scopes import SCOPES
from itpm_byte.learning import feedback
from itpm_byte.learning.models import Placement
from lti.models import Institution, PlatformUser
from tests.cast import Cast, someone
from tests.learning.casting import answer, placement

API = "/api/v1/"
# What a token of each scope is for.
LISTS = {
    "institutions": "read:institutions",
    "bytes": "read:content",
    "placements": "read:content",
    "learners": "read:learners",
    "progress": "read:progress",
    "completions": "read:progress",
    "attempts": "read:progress",
    "responses": "read:progress",
    "grades": "read:grades",
    "feedback": "read:feedback",
    "rosters": "read:rosters",
}


def token_text(institution: Institution, *scopes: str, **options: Any) -> str:
    """A new token with these scopes; with all of them if none are named."""
    wanted = {"name": "a program", "days": 30, "by": None, "now": timezone.now() - timedelta(minutes=5)} | options
    return tokens.make(institution=institution, scopes=scopes or SCOPES, **wanted)[1]


def program(institution: Institution, *scopes: str, **options: Any) -> Client:
    return Client(headers={"Authorization": f"Bearer {token_text(institution, *scopes, **options)}"})


def learners_at_work(people: Cast, number: int, *, answers: str = "samantha") -> tuple[Placement, list[PlatformUser]]:
    """So many learners who each submitted one attempt and gave a rating."""
    at = placement(people.link)
    made = [someone(people, f"{people.institution.slug} learner {position}") for position in range(number)]
    for learner in made:
        answer(at, learner, answers)
        feedback.give(at, learner, at.byte, rating=4, comment=f"Said by {learner.name}", now=timezone.now())
    return at, made


def address(name: str, at: Placement) -> str:
    return f"{API}{name}/" + (f"?placement={at.uuid}" if name == "rosters" else "")
