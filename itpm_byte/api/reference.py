"""The API's description: as a file for programs, and as a plain page for people, made here without any script."""

import functools
import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from itpm_byte.api.problems import KINDS
from itpm_byte.api.scopes import SCOPES
from lti.languages import in_english


@functools.cache
def description() -> dict[str, Any]:
    """OpenAPI 3.1. The same for everybody; worked out once in a process."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # not typed there
    return made


@require_safe
@cache_control(public=True, max_age=3600)
def openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(json.dumps(description()), content_type="application/json")


@require_safe
@in_english
@cache_control(public=True, max_age=3600)
def page(request: HttpRequest) -> HttpResponse:
    context = {
        "info": description()["info"],
        "groups": _groups(description()),
        "problems": KINDS,
        "scopes": SCOPES,
    }
    return render(request, "api/reference.html", context)


def _groups(whole: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Operations by tag, in the order of the addresses."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for address, methods in whole["paths"].items():
        for method, operation in methods.items():
            if isinstance(operation, dict) and "operationId" in operation:
                group = groups.setdefault(operation["tags"][0], [])
                group.append(_operation(whole, address, method, operation))
    return groups


def _operation(whole: dict[str, Any], address: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    parameters = [each for each in operation.get("parameters", []) if each["in"] != "path"]
    answers = operation["responses"]
    success = next(answer for status, answer in answers.items() if status.startswith("2"))
    content = success["content"]["application/json"]
    example: dict[str, Any] = next(iter(content.get("examples", {}).values()), {})
    return {
        "id": operation["operationId"],
        "summary": operation["summary"],
        "description": operation.get("description", "").split("\n\n"),
        "method": method.upper(),
        "address": address,
        "parameters": [{**each, "says": _type(each["schema"])} for each in parameters],
        "fields": list(_fields(whole, content["schema"])),
        "failures": [
            (status, answer["description"]) for status, answer in answers.items() if not status.startswith("2")
        ],
        "example": json.dumps(example["value"], indent=2) if example else "",
    }


def _fields(whole: dict[str, Any], schema: dict[str, Any]) -> Any:
    """Name, type and words of what one answer holds; of a page, what its rows hold."""
    found = _resolved(whole, schema)
    if "results" in found.get("properties", {}):
        found = _resolved(whole, found["properties"]["results"]["items"])
    for name, field in found.get("properties", {}).items():
        yield {"name": name, "says": _type(_resolved(whole, field)), "description": field.get("description", "")}


def _resolved(whole: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _type(schema: dict[str, Any]) -> str:
    """In few words."""
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    kinds = schema.get("type", "object")
    words = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{words} ({schema['format']})" if "format" in schema else words
