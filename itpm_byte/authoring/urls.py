from django.urls import include, path

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
    path("settings/", setting_up.settings, name="settings"),
    path("copied/", copying.copied, name="copied"),
    path("bytes/<slug:slug>/<str:language>/", reading.preview, name="preview"),
]
urlpatterns = [path("l/<uuid:launch_id>/", include(launch_urls))]
