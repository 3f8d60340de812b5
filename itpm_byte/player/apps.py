from django.apps import AppConfig


class PlayerConfig(AppConfig):
    name = "itpm_byte.player"
