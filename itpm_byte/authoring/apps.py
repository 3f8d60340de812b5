from django.apps import AppConfig


class AuthoringConfig(AppConfig):
    name = "itpm_byte.authoring"
