"""All settings: read from the environment, wrong values fail loudly, defaults are safe.

`.env.example` lists every variable that is read here; a test compares the two.
"""

import base64
import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from itpm_byte.api.configuration import REST_FRAMEWORK as REST_FRAMEWORK
from itpm_byte.api.configuration import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from itpm_byte.engine import pooled
from itpm_byte.environment import env, env_bool, env_int, mailers

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

# development: a laptop or a test run; http and loopback LMSs are allowed, a secret is made up.
# production: everything must be said, nothing insecure is accepted.
ENVIRONMENT = env.str("ITPM_ENVIRONMENT", default="production")
if ENVIRONMENT not in {"production", "development"}:
    raise ImproperlyConfigured(f"ITPM_ENVIRONMENT is '{ENVIRONMENT}'. Say 'production' or 'development'.")
IS_PRODUCTION = ENVIRONMENT == "production"

DEBUG = env_bool("DEBUG", default=False)
if DEBUG and IS_PRODUCTION:
    raise ImproperlyConfigured("DEBUG shows secrets to visitors. Leave it out, or say ITPM_ENVIRONMENT=development.")

SECRET_KEY = env.str("SECRET_KEY", default="" if IS_PRODUCTION else "development-only-" + "0" * 48)
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY must be at least 50 random characters. `manage.py new_secret` prints one.")

# Where `manage.py serve` listens.
PORT = env_int("PORT", default=8000, lowest=1, highest=65535)
BIND_ADDRESS = env.str("BIND_ADDRESS", default="127.0.0.1")
# Where browsers and LMSs reach us: scheme://host[:port], no path.
PUBLIC_URL = env.str("PUBLIC_URL", default="" if IS_PRODUCTION else f"http://127.0.0.1:{PORT}").rstrip("/")
_public = urlsplit(PUBLIC_URL)
if _public.scheme not in {"http", "https"} or not _public.hostname or _public.path or _public.query:
    raise ImproperlyConfigured(f"PUBLIC_URL is '{PUBLIC_URL}'. Say scheme and host, as in https://byte.example.org.")
if IS_PRODUCTION and _public.scheme != "https":
    raise ImproperlyConfigured("PUBLIC_URL must begin with https:// in production: LMSs refuse anything else.")
IS_HTTPS = _public.scheme == "https"

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[_public.hostname])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# Encrypts private keys and access tokens in the database. Several keys, newest first, allow rotation.
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS", default=[])
if not FIELD_ENCRYPTION_KEYS:
    if IS_PRODUCTION:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS is missing. `manage.py new_secret` prints one.")
    FIELD_ENCRYPTION_KEYS = [base64.urlsafe_b64encode(hashlib.sha256(SECRET_KEY.encode()).digest()).decode()]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_htmx",
    "django_tasks_db",
    "rest_framework",
    "drf_spectacular",
    "lti",
    "itpm_byte.content",
    "itpm_byte.learning",
    "itpm_byte.insight",
    "itpm_byte.privacy",
    "itpm_byte.reports",
    "itpm_byte.player",
    "itpm_byte.authoring",
    "itpm_byte.api",
    "itpm_byte.watch",
    "itpm_byte.engine",
]

MIDDLEWARE = [
    "lti.references.ReferenceMiddleware",
    "lti.framing.FramingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "itpm_byte.browser_language.BrowserLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "itpm_byte.staff_pages.StaffPagesMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "itpm_byte.player.conflicts.ConflictMiddleware",
    "itpm_byte.watch.report_times.ReportTimesMiddleware",
]
STAFF_MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "itpm_byte.reports.office.second_step.SecondStepMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
]
# The learners' ways through the house.
WITHOUT_STAFF = (
    *("/l/", "/lti/login/", "/lti/launch/", "/lti/confirm/", "/lti/cookie/", "/lti/session/"),
    *("/lti/canvas.json", "/lti/notices/", "/p/", "/r/", "/.well-known/", "/livez", "/readyz", "/metrics", "/api/"),
)
# They look for middleware that stands in STAFF_MIDDLEWARE (tests/test_staff_pages.py looks there).
SILENCED_SYSTEM_CHECKS = ["admin.E408", "admin.E409", "admin.E410", "axes.W002", "mail.W001"]

ROOT_URLCONF = "itpm_byte.urls"
WSGI_APPLICATION = "itpm_byte.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "itpm_byte" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.csp",
            ],
        },
    },
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'itpm_byte.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(exist_ok=True)
    DATABASES["default"]["ENGINE"] = "itpm_byte.engine.sqlite"
    # Opening a connection registers some sixty functions: as costly as several queries.
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    DATABASES["default"]["OPTIONS"] = {
        # Writers queue at BEGIN instead of failing half-way through with "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: what somebody reads as saved is on the disk, also when the power fails (lti.durability).
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"] |= {"ENGINE": "itpm_byte.engine.postgresql", "OPTIONS": pooled.OPTIONS}
else:
    raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:/// or postgres://.")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# database: one machine or a few, nothing else to run. celery: many machines; needs a broker.
TASK_ENGINE = env.str("TASKS", default="database")
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="")
if TASK_ENGINE not in {"database", "celery"}:
    raise ImproperlyConfigured(f"TASKS is '{TASK_ENGINE}'. Say 'database' or 'celery'.")
if TASK_ENGINE == "celery" and not CELERY_BROKER_URL.startswith(("redis://", "rediss://", "amqp://", "amqps://")):
    raise ImproperlyConfigured("TASKS=celery needs CELERY_BROKER_URL, as in redis://127.0.0.1:6379/0 or amqp://…")
