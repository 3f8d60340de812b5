from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "itpm_byte.insight"
