"""Below /staff/api/; names live in the namespace "api-staff"."""

from django.urls import path

from itpm_byte.api.staff import pages

app_name = "api-staff"
urlpatterns = [
    path("", pages.overview, name="tokens"),
    path("make/", pages.make, name="make-token"),
    path("<int:token_key>/revoke/", pages.revoke, name="revoke-token"),
]
