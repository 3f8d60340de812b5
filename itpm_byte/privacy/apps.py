from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "itpm_byte.privacy"
