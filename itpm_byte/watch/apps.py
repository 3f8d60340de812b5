from django.apps import AppConfig


class WatchConfig(AppConfig):
    name = "itpm_byte.watch"
