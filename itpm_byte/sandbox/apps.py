from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "itpm_byte.sandbox"
    label = "sandbox"
