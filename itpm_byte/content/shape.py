"""Does the file have the fields that a Byte has? Checked with the published JSON Schema, told in plain words."""

import difflib
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.conf import settings
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from itpm_byte.content.problems import Place, Problem, listed, shortened
from itpm_byte.content.source import Source

SCHEMA = settings.BASE_DIR / "fixtures" / "schema" / "byte.schema.json"
TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a group of fields",
}


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def problems(source: Source) -> Iterator[Problem]:
    """Everything that does not fit the schema."""
    for error in validator().iter_errors(source.data):
        place = tuple(error.absolute_path)
        for below, message in _told(error):
            yield source.problem((*place, *below), message)


def _told(error: ValidationError) -> Iterator[tuple[Place, str]]:
    """Pairs of (place below the error's own, message)."""
    schema = error.schema if isinstance(error.schema, dict) else {}
    value: Any = error.instance
    limit: Any = error.validator_value
    match error.validator:
        case "required":
            # The library reports each missing field on its own without saying which; tell them one by one.
            for name in limit:
                if error.message.startswith(f"{name!r} is"):
                    yield (), f"{name} is missing. {_hint(schema.get('properties', {}).get(name, {}))}".strip()
        case "additionalProperties":
            known = list(schema["properties"])
            for name in value:
                if name not in known:
                    yield (name,), _unknown_field(name, known)
        case _:
            yield (), f"{_sentence(error)} {_hint(schema)}".strip()


def _sentence(error: ValidationError) -> str:
    value: Any = error.instance
    limit: Any = error.validator_value
    match error.validator:
        case "type" if value is None:
            return "is empty."
        case "type" if limit == "string" and isinstance(value, int | float | bool):
            return "must be text. Put it in quotes."
        case "type":
            return f"must be {TYPES[str(limit)]}."
        case "enum":
            return f"is '{shortened(str(value))}'; it must be {listed([str(choice) for choice in limit])}."
        case "pattern":
            return f"is '{shortened(value)}', which does not fit."
        case "minLength":
            return "is empty."
        case "maxLength":
            return f"has {len(value)} characters, {limit} at most."
        case "minItems":
            return f"has {len(value)} entries, {limit} at least."
        case "maxItems":
            return f"has {len(value)} entries, {limit} at most."
        case "uniqueItems":
            return "has the same entry twice."
        case "minimum" | "maximum":
            return f"is {value}, {limit} at {'least' if error.validator == 'minimum' else 'most'}."
    return f"{shortened(error.message, 200)}."


def _unknown_field(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    advice = f"Did you mean '{close[0]}'?" if close else f"Known are {', '.join(known)}."
    return f"there is no field '{shortened(name)}' here. {advice}"


def _hint(schema: dict[str, Any]) -> str:
    return str(schema.get("description", ""))
