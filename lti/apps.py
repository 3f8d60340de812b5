from django.apps import AppConfig


class LtiConfig(AppConfig):
    name = "lti"
    verbose_name = "LTI"

    def ready(self) -> None:
        from lti import checks  # noqa: F401, PLC0415 - registers them
