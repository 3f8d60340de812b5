"""What may be asked for. Rows are narrowed by filters of their own, and by filters of where they stand."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import django_filters as django_filter
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework import exceptions

from itpm_byte.content.models import Byte
from itpm_byte.insight.roster import GradeState, Status
from itpm_byte.learning.models import Attempt, Placement, Progress
from lti.models import LineItem, PlatformUser, Score

LARGEST_KEY = 2**63 - 1
FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


class TimeField(forms.Field):
    """RFC 3339, with zone. Times beyond what a calendar holds are its first or last moment."""

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        try:
            found = parse_datetime(str(value).upper().replace(":60", ":59"))
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            raise ValidationError("A time with zone, as in 2026-11-23T09:00:00Z.")
        try:
            return found.astimezone(UTC)
        except OverflowError:
            return FIRST if found.year < LAST.year else LAST


class Key(django_filter.Filter):
    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=LARGEST_KEY, **kwargs)


class Time(django_filter.Filter):
    field_class = TimeField


class DayField(forms.Field):
    def to_python(self, value: Any) -> date | None:
        if not value:
            return None
        try:
            return min(date.fromisoformat(str(value)), LAST.date() - timedelta(days=1))
        except ValueError:
            raise ValidationError("A day, as in 2026-11-23.") from None


class Day(django_filter.Filter):
    field_class = DayField


class Word(django_filter.CharFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=255, strip=False, **kwargs)


class Flag(django_filter.TypedChoiceFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        choices = [("true", "true"), ("false", "false")]
        super().__init__(*args, choices=choices, coerce=lambda said: said == "true", **kwargs)


def _said(text: str) -> dict[str, Any]:
    return {"help_text": text}


class AtPlacement(django_filter.FilterSet):
    placement = django_filter.UUIDFilter("uuid", **_said("Only at this placement."))
    course = Key("resource_link__context_id", **_said("Only in this course, by its `id`."))
    byte = Word("byte__slug", **_said("Only where this Byte stands, by its slug."))
    term = Word("resource_link__context__term", **_said("Only in courses of this term, letter for letter."))

    class Meta:
        model = Placement
        fields: tuple[str, ...] = ()


class AtColumn(django_filter.FilterSet):
    placement = django_filter.UUIDFilter("resource_link__placement__uuid", **_said("Only at this placement."))
    course = Key("resource_link__context_id", **_said("Only in this course, by its `id`."))

    class Meta:
        model = LineItem
        fields: tuple[str, ...] = ()


class OfProgress(django_filter.FilterSet):
    learner = Key("learner_id", **_said("Only of this learner."))
    completed = Flag(
        "completed_at", lookup_expr="isnull", exclude=True, **_said("Only who has, or has not, completed.")
    )

    class Meta:
        model = Progress
        fields: tuple[str, ...] = ()


class OfCompletions(django_filter.FilterSet):
    """`completion` does the narrowing, as for the report's page; this only reads and says what there is."""

    course = Key(**_said("Only in this course, by its `id`."))
    term = Word(**_said("Only in courses of this term, letter for letter."))
    byte = Word(**_said("Only where this Byte stands, by its slug."))
    version = Key(**_said("Only this version of it."))
    status = django_filter.ChoiceFilter(choices=Status.choices, **_said("Only who is this far."))
    basis = django_filter.ChoiceFilter(
        choices=[("completed", "completed"), ("active", "active")],
        **_said("What `since` and `until` are about: when learners completed (so unless said), or were last active."),
    )
    since = Day(**_said("From this day on, in UTC."))
    until = Day(**_said("Until the end of this day, in UTC."))
    group = Key(**_said("Only in this group of a course."))
    learner = Key(**_said("Only this learner."))

    class Meta:
        model = Progress
        fields: tuple[str, ...] = ()


class OfAttempts(django_filter.FilterSet):
    learner = Key("learner_id", **_said("Only of this learner."))
    submitted = Flag("submitted_at", lookup_expr="isnull", exclude=True, **_said("Only submitted, or only open, ones."))

    class Meta:
        model = Attempt
        fields: tuple[str, ...] = ()


