from django.urls import path

from itpm_byte.player.views import site

app_name = "player"
urlpatterns = [
    path("", site.landing, name="landing"),
]
