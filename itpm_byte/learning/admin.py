"""Settings of placements, and what learners did, for the people who run the service. Only settings are changed here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from itpm_byte.learning import placements
from itpm_byte.learning.models import (
    Attempt,
    Feedback,
    Placement,
    Progress,
    Response,
    SupportRequest,
    UnclearQuestion,
)
from lti.staff_admin import Audited, OfInstitution


class NothingNew:
    """Takes part in front of an admin class: rows come from learners, and go with the learner or the course only."""

    def has_add_permission(self, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, *_args: Any) -> bool:
        return False


class LookOnly(NothingNew):
    def has_change_permission(self, *_args: Any) -> bool:
        return False


class OfALearner(OfInstitution, admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Rows of one learner at one placement, with their names from one query."""

    institution_path = "placement__resource_link__deployment__institution"
    list_select_related = ("learner", "placement__resource_link")

    @admin.display(description=_("learner"))
    def who(self, row: Any) -> str:
        return str(row.learner.display_name)

    @admin.display(description=_("link"))
    def where(self, row: Any) -> str:
        return str(row.placement.resource_link)


@admin.register(Placement)
class PlacementAdmin(Audited, OfInstitution, NothingNew, admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """A changed setting counts at once. What would change grades is changed where one sees whose first: in Settings."""

    institution_path = "resource_link__deployment__institution"

    list_display = ("resource_link", "byte", "which_counts", "grade_on", "attempts_allowed", "opens_at", "closes_at")
    list_filter = ("byte__slug", "which_counts", "grade_on")
    list_select_related = ("resource_link", "byte")
    search_fields = ("resource_link__title", "resource_link__resource_link_id")
    readonly_fields = ("uuid", "resource_link", "byte", "created_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("byte__document")

    def get_readonly_fields(self, request: HttpRequest, obj: Placement | None = None) -> tuple[str, ...]:
        own = tuple(super().get_readonly_fields(request, obj))
        return (*own, *sorted(placements.COUNTING), "grades") if obj and placements.has_begun(obj) else own

    @admin.display(description=_("grades"))
    def grades(self, _row: Placement) -> str:
        return str(
            _(
                "Learners have begun, so what counts is not changed here. Whoever teaches the course opens the "
                "activity in the LMS: its Settings show whose grades would change, before anything does."
            )
        )

    def save_model(self, request: HttpRequest, obj: Placement, form: Any, change: bool) -> None:
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        placements.change_settings(obj, now=timezone.now(), **changed)


class ResponseInline(LookOnly, admin.TabularInline):  # type: ignore[type-arg]  # no [] at run time
    model = Response
    fields = ("question", "choice", "answered_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("question", "choice")


@admin.register(Attempt)
class AttemptAdmin(LookOnly, OfALearner):
    list_display = ("where", "who", "number", "started_at", "submitted_at", "points", "points_possible")
    list_filter = ("byte__slug",)
    inlines = (ResponseInline,)


@admin.register(Progress)
class ProgressAdmin(LookOnly, OfALearner):
    list_display = ("where", "who", "last_activity_at", "completed_at", "attempts_submitted", "counted_points")
    list_filter = ("completed_at",)


@admin.register(Feedback)
class FeedbackAdmin(LookOnly, OfALearner):
    list_display = ("where", "byte", "rating", "comment", "updated_at")
    list_filter = ("rating", "byte__slug")
    list_select_related = ("placement__resource_link", "byte")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("byte__document")


@admin.register(UnclearQuestion)
class UnclearQuestionAdmin(LookOnly, OfALearner):
    list_display = ("where", "question", "reason", "updated_at")
    list_filter = ("question__byte__slug",)
    list_select_related = ("placement__resource_link", "question")


@admin.register(SupportRequest)
class SupportRequestAdmin(Audited, NothingNew, OfALearner):
    """Only the status is changed: answers go to the learner by other ways."""

    list_display = ("where", "who", "message", "status", "created_at")
    list_filter = ("status",)
    ordering = ("-created_at",)
    readonly_fields = ("placement", "learner", "message", "created_at")
