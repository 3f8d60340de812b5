"""How rows look as JSON. Points are texts with four places, times are UTC; learners are numbers, except in two places
that need scopes of their own."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from itpm_byte.api.fields import Choices, Points, Shape
from itpm_byte.insight.roster import GradeState, Status
from itpm_byte.learning.models import Placement, Progress
from lti.grades import advice
from lti.models import Score
from lti.products import family


class ExactBoolean(serializers.BooleanField):
    """true or false: neither "yes" nor 1."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class ExactText(serializers.CharField):
    """A text: no number is one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Institution(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    slug = serializers.CharField()
    support_url = serializers.CharField()
    support_email = serializers.CharField()


class ByteName(Shape):
    slug = serializers.CharField()
    version = serializers.IntegerField()
    language = serializers.CharField(help_text="BCP 47.")


class Byte(ByteName):
    id = serializers.IntegerField()
    title = serializers.CharField()
    objective = serializers.CharField()
    minutes = serializers.IntegerField()
    points_possible = serializers.IntegerField()
    pass_mark = serializers.IntegerField(help_text="Per cent of the points.")
    licence = serializers.CharField()
    author = serializers.CharField()
    published_at = serializers.DateTimeField()
    is_current = serializers.BooleanField()


class Course(Shape):
    id = serializers.IntegerField()
    title = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the name of a field
    term = serializers.CharField()


class WithPlacement(Shape):
    """What all rows at a placement say of it."""

    placement = serializers.UUIDField(source="placement.uuid")
    course = Course(source="placement.resource_link.context", allow_null=True)


class PlacementShape(Shape):
    id = serializers.UUIDField(source="uuid")
    title = serializers.CharField(source="resource_link.title")
    lms = serializers.UUIDField(source="resource_link.deployment.registration.uuid")
    course = Course(source="resource_link.context", allow_null=True)
    byte = ByteName()
    attempts_allowed = serializers.IntegerField(allow_null=True, help_text="null: no limit.")
    which_counts = Choices(Placement.WhichCounts.values)
    grade_on = Choices(Placement.GradeOn.values)
    reveal = Choices(Placement.Reveal.values)
    opens_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    closes_at = serializers.DateTimeField(allow_null=True)
    roster_synced_at = serializers.DateTimeField(
        source="resource_link.context.roster_synced_at", default=None, allow_null=True,
        help_text="How fresh the course's list of people is; null: never fetched.",
    )  # fmt: skip
    updated_at = serializers.DateTimeField()


class LearnerShape(Shape):
    id = serializers.IntegerField()
    lms = serializers.UUIDField(source="registration.uuid")
    sub = serializers.CharField(help_text="The id that the LMS gives this person.")
    name = serializers.CharField()
    email = serializers.CharField()
    locale = serializers.CharField()
    updated_at = serializers.DateTimeField()


class ProgressShape(WithPlacement):
    id = serializers.IntegerField()
    learner = serializers.IntegerField(source="learner_id")
    byte = ByteName(source="placement.byte")
    status = serializers.SerializerMethodField()
    sections_seen = serializers.ListField(child=serializers.CharField(), source="seen_sections")
    attempts_submitted = serializers.IntegerField()
    counted_points = Points(allow_null=True, help_text="null: nothing counts yet. Zero is a result.")
    counted_possible = serializers.IntegerField(allow_null=True)
    started_at = serializers.DateTimeField()
    last_activity_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()

    @extend_schema_field(Choices(["in_progress", "completed"]))
    def get_status(self, row: Progress) -> str:
        return str(Status.COMPLETED if row.completed_at else Status.IN_PROGRESS)


class CompletionShape(Shape):
    """One row of the completion report: `insight.completion_rows.Row`, without the person's name."""

    placement = serializers.UUIDField(source="place.uuid")
    course = serializers.IntegerField(source="place.course_id", allow_null=True)
    course_title = serializers.CharField(source="place.course")
    term = serializers.CharField(source="place.term")
    learner = serializers.IntegerField(source="learner_id")
    byte = serializers.CharField(source="place.byte_slug")
    byte_title = serializers.CharField()
    version = serializers.IntegerField()
    status = Choices(Status.values)
    has_left = serializers.BooleanField(help_text="The course. Who completed stays completed.")
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    last_activity_at = serializers.DateTimeField(allow_null=True)
    attempts = serializers.IntegerField()
    points = Points(allow_null=True)
    possible = serializers.IntegerField(allow_null=True)
    has_passed = serializers.BooleanField(allow_null=True)
    is_exempt = serializers.BooleanField()
    grade = Choices(GradeState.values)


