from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "itpm_byte.content"
