from django.apps import AppConfig


class EngineConfig(AppConfig):
    name = "itpm_byte.engine"
