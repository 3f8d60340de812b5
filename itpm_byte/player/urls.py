from django.urls import URLPattern

app_name = "player"
urlpatterns: list[URLPattern] = []
