from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "itpm_byte.api"
