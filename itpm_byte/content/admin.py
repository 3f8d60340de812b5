"""Published versions for staff to look at. Nobody edits them here: an edit is a new version, loaded from its file."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from itpm_byte.content.models import Byte, Choice, Question


class LookOnly:
    """Takes part in front of an admin class: everything can be seen by who may view it, nothing changed."""

    def has_add_permission(self, *_args: Any) -> bool:
        return False

    def has_change_permission(self, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, *_args: Any) -> bool:
        return False


class QuestionInline(LookOnly, admin.TabularInline):  # type: ignore[type-arg]  # no [] at run time
    model = Question
    fields = ("position", "key", "kind", "prompt", "points")
    show_change_link = True


class ChoiceInline(LookOnly, admin.TabularInline):  # type: ignore[type-arg]  # no [] at run time
    model = Choice
    fields = ("position", "key", "text", "is_correct", "feedback")


@admin.register(Byte)
class ByteAdmin(LookOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    list_display = ("title", "slug", "language", "version", "is_current", "minutes", "points_possible", "published_at")
    list_filter = ("is_current", "language")
    search_fields = ("title", "slug")
    ordering = ("slug", "language", "-version")
    exclude = ("document", "pictures")
    inlines = (QuestionInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("document")


@admin.register(Question)
class QuestionAdmin(LookOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    list_display = ("key", "byte", "position", "kind", "points")
    list_filter = ("byte__slug", "kind")
    list_select_related = ("byte",)
    inlines = (ChoiceInline,)
