"""How settings are read from the environment: a wrong value stops the start with words."""

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def env_bool(name: str, *, default: bool) -> bool:
    """django-environ reads any unknown word as False; a typing mistake must not switch off a protection."""
    value = env.str(name, default=str(default)).strip().lower()
    if value not in {"true", "false", "1", "0", "yes", "no", "on", "off"}:
        raise ImproperlyConfigured(f"{name} is '{value}'. Say True or False.")
    return value in {"true", "1", "yes", "on"}


def env_int(name: str, *, default: int, lowest: int, highest: int) -> int:
    value = env.str(name, default=str(default)).strip()
    if not value.isascii() or not value.isdigit() or not lowest <= int(value) <= highest:
        raise ImproperlyConfigured(f"{name} is '{value}'. Say a whole number from {lowest} to {highest}.")
    return int(value)


def mailers(url: str) -> dict[str, Any]:
    """Django's MAILERS from one address, as in smtp+tls://user:password@mail.example.org:587; none for ""."""
    if not url:
        return {}
    told = env.email_url_config(url)
    options = {
        "host": told["EMAIL_HOST"],
        "port": told["EMAIL_PORT"] or 25,
        "username": told["EMAIL_HOST_USER"] or "",
        "password": told["EMAIL_HOST_PASSWORD"] or "",
        "use_tls": told.get("EMAIL_USE_TLS", False),
        "use_ssl": told.get("EMAIL_USE_SSL", False),
        "timeout": 20,
    }
    is_smtp = told["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    return {"default": {"BACKEND": told["EMAIL_BACKEND"], "OPTIONS": options if is_smtp else {}}}
