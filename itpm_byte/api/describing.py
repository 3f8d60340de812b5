"""The API's description (OpenAPI 3.1, by drf-spectacular): what each address takes and answers, failures too."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
    inline_serializer,
)
from rest_framework import serializers

from itpm_byte.api import examples, fields, filters, shapes
from itpm_byte.api.problems import KINDS, MEDIA_TYPE
from itpm_byte.api.resources import Resource

type Decorator = Callable[[Any], Any]

TEXT = {"type": "string"}
HEADER: Literal["header"] = "header"
PATH: Literal["path"] = "path"
_TOKEN_FAILURES = ("not_authenticated", "token_unknown", "token_expired", "token_revoked")
_COMMON = ("invalid", *_TOKEN_FAILURES, "scope_missing", "not_acceptable", "throttled")
_LIST = ("cursor_invalid", *_COMMON)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # not typed there
    target_class = "itpm_byte.api.token_session.TokenSession"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        words = "A token of your institution, made on the staff page *API* or by `manage.py api_token`."
        return {"type": "http", "scheme": "bearer", "description": words}

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[str]]:
        return {self.name: [auto_schema.view.scope]}


class LaunchScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # not typed there
    target_class = "itpm_byte.api.launch_session.LaunchSession"
    name = "launch"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        words = "The proof that the learner's page holds: the launch's cookie, or the same text as a bearer token."
        return {"type": "http", "scheme": "bearer", "description": words}


def many(resource: Resource) -> Decorator:
    """For a resource's list."""
    words = resource.words
    if resource.has_changes:
        words += " With `updated_since` only what changed, oldest change first in each placement or column."
    return extend_schema_view(
        get=extend_schema(
            operation_id=f"list_{resource.name}",
            summary=resource.title,
            description=_with_scope(words, resource.scope),
            tags=[resource.title],
            parameters=[
                *_filters(resource.rows, resource.parents),
                *_paging(has_changes=resource.has_changes),
                *_headers(200),
            ],
            responses=_responses(_page_of(resource.title, resource.shape), *_LIST),
            examples=[_example(examples.page(resource.name))],
        )
    )


def one(resource: Resource) -> Decorator:
    """For one row of a resource."""
    kind = {"type": "string", "format": "uuid"} if resource.converter == "uuid" else _KEY
    return extend_schema_view(
        get=extend_schema(
            operation_id=f"read_{resource.name}",
            summary=f"{resource.title}: one",
            description=_with_scope(resource.words, resource.scope),
            tags=[resource.title],
            parameters=[OpenApiParameter("key", kind, PATH, description="Its id."), *_headers(200)],
            responses=_responses(resource.detail_shape or resource.shape, "not_found", *_COMMON),
            examples=[_example(examples.ONE[resource.name])],
        )
    )


def _with_scope(words: str, scope: str) -> str:
    return f"{words}\n\nScope: `{scope}`."


_KEY = {"type": "integer", "minimum": 1, "maximum": filters.LARGEST_KEY}


def _page_of(title: str, shape: type[serializers.Serializer[Any]]) -> Any:
    fields: dict[str, Any] = {
        "results": shape(many=True),
        "next": serializers.URLField(allow_null=True, help_text="The next page; null: this was the last one."),
        "synced_until": serializers.DateTimeField(
            help_text="Send the last page's as `updated_since` next time: a few rows may come again, none is missed."
        ),
    }
    return inline_serializer(f"{title}Page", fields)


def _filters(*kinds: filters.Filters | None) -> Iterator[OpenApiParameter]:
    for kind in kinds:
        for name, schema, words, is_required in filters.described(kind):
            yield OpenApiParameter(name, schema, description=words, required=is_required)


def _paging(*, has_changes: bool) -> Iterator[OpenApiParameter]:
    if has_changes:
        words = "Only rows that changed at this time or later. Erased people come with empty texts."
        yield OpenApiParameter("updated_since", {"type": "string", "format": "date-time"}, description=words)
    limit = {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}
    yield OpenApiParameter("limit", limit, description="Rows on a page. A page may hold fewer before the last one.")
    yield OpenApiParameter("cursor", {**TEXT, "minLength": 1}, description="Follow `next`: it holds one.")


def _headers(*statuses: int) -> Iterator[OpenApiParameter]:
    yield OpenApiParameter("If-None-Match", TEXT, HEADER, description="An ETag you have: 304 when nothing is new.")
    yield OpenApiParameter("ETag", TEXT, HEADER, response=[*statuses, 304], description="Stands for this answer.")
    yield from _limits(*statuses, 304)


def _limits(*statuses: int) -> Iterator[OpenApiParameter]:
    words = "What is left of the token's requests in this minute, and how many seconds it lasts."
    yield OpenApiParameter("RateLimit", TEXT, HEADER, response=[*statuses, 429], description=words)
    yield OpenApiParameter("RateLimit-Policy", TEXT, HEADER, response=[*statuses, 429], description="The limit.")
    seconds = {"type": "integer", "minimum": 1}
    yield OpenApiParameter("Retry-After", seconds, HEADER, response=[429], description="Seconds to wait.")
    challenge = "What kind of token, and what is wrong with this one."
    yield OpenApiParameter("WWW-Authenticate", TEXT, HEADER, response=[401], description=challenge)


