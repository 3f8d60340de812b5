"""Below /api/. What no pattern knows is answered as a problem, too."""

from django.urls import URLPattern, path, re_path

from itpm_byte.api import reference, reports, views
from itpm_byte.api.deeds import Resend
from itpm_byte.api.own_progress import OwnProgress
from itpm_byte.api.resources import RESOURCES, Resource


def _of(resource: Resource) -> list[URLPattern]:
    found = [path(f"v1/{resource.name}/", views.list_view(resource).as_view(), name=resource.name)]
    if resource.lookup:
        address = f"v1/{resource.name}/<{resource.converter}:key>/"
        found.append(path(address, views.detail_view(resource).as_view(), name=f"{resource.name}-one"))
    return found


app_name = "api"
urlpatterns = [
    path("v1/launches/<uuid:launch_id>/progress/", OwnProgress.as_view(), name="own-progress"),
    *(address for resource in RESOURCES for address in _of(resource)),
    path("v1/completions/", reports.CompletionView.as_view(), name="completions"),
    path("v1/rosters/", reports.RosterView.as_view(), name="rosters"),
    path("v1/grades/<int:key>/resend/", Resend.as_view(), name="resend"),
    path("v1/openapi.json", reference.openapi, name="openapi"),
    path("v1/docs/", reference.page, name="docs"),
    re_path(r"^(?:.*)$", views.Nothing.as_view(), name="nothing"),
]