_BACKENDS = {
    "database": "itpm_byte.engine.database_backend.DatabaseBackend",
    "celery": "itpm_byte.engine.celery_backend.CeleryBackend",
}
TASKS = {"default": {"BACKEND": _BACKENDS[TASK_ENGINE]}}

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 10
# Not by address alone: a whole institution may come from one, and a thief must not lock everybody out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "lti.callers.address_of"
AXES_CLIENT_STR_CALLABLE = "itpm_byte.reports.office.door.for_the_log"
AXES_COOLOFF_TIME = 1  # hours
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "itpm_byte.reports.office.door.locked_out"
LOGIN_URL = "office:login"
# A second step (codes of an app) for every staff account; without it whoever wants sets it up.
STAFF_REQUIRE_TOTP = env_bool("STAFF_REQUIRE_TOTP", default=False)
OTP_TOTP_ISSUER = "ITPM Byte"
# Django's admin lists devices, never their keys.
OTP_ADMIN_HIDE_SENSITIVE_DATA = True

# Mails to staff only. Without an address development prints them, and production sends none.
MAILERS = mailers(env.str("EMAIL_URL", default="" if IS_PRODUCTION else "consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"itpm-byte@{_public.hostname}")

# Whom to tell when the grades of one LMS have waited for so long, and when it is over. Nobody: no such mails.
ALERT_EMAILS = env.list("ALERT_EMAILS", default=[])
ALERT_AFTER_MINUTES = env_int("ALERT_AFTER_MINUTES", default=30, lowest=5, highest=1440)

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français"), ("ar", "العربية")]
LOCALE_PATHS = [BASE_DIR / "itpm_byte" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "itpm_byte" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
if not IS_PRODUCTION:
    STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns where nothing was collected; here finders serve the files

# --- Security headers. Pages shown in an LMS frame widen frame-ancestors per registration (SEC-10).
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
# Not "no-referrer": browsers then send "Origin: null" with a form, and the CSRF check refuses it.
SECURE_REFERRER_POLICY = "same-origin"
# SEC-22: a new window must keep its opener.
SECURE_CROSS_ORIGIN_OPENER_POLICY = "unsafe-none"
SECURE_SSL_REDIRECT = IS_HTTPS and IS_PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS and IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_PRODUCTION
BEHIND_PROXY = env_bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# "__Host-": browsers take them from this host alone, over TLS, for all paths.
SESSION_COOKIE_NAME = "__Host-itpm_staff"
CSRF_COOKIE_NAME = "__Host-csrftoken"
# Staff log in once a day: a working day and no longer, whatever happens to the computer.
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS or not IS_PRODUCTION
# The CSRF cookie must come back inside a cross-site frame (CK-24).
CSRF_COOKIE_SAMESITE = "None"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "itpm_byte.player.views.site.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

# --- LTI
# http and loopback LMS addresses: for the sandbox and for tests only.
LTI_ALLOW_LOOPBACK_PLATFORMS = env_bool("LTI_ALLOW_LOOPBACK_PLATFORMS", default=not IS_PRODUCTION)
if LTI_ALLOW_LOOPBACK_PLATFORMS and IS_PRODUCTION:
    raise ImproperlyConfigured("LTI_ALLOW_LOOPBACK_PLATFORMS is for development; production talks to https LMSs only.")
# Called with a recorded launch; answers the URL path where the browser goes next.
LTI_LAUNCH_HOOK = "itpm_byte.player.access.open_launch"
# What it wants to know of a link, asked in the launch's own SELECT.
LTI_LAUNCH_BESIDE = "itpm_byte.learning.placements.copy_state_at"
LTI_SESSION_HOURS = env_int("LTI_SESSION_HOURS", default=8, lowest=1, highest=168)
# How long one worker may be busy with one score; a dead worker's scores are taken over after that.
LTI_LEASE_SECONDS = env_int("LTI_LEASE_SECONDS", default=180, lowest=1, highest=3600)
# Scores on their way to one LMS at the same time.
LTI_SCORES_AT_ONCE = env_int("LTI_SCORES_AT_ONCE", default=4, lowest=1, highest=100)
# A course's list of people is fetched at most once in so many minutes, when somebody opens an activity there.
LTI_ROSTER_MINUTES = env_int("LTI_ROSTER_MINUTES", default=60, lowest=1, highest=10080)
# People who left a course without ever opening an activity are forgotten after so many days.
LTI_ROSTER_KEPT_DAYS = env_int("LTI_ROSTER_KEPT_DAYS", default=90, lowest=1, highest=3650)

# --- API for programs
# Requests of one token in a minute, over all processes.
API_REQUESTS_PER_MINUTE = env_int("API_REQUESTS_PER_MINUTE", default=600, lowest=1, highest=1_000_000)

# --- Engine: what `manage.py serve` and `manage.py worker` start.
WEB_WORKERS = env_int("WEB_WORKERS", default=1, lowest=1, highest=256)
WEB_THREADS = env_int("WEB_THREADS", default=4, lowest=1, highest=64)
WORKER_THREADS = env_int("WORKER_THREADS", default=2, lowest=1, highest=64)
SWEEP_SECONDS = env_int("SWEEP_SECONDS", default=15, lowest=1, highest=600)

# Numbers for Prometheus at /metrics, for whoever has this token; none are kept without it. All processes of one machine
# write into one folder.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_DIR = Path(env.str("METRICS_DIR", default=str(VAR_DIR / "metrics")))
if METRICS_TOKEN:
    if len(METRICS_TOKEN) < 20:
        raise ImproperlyConfigured("METRICS_TOKEN must be at least 20 random characters.")
    METRICS_DIR.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_DIR)  # read when prometheus_client is imported

LOGGING_CONFIG = "itpm_byte.logs.configure"
LOGGING = {"level": env.str("LOG_LEVEL", default="INFO"), "as_json": IS_PRODUCTION}