class OfResponses(django_filter.FilterSet):
    learner = Key("learner_id", **_said("Only of this learner."))

    class Meta:
        model = Attempt
        fields: tuple[str, ...] = ()


class OfGrades(django_filter.FilterSet):
    learner = Key("user_id", **_said("Only of this learner."))
    state = django_filter.ChoiceFilter(choices=Score.State.choices, **_said("Only in this state."))

    class Meta:
        model = Score
        fields: tuple[str, ...] = ()


class OfLearners(django_filter.FilterSet):
    sub = Word("sub", **_said("By the id that the LMS gives this person."))
    email = Word("email", lookup_expr="iexact", **_said("By e-mail address; upper and lower case are the same."))
    lms = django_filter.UUIDFilter("registration__uuid", **_said("Only of this LMS."))

    class Meta:
        model = PlatformUser
        fields: tuple[str, ...] = ()


class OfBytes(django_filter.FilterSet):
    slug = Word("slug", **_said("All versions of this Byte."))
    language = Word("language", **_said("Only in this language, a BCP 47 tag."))
    current = Flag("is_current", **_said("Only the version that is current, or only older ones."))

    class Meta:
        model = Byte
        fields: tuple[str, ...] = ()


class OfRoster(django_filter.FilterSet):
    """`roster.narrowed` does the narrowing; this only reads and says what there is."""

    placement = django_filter.UUIDFilter(required=True, **_said("Whose roster: a placement."))
    status = django_filter.ChoiceFilter(choices=Status.choices, **_said("Only who is this far."))
    grade = django_filter.ChoiceFilter(choices=GradeState.choices, **_said("Only whose grade fares so."))
    group = Key(**_said("Only in this group."))
    search = Word(**_said("Words in name or e-mail address."))

    class Meta:
        model = PlatformUser
        fields: tuple[str, ...] = ()


type Filters = type[django_filter.FilterSet]


def names_of(*kinds: Filters | None) -> set[str]:
    return {name for kind in kinds if kind is not None for name in kind.base_filters}


def cleaned(kind: Filters, asked: Mapping[str, str]) -> dict[str, Any]:
    """The values by name. Raises ValidationError of REST framework."""
    form = kind(data=dict(asked), queryset=kind._meta.model.objects.none()).form
    if not form.is_valid():
        raise exceptions.ValidationError(
            {name: [str(error) for error in errors] for name, errors in form.errors.items()}
        )
    return cast(dict[str, Any], form.cleaned_data)


def narrowed(kind: Filters | None, asked: Mapping[str, str], rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows that are asked for. Raises ValidationError of REST framework."""
    if kind is None or kind.base_filters.keys().isdisjoint(asked):
        return rows
    cleaned(kind, asked)
    return cast(QuerySet[Any], kind(data=dict(asked), queryset=rows).qs)


def described(kind: Filters | None) -> Iterator[tuple[str, dict[str, Any], str, bool]]:
    """For the API's description: name, JSON Schema, words, whether it must be there."""
    for name, each in (kind.base_filters if kind else {}).items():
        yield name, _schema(each), str(each.extra.get("help_text", "")), bool(each.extra.get("required"))


def _schema(each: Any) -> dict[str, Any]:
    if isinstance(each, Key):
        return {"type": "integer", "minimum": 1, "maximum": LARGEST_KEY}
    if isinstance(each, Time):
        return {"type": "string", "format": "date-time"}
    if isinstance(each, Day):
        return {"type": "string", "format": "date"}
    if isinstance(each, Flag):
        return {"type": "boolean"}
    if isinstance(each, django_filter.UUIDFilter):
        return {"type": "string", "format": "uuid"}
    if isinstance(each, django_filter.ChoiceFilter):
        return {"type": "string", "enum": [value for value, _label in each.extra["choices"]]}
    return {"type": "string", "minLength": 1, "maxLength": 255}
