from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "itpm_byte.learning"
