"""Which address leads to which door."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("lti.urls")),
    path("", include("itpm_byte.player.urls")),
    path("", include("itpm_byte.content.urls")),
    path("api/v1/", include("itpm_byte.api.urls")),
    path("admin/", admin.site.urls),
]