def _responses(success: Any, *codes: str, status: int = 200) -> dict[Any, Any]:
    answers: dict[Any, Any] = {status: OpenApiResponse(success, description="As asked.")}
    if status == 200:
        answers[304] = OpenApiResponse(description="You have it already.")
    return answers | failures(codes)


def failures(codes: Iterable[str]) -> dict[Any, Any]:
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(KINDS[code].status, []).append(code)
    return {
        (status, MEDIA_TYPE): OpenApiResponse(
            shapes.ProblemShape,
            description=". ".join(f"{KINDS[code].title} (`{code}`)" for code in same) + ".",
            examples=[
                OpenApiExample(code, examples.problem(code), response_only=True, status_codes=[str(status)])
                for code in same
            ],
        )
        for status, same in sorted(by_status.items())
    }


def _example(value: Any, status: int = 200) -> OpenApiExample:
    return OpenApiExample("An answer", value, response_only=True, status_codes=[str(status)])


roster = extend_schema(
    operation_id="list_rosters",
    summary="Rosters",
    description=_with_scope(
        "Who learns at one placement and how far everybody is, also who has not begun or has left, "
        "as the instructor sees it.",
        "read:rosters",
    ),
    tags=["Rosters"],
    parameters=[*_filters(filters.OfRoster), *_paging(has_changes=False), *_headers(200)],
    responses=_responses(_page_of("Rosters", shapes.RosterShape), "not_found", *_LIST),
    examples=[_example(examples.page("rosters"))],
)

completions = extend_schema(
    operation_id="list_completions",
    summary="Completions",
    description=_with_scope(
        "Who completed which Byte, where and when, who has not yet and who has not begun: the completion report, "
        "with numbers for names.",
        "read:progress",
    ),
    tags=["Completions"],
    parameters=[*_filters(filters.OfCompletions), *_paging(has_changes=False), *_headers(200)],
    responses=_responses(_page_of("Completions", shapes.CompletionShape), *_LIST),
    examples=[_example(examples.page("completions"))],
)

resend = extend_schema(
    operation_id="resend_grade",
    summary="Grades: send again",
    description=_with_scope(
        "Send this grade to the LMS again, as soon as can be. What you know of a failure stands in the grade's `error` "
        "and `advice`. The answer is the grade as it waits; ask for it again to see whether it arrived.",
        "write:grades",
    ),
    tags=["Grades"],
    request=shapes.ResendWish,
    parameters=[
        OpenApiParameter("key", _KEY, PATH, description="The grade's id."),
        OpenApiParameter(
            "Idempotency-Key",
            {**TEXT, "pattern": "^[!-~]{1,255}$"},
            HEADER,
            required=True,
            description="A random text of your own. The same request with it again, within 24 hours, does nothing "
            "and gets the same answer.",
        ),
        OpenApiParameter(
            "Idempotency-Replayed",
            {**TEXT, "enum": ["true"]},
            HEADER,
            response=[202],
            description="The answer is the kept one.",
        ),
        *_limits(202),
    ],
    responses=_responses(
        shapes.GradeShape,
        *("malformed", "key_missing", "not_found", "grade_none", "too_large", "unsupported_media_type", "key_reused"),
        *_COMMON,
        status=202,
    ),
    examples=[
        _example({**examples.ROWS["grades"], "state": "due", "error": "", "advice": ""}, 202),
        OpenApiExample("A wish", {"overwrites": False, "reason": "Enrolled late."}, request_only=True),
    ],
)


class OwnAttempt(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    points = fields.Points(allow_null=True)
    points_possible = serializers.IntegerField()
    answers = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class OwnGrade(serializers.Serializer[Any]):
    state = fields.Choices(["none", "waiting", "sent", "failed", "unavailable", "changed"])
    score_given = fields.Points(allow_null=True)
    score_maximum = fields.Points(allow_null=True)
    sent_at = serializers.DateTimeField(allow_null=True)
    next_try_at = serializers.DateTimeField(allow_null=True)
    advice = serializers.CharField()


class OwnProgressShape(serializers.Serializer[Any]):
    byte = shapes.ByteName()
    sections_seen = serializers.ListField(child=serializers.CharField())
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    counted_points = fields.Points(allow_null=True)
    counted_possible = serializers.IntegerField(allow_null=True)
    attempts_left = serializers.IntegerField(allow_null=True)
    attempts = OwnAttempt(many=True)
    grade = OwnGrade()


own_progress = extend_schema(
    operation_id="read_own_progress",
    summary="A learner's own progress",
    description="For the page of a launch: how its own learner stands, no other. No program's token opens it.",
    tags=["The learner's own"],
    parameters=[
        OpenApiParameter("launch_id", {"type": "string", "format": "uuid"}, PATH),
        OpenApiParameter("WWW-Authenticate", TEXT, HEADER, response=[401]),
    ],
    responses={200: OpenApiResponse(OwnProgressShape, description="As asked.")}
    | failures(("session_ended", "not_found", "not_acceptable")),
    examples=[_example(examples.OWN_PROGRESS)],
)
