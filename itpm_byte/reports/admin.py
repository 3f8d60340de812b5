"""Second steps in Django's admin: operators take one away where somebody lost the phone; nobody reads or makes one."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

admin.site.unregister([StaticDevice, TOTPDevice])


@admin.register(StaticDevice, TOTPDevice)
class SecondStepAdmin(admin.ModelAdmin[Any]):
    list_display = ("user", "name", "confirmed")
    fields = readonly_fields = ("user", "name", "confirmed", "created_at", "last_used_at", "throttling_failure_count")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
