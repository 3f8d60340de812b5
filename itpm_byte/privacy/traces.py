"""Texts that may name a person although they belong to nobody's row: reasons, answers kept for programs, reports."""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

from django.apps import apps
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from lti.models import PlatformUser

# Model and its columns. By name: some belong to rooms above this one.
TEXTS = (
    ("lti.StaffAction", ("reason", "before", "after")),
    ("insight.SavedView", ("name", "query")),
    ("api.KeptAnswer", ("body",)),
    ("django_tasks_database.DBTaskResult", ("args_kwargs", "return_value", "traceback")),
    ("admin.LogEntry", ("object_repr", "change_message")),
)
# Shorter names are in too many words.
SHORTEST = 3
INSTEAD = "[erased]"


def names_of(person: PlatformUser) -> set[str]:
    """What would give the person away: name, e-mail, the platform's ID."""
    return {text for text in (person.name, person.email, person.sub) if len(text) >= SHORTEST}


def without(value: Any, names: Iterable[str]) -> Any:
    """A text, or what JSON holds, with these names gone; as whole words, in capitals or not."""
    spelled = {form for name in names for form in _spellings(name)}
    if not spelled:
        return value
    longest_first = sorted(spelled, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)
    return _replaced(value, pattern)


def wipe(names: Iterable[str]) -> int:
    """Take these names out of all TEXTS. How many rows had them."""
    wanted = {form for name in names for form in _spellings(name)}
    return sum(_wipe(label, columns, wanted) for label, columns in TEXTS) if wanted else 0


def _wipe(label: str, columns: tuple[str, ...], wanted: set[str]) -> int:
    model = apps.get_model(label)
    as_text = {f"{column}_as_text": Cast(column, TextField()) for column in columns}
    named = Q()
    for form in wanted:
        for name in as_text:
            named |= Q(**{f"{name}__icontains": form})
    rows = model._default_manager.annotate(**as_text).filter(named).values("pk", *columns)
    changed = 0
    for row in list(rows):
        new = {column: without(row[column], wanted) for column in columns}
        if any(new[column] != row[column] for column in columns):
            changed += model._default_manager.filter(pk=row["pk"]).update(**new)
    return changed


def _spellings(name: str) -> set[str]:
    """As it stands in texts, in JSON and in addresses."""
    return {name, json.dumps(name)[1:-1], quote(name), quote_plus(name)}


def _replaced(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(INSTEAD, value)
    if isinstance(value, list):
        return [_replaced(part, pattern) for part in value]
    if isinstance(value, dict):
        return {_replaced(name, pattern): _replaced(part, pattern) for name, part in value.items()}
    return value
