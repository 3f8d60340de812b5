"""What programs may send: JSON, small and flat."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from itpm_byte.api.problems import Problem

LARGEST = 64 * 1024
DEEPEST = 10


class SmallJson(BaseParser):
    """One JSON object of at most LARGEST bytes, nested at most DEEPEST deep."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        raw = stream.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise Problem("too_large")
        try:
            said = json.loads(raw, parse_constant=_refuse)
        except (ValueError, RecursionError) as unreadable:
            raise ParseError from unreadable
        if not isinstance(said, dict) or _depth(said) > DEEPEST:
            raise ParseError
        return said


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _depth(value: Any) -> int:
    """Level by level, so that no nesting is too deep to be counted."""
    depth, level = 0, [value]
    while level := [part for part in level if isinstance(part, (dict, list))]:
        depth += 1
        level = [inner for part in level for inner in (part.values() if isinstance(part, dict) else part)]
    return depth
