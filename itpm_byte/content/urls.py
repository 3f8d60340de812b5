from django.urls import re_path

from itpm_byte.content import views

app_name = "content"
urlpatterns = [
    re_path(r"^p/(?P<digest>[0-9a-f]{64})\.(?P<extension>svg|png|jpg|webp)$", views.picture, name="picture"),
]
