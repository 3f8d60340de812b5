from django.urls import path

from itpm_byte.api.views import OwnProgress

app_name = "api"
urlpatterns = [
    path("launches/<uuid:launch_id>/progress/", OwnProgress.as_view(), name="progress"),
]
