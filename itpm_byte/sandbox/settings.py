"""Settings of the pretend LMS alone: no database, a fresh secret at every start, loopback only."""

import secrets

SECRET_KEY = secrets.token_urlsafe(50)
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ROOT_URLCONF = "itpm_byte.sandbox.urls"
INSTALLED_APPS = ["itpm_byte.sandbox.apps.SandboxConfig"]
MIDDLEWARE = [
    "itpm_byte.sandbox.journal.one_address",
    "itpm_byte.sandbox.pages.headers",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "itpm_byte.sandbox.journal.watch",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["itpm_byte.sandbox.pages.surroundings"]},
    }
]
DATABASES: dict[str, dict[str, str]] = {}
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
STATIC_URL = "/static/"
CSRF_COOKIE_NAME = "sandbox_csrf"
CSRF_FAILURE_VIEW = "itpm_byte.sandbox.pages.csrf_failure"
LOGGING_CONFIG = None
