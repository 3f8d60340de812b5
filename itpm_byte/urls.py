"""Which address leads to which door."""

from django.contrib import admin
from django.urls import include, path

from itpm_byte.reports.office.door import StaffLogin

urlpatterns = [
    # Learners first: Django looks from top to bottom.
    path("", include("itpm_byte.player.urls")),
    path("", include("lti.urls")),
    path("", include("itpm_byte.authoring.urls")),
    path("", include("itpm_byte.reports.urls")),
    path("", include("itpm_byte.content.urls")),
    path("", include("itpm_byte.watch.urls")),
    path("api/", include("itpm_byte.api.urls")),
    path("staff/api/", include("itpm_byte.api.staff.urls")),
    path("staff/", include("itpm_byte.reports.office.urls")),
    # One log-in for all pages of staff.
    path("admin/login/", StaffLogin.as_view()),
    path("admin/", admin.site.urls),
]

handler400 = "itpm_byte.player.views.site.bad_request"
handler403 = "itpm_byte.player.views.site.permission_denied"
handler404 = "itpm_byte.player.views.site.page_not_found"
handler500 = "itpm_byte.player.views.site.server_error"
