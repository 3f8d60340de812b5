"""Django's admin within institutions: operators see all rows there, other staff those of their institutions."""

import json
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from lti import audit, tenancy
from lti.models import Institution, InstitutionStaff


class OfInstitution:
    """Takes part in front of an admin class; `institution_path` leads from a row to its institution's key."""

    institution_path = "institution"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]  # of the admin class behind
        return rows.filter(tenancy.within(request.user, self.institution_path))

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **more: Any) -> Any:
        if db_field.related_model is Institution:
            more["queryset"] = tenancy.institutions_of(request.user)
        return super().formfield_for_foreignkey(db_field, request, **more)  # type: ignore[misc]  # as above


class Audited:
    """Takes part in front of an admin class: what is added, changed or deleted there is written down by `lti.audit`.

    `institution_path`, as of OfInstitution, says whose record it is; without one only operators see it.
    `audited_values`: False where values may name people; then only the names of changed fields are kept.
    """

    audited_values = True

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Django asks for it in the transaction of the change, before its own record; the values are known here."""
        here: Any = request
        here.audited = _values(form) if self.audited_values else ({}, {"fields": list(form.changed_data)})
        for formset in formsets or ():
            for row in formset.forms:
                if row.has_changed():
                    here.audited[1][formset.prefix] = sorted(
                        {*here.audited[1].get(formset.prefix, ()), *row.changed_data}
                    )
        return super().construct_change_message(request, form, formsets, add)  # type: ignore[misc]  # of the class behind

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self._audit("added", request, obj)
        return super().log_addition(request, obj, message)  # type: ignore[misc]

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self._audit("changed", request, obj)
        return super().log_change(request, obj, message)  # type: ignore[misc]

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self._audit("deleted", request, obj)
        return super().log_deletions(request, queryset)  # type: ignore[misc]

    def _audit(self, deed: str, request: HttpRequest, obj: Model) -> None:
        before, after = getattr(request, "audited", ({}, {}))
        audit.record(
            f"admin.{deed}",
            by=request.user,
            now=timezone.now(),
            on=obj,
            institution=_institution_of(obj, getattr(self, "institution_path", "")),
            before=before or None,
            after=after or None,
        )


def _values(form: Any) -> tuple[dict[str, object], dict[str, object]]:
    """What a form changed: values before and after, by field."""
    names = [name for name in form.changed_data if name in form.cleaned_data]
    return {name: _kept(form.initial.get(name)) for name in names}, {
        name: _kept(form.cleaned_data[name]) for name in names
    }


def _kept(value: Any) -> object:
    """As `audit.record` takes it."""
    if isinstance(value, QuerySet):
        return sorted(value.values_list("pk", flat=True))
    if isinstance(value, (list, tuple)):
        return [_kept(part) for part in value]
    if isinstance(value, dict):
        return json.dumps(value, default=str)
    return value


def _institution_of(obj: Any, path: str) -> Institution | None:
    if isinstance(obj, Institution):
        return obj if Institution.objects.filter(pk=obj.pk).exists() else None
    found = obj
    for name in path.split("__") if path else ():
        found = getattr(found, name, None)
    return found if isinstance(found, Institution) else None


class InstitutionStaffInline(admin.TabularInline):  # type: ignore[type-arg]  # no [] at run time
    """Whose data an account sees. Only operators decide that."""

    model = InstitutionStaff
    extra = 0
    autocomplete_fields = ("institution",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return tenancy.sees_all(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return tenancy.sees_all(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return tenancy.sees_all(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return tenancy.sees_all(request.user)


admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(Group)
class RightsAdmin(Audited, GroupAdmin):
    """Django's own; what changes is written down."""


@admin.register(User)
class StaffAccountAdmin(Audited, UserAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Django's own, with the institutions of the account. Nobody but operators sees accounts: they lead to all data."""

    audited_values = False
    inlines = (InstitutionStaffInline,)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return tenancy.sees_all(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return tenancy.sees_all(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return tenancy.sees_all(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return tenancy.sees_all(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return tenancy.sees_all(request.user)
