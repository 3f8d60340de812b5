from django.urls import include, path

from itpm_byte.authoring.room import views as room
from itpm_byte.authoring.views import copying, picking, reading, setting_up

app_name = "authoring"

launch_urls = [
    # The LMS asks for activities (deep linking).
    path("pick/", picking.pick, name="pick"),
    path("pick/details/", picking.details, name="details"),
    path("pick/nothing/", picking.cancel, name="cancel"),
    path("pick/sent/", picking.sent, name="sent"),
    # A link without a Byte, and the settings of one that has a Byte.
    path("choose/", setting_up.choose, name="choose"),
    path("settings/", room.settings, name="settings"),
    path("settings/marking/", room.mark, name="mark"),
    path("settings/byte/", room.another, name="another"),
    path("copied/", copying.copied, name="copied"),
    path("bytes/<slug:slug>/<str:language>/", reading.preview, name="preview"),
]
urlpatterns = [path("l/<uuid:launch_id>/", include(launch_urls))]
