"""What programs may read: each resource said once, in RESOURCES; its list and its single rows follow from that."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from rest_framework import serializers

from itpm_byte.api import filters, scopes, shapes
from itpm_byte.insight import feedback, feeds, given
from itpm_byte.insight.feeds import Feed
from itpm_byte.learning.models import Attempt, Placement


@dataclass(frozen=True, kw_only=True)
class Resource:
    """`lookup` is the field by which one row is found, None for lists alone; `converter` is that of its address."""

    name: str
    title: str
    words: str
    scope: str
    feed: Feed[Any]
    shape: type[serializers.Serializer[Any]]
    rows: filters.Filters | None = None
    parents: filters.Filters | None = None
    lookup: str | None = "pk"
    converter: str = "int"
    has_changes: bool = True
    detail_shape: type[serializers.Serializer[Any]] | None = None
    # What is read for all rows of a page at once, and put onto them.
    beside: Callable[[Iterable[Any]], None] | None = None
    beside_one: Callable[[Any], None] | None = None


def _with_answers(attempts: Iterable[Attempt]) -> None:
    rows = list(attempts)
    found = given.answers([row.pk for row in rows])
    for row in rows:
        row.answers = found.get(row.pk, [])  # type: ignore[attr-defined]  # for ResponsesShape


def _with_summaries(placements: Iterable[Placement]) -> None:
    rows = list(placements)
    found = feedback.summaries(rows)
    for row in rows:
        row.summaries = found.get(row.pk, [])  # type: ignore[attr-defined]  # for FeedbackShape


def _with_comments(placement: Placement) -> None:
    said = feedback.comments(placement)
    placement.summaries = [  # type: ignore[attr-defined]  # for FeedbackInFull
        SimpleNamespace(
            byte=summary.byte,
            is_shown=summary.is_shown,
            count=summary.count,
            mean=summary.mean,
            ratings=summary.ratings,
            comments=said.get(summary.byte.pk, []),
        )
        for summary in feedback.summaries([placement]).get(placement.pk, [])
    ]


RESOURCES = (
    Resource(
        name="institutions",
        title="Institutions",
        words="The institution that the token belongs to.",
        scope=scopes.READ_INSTITUTIONS,
        feed=feeds.INSTITUTIONS,
        shape=shapes.Institution,
        has_changes=False,
    ),
    Resource(
        name="bytes",
        title="Bytes",
        words="All published versions. A version never changes.",
        scope=scopes.READ_CONTENT,
        feed=feeds.BYTES,
        shape=shapes.Byte,
        rows=filters.OfBytes,
        has_changes=False,
    ),
    Resource(
        name="placements",
        title="Placements",
        words="Where Bytes stand in courses, with the teacher's settings.",
        scope=scopes.READ_CONTENT,
        feed=feeds.PLACEMENTS,
        shape=shapes.PlacementShape,
        rows=filters.AtPlacement,
        lookup="uuid",
        converter="uuid",
    ),
    Resource(
        name="learners",
        title="Learners",
        words="People as an LMS knows them: names, e-mail addresses, the LMS's id.",
        scope=scopes.READ_LEARNERS,
        feed=feeds.LEARNERS,
        shape=shapes.LearnerShape,
        rows=filters.OfLearners,
    ),
    Resource(
        name="progress",
        title="Progress",
        words="How far each learner is at each placement: one row for both.",
        scope=scopes.READ_PROGRESS,
        feed=feeds.PROGRESS,
        shape=shapes.ProgressShape,
        rows=filters.OfProgress,
        parents=filters.AtPlacement,
    ),
    Resource(
        name="attempts",
        title="Attempts",
        words="Each go at all questions, open ones too. Those that a teacher reset are there, with `voided_at`.",
        scope=scopes.READ_PROGRESS,
        feed=feeds.ATTEMPTS,
        shape=shapes.AttemptShape,
        rows=filters.OfAttempts,
        parents=filters.AtPlacement,
        lookup="uuid",
        converter="uuid",
    ),
    Resource(
        name="responses",
        title="Responses",
        words="What was chosen, one item for each submitted attempt; found by the attempt's id.",
        scope=scopes.READ_PROGRESS,
        feed=feeds.RESPONSES,
        shape=shapes.ResponsesShape,
        rows=filters.OfResponses,
        parents=filters.AtPlacement,
        lookup="uuid",
        converter="uuid",
        beside=_with_answers,
        beside_one=lambda attempt: _with_answers([attempt]),
    ),
    Resource(
        name="grades",
        title="Grades",
        words="What the LMS's gradebook should show, and whether it does.",
        scope=scopes.READ_GRADES,
        feed=feeds.GRADES,
        shape=shapes.GradeShape,
        rows=filters.OfGrades,
        parents=filters.AtColumn,
    ),
    Resource(
        name="feedback",
        title="Feedback",
        words="Ratings by placement and Byte version, without people. "
        f"Fewer than {feedback.MINIMUM_GROUP} ratings are not shown. Comments stand with the single placement.",
        scope=scopes.READ_FEEDBACK,
        feed=feeds.RATED,
        shape=shapes.FeedbackShape,
        detail_shape=shapes.FeedbackInFull,
        rows=filters.AtPlacement,
        lookup="uuid",
        converter="uuid",
        has_changes=False,
        beside=_with_summaries,
        beside_one=_with_comments,
    ),
)
BY_NAME = {resource.name: resource for resource in RESOURCES}
