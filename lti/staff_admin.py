"""Django's admin within institutions: operators see all rows there, other staff those of their institutions."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

from lti import tenancy
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


@admin.register(User)
class StaffAccountAdmin(UserAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Django's own, with the institutions of the account. Nobody but operators sees accounts: they lead to all data."""

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
