from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "itpm_byte.reports"
