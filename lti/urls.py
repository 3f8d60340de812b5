"""Addresses of the gate. Session pages of the doors live under /l/<launch_id>/."""

from django.urls import include, path

from lti import expiry_views, views
from lti.courses import notice_views
from lti.doctor import views as doctor_views
from lti.registering import views as registration_views

app_name = "lti"
urlpatterns = [
    path("lti/login/", views.login, name="login"),
    path("lti/login/<uuid:registration_uuid>/", views.login, name="login"),
    path("lti/launch/", views.receive, name="launch"),
    path("lti/confirm/", views.confirm, name="confirm"),
    path("lti/cookie/", views.cookie, name="cookie"),
    path("lti/cookie/<uuid:launch_id>/", views.cookie, name="cookie"),
    path("lti/session/<uuid:launch_id>/", expiry_views.session, name="session"),
    path("lti/notices/", notice_views.receive, name="notices"),
    path(".well-known/jwks.json", views.jwks, name="jwks"),
    path("lti/register/<str:token>/", registration_views.register, name="register"),
    path("lti/canvas.json", registration_views.canvas_configuration, name="canvas-configuration"),
    path("staff/lms/<uuid:registration_uuid>/doctor/", doctor_views.visit, name="doctor"),
    path("staff/lms/", include("lti.staff.urls")),
]
