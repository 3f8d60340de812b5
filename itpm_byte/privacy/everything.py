"""Everything that is kept about one person: for the person, as JSON and to read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction

from itpm_byte.content.models import Byte, Choice, Question
from itpm_byte.learning.models import Attempt, Placement
from itpm_byte.privacy import people
from itpm_byte.privacy.places import PLACES, Place
from lti import audit
from lti.models import PlatformUser

FORMAT = 1
# What a reference needs to be put into words.
NEEDED = {Placement: "resource_link__context", Attempt: "placement__resource_link"}


@dataclass(frozen=True, slots=True)
class Kept:
    """One table's rows about the person: {column: value}; a reference has its words beside it."""

    place: Place
    rows: list[dict[str, Any]]

    @property
    def readable(self) -> list[list[tuple[str, Any]]]:
        """The rows for people: words instead of references where there are some, no empty columns."""
        return [
            [
                (name.replace("_", " "), row.get(f"{name}_words", value))
                for name, value in row.items()
                if not name.endswith("_words") and value is not None and value != ""
            ]
            for row in self.rows
        ]


def overview(person: PlatformUser) -> list[tuple[Place, int]]:
    """How many rows each table has about this person."""
    return [(place, place.rows(person).distinct().count()) for place in PLACES]


def collect(person: PlatformUser) -> list[Kept]:
    return [Kept(place, [_row(row, place) for row in _with_references(place, person)]) for place in PLACES]


def take_out(person: PlatformUser, *, by: Any, now: datetime) -> dict[str, Any]:
    """All of it, as JSON takes it; that it was taken out is written down."""
    with transaction.atomic():
        kept = collect(person)
        owner = people.institution_of(person)
        audit.record("person.exported", by=by, now=now, on=person, institution=owner, subject=person)
    return {
        "format": FORMAT,
        "made_at": now,
        "platform": person.registration.name,
        "kept": {one.place.label: {"why": str(one.place.why), "rows": one.rows} for one in kept},
    }


def _with_references(place: Place, person: PlatformUser) -> Any:
    fields = [field for field in _columns(place) if field.is_relation]
    deep = [f"{field.name}__{NEEDED[field.related_model]}" for field in fields if field.related_model in NEEDED]
    return place.rows(person).select_related(*(field.name for field in fields), *deep).distinct()


def _columns(place: Place) -> list[Any]:
    return [field for field in place.model._meta.concrete_fields if field.name not in place.secret]


def _row(row: models.Model, place: Place) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in _columns(place):
        value = getattr(row, field.attname)
        found[field.name] = str(value) if isinstance(value, UUID) else value
        if field.is_relation and value is not None and (words := _words(getattr(row, field.name))):
            found[f"{field.name}_words"] = words
    return found


def _words(referred: Any) -> str:
    """Only of things: other people stay numbers."""
    match referred:
        case Placement():
            return str(referred.resource_link)
        case Attempt():
            return f"{referred.placement.resource_link}, {referred.number}"
        case Byte():
            return f"{referred.title}, {referred.version}"
        case Question():
            return referred.prompt
        case Choice():
            return referred.text
    return str(referred) if referred._meta.label in WITH_NAMES else ""


WITH_NAMES = {"lti.Context", "lti.Group", "lti.ResourceLink", "lti.Registration", "lti.Institution"}