class AttemptShape(WithPlacement):
    id = serializers.UUIDField(source="uuid")
    learner = serializers.IntegerField(source="learner_id")
    byte = ByteName(help_text="The version that was answered.")
    number = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    voided_at = serializers.DateTimeField(allow_null=True, help_text="A teacher reset it: it counts for nothing.")
    points = Points(allow_null=True)
    points_possible = serializers.IntegerField()
    updated_at = serializers.DateTimeField()


class Answer(Shape):
    question = serializers.CharField()
    choices = serializers.ListField(child=serializers.CharField())
    answered_at = serializers.DateTimeField()


class ResponsesShape(WithPlacement):
    attempt = serializers.UUIDField(source="uuid")
    learner = serializers.IntegerField(source="learner_id")
    byte = ByteName(help_text="The version that was answered.")
    number = serializers.IntegerField()
    submitted_at = serializers.DateTimeField()
    answers = Answer(many=True, read_only=True)
    updated_at = serializers.DateTimeField()


class GradeShape(Shape):
    id = serializers.IntegerField()
    placement = serializers.UUIDField(source="line_item.resource_link.placement.uuid")
    learner = serializers.IntegerField(source="user_id")
    state = Choices(Score.State.values)
    score_given = Points(allow_null=True, help_text="What the LMS should show; null: no grade. Zero is a grade.")
    score_maximum = Points()
    sent_at = serializers.DateTimeField(allow_null=True)
    sent_given = Points(allow_null=True)
    observed = Points(allow_null=True, help_text="What the LMS showed when it was last asked.")
    error = serializers.CharField(source="last_error", help_text="A code; empty: none.")
    advice = serializers.SerializerMethodField(help_text="What to do about the error, for teachers.")
    updated_at = serializers.DateTimeField()

    def get_advice(self, row: Score) -> str:
        if row.state in {Score.State.SENT, Score.State.DUE} and not row.last_error:
            return ""
        code = row.last_error or ("no_column" if row.state == Score.State.UNAVAILABLE else "")
        return str(advice.for_teacher(code, family(row.line_item.deployment.registration.product)))


class RosterShape(Shape):
    """One learner at one placement: `insight.roster.Learner`, as the instructor's room shows it."""

    learner = serializers.IntegerField(source="id")
    name = serializers.CharField()
    email = serializers.CharField()
    status = Choices(Status.values)
    has_left = serializers.BooleanField(help_text="The course. Who completed stays completed.")
    is_inactive = serializers.BooleanField(help_text="The LMS has suspended them in the course.")
    attempts = serializers.IntegerField()
    points = Points(allow_null=True)
    possible = serializers.IntegerField(allow_null=True)
    has_passed = serializers.BooleanField(allow_null=True)
    is_exempt = serializers.BooleanField(source="marks.is_exempt")
    grade = Choices(GradeState.values)
    grade_advice = serializers.CharField()
    groups = serializers.ListField(child=serializers.CharField())
    last_activity_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)


class VersionFeedback(Shape):
    byte = ByteName()
    is_shown = serializers.BooleanField(help_text="false: too few ratings; then no number is told.")
    count = serializers.IntegerField(allow_null=True)
    mean = serializers.FloatField(allow_null=True)
    ratings = serializers.DictField(
        child=serializers.IntegerField(), allow_null=True, help_text="How often each point, from 1 to 5, was chosen."
    )


class FeedbackShape(Shape):
    placement = serializers.UUIDField(source="uuid")
    course = Course(source="resource_link.context", allow_null=True)
    versions = VersionFeedback(many=True, source="summaries")


class VersionComments(VersionFeedback):
    comments = serializers.ListField(child=serializers.CharField(), help_text="In the order of the alphabet.")


class FeedbackInFull(Shape):
    placement = serializers.UUIDField(source="uuid")
    course = Course(source="resource_link.context", allow_null=True)
    versions = VersionComments(many=True, source="summaries")


class FieldError(serializers.Serializer[Any]):
    field = serializers.CharField()
    detail = serializers.CharField()


class ProblemShape(serializers.Serializer[Any]):
    """RFC 9457. `reference` joins it to a line in the service's log."""

    type = serializers.URLField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    reference = serializers.CharField()
    errors = FieldError(many=True, required=False)  # type: ignore[assignment]  # the name of a field


class ResendWish(serializers.Serializer[Any]):
    overwrites = ExactBoolean(default=False, help_text="Also over a grade that a teacher changed in the LMS.")
    reason = ExactText(default="", allow_blank=True, max_length=1000, help_text="Why; for the audit log. No names.")
