"""What `manage.py check` says about a service that could not work with any LMS."""

from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connections
from django.utils import timezone
from django.utils.http import is_same_domain
from django.utils.module_loading import import_string

from lti import keys, secrets


@register(Tags.security)
def encryption_keys_fit(**_kwargs: Any) -> list[CheckMessage]:
    """A wrong key would show only when the first secret is to be written or read."""
    for number, key in enumerate(settings.FIELD_ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            hint = "`manage.py new_secret` prints one. Several are separated by commas, newest first."
            return [Error(f"Key {number} of FIELD_ENCRYPTION_KEYS is no Fernet key.", hint=hint, id="lti.E001")]
    return []


@register(Tags.urls)
def public_url_is_served(**_kwargs: Any) -> list[CheckMessage]:
    """LMSs send people to PUBLIC_URL; Django answers only for ALLOWED_HOSTS."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    named = settings.ALLOWED_HOSTS
    if named and "*" not in named and not any(is_same_domain(host, pattern) for pattern in named):
        return [Error(f"ALLOWED_HOSTS does not name {host}, the host of PUBLIC_URL.", id="lti.E002")]
    return []


@register()
def launch_hook_exists(**_kwargs: Any) -> list[CheckMessage]:
    """Both functions of the product that the gate asks."""
    hooks = {name: getattr(settings, name) for name in ("LTI_LAUNCH_HOOK", "LTI_LAUNCH_BESIDE")}
    return [
        Error(f"{name} names no function: {path}", id="lti.E003") for name, path in hooks.items() if not _is_hook(path)
    ]


@register(Tags.security, deploy=True)
def only_real_platforms(**_kwargs: Any) -> list[CheckMessage]:
    if not settings.LTI_ALLOW_LOOPBACK_PLATFORMS:
        return []
    said = "LTI_ALLOW_LOOPBACK_PLATFORMS is for development: it lets LMS addresses lead to this machine."
    return [Warning(said, id="lti.W004")]


@register(Tags.database)
def there_is_a_key(databases: Any = None, **_kwargs: Any) -> list[CheckMessage]:
    """Without a key that we can read no LMS gives us a token. Says nothing about a database without tables."""
    if "default" not in (databases or []):
        return []
    try:
        key = keys.signing_key(now=timezone.now())
        secrets.decrypt(key.private_key_encrypted)
    except keys.NoKey:
        return [Warning("There is no key to sign with yet.", hint="Run `manage.py rotate_key`.", id="lti.W005")]
    except secrets.SecretUnreadable:
        hint = "Put the key it was written with back behind the newest one, or run `manage.py rotate_key --now`."
        return [Error("FIELD_ENCRYPTION_KEYS does not open our signing key.", hint=hint, id="lti.E006")]
    except DatabaseError:
        connections["default"].close_if_unusable_or_obsolete()
    return []


def _is_hook(path: str) -> bool:
    try:
        return callable(import_string(path))
    except ImportError:
        return False
