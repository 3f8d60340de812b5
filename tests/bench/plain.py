"""The comparison: a tool as PyLTI1p3's documentation writes one for Django, in a project as `startproject` makes it.

Registrations come from its database configuration, launch data goes to the session, the launch view renders the page.
BENCH_TUNED=1 adds what the documentations of both offer besides: kept keys, kept connections, a write-ahead log.
"""

import os
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from environ import Env

IS_TUNED = os.environ.get("BENCH_TUNED") == "1"
TUNING: dict[str, Any] = {"CONN_MAX_AGE": 600}
if os.environ["BENCH_DATABASE_URL"].startswith("sqlite"):
    TUNING["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }

if not settings.configured:
    settings.configure(
        SECRET_KEY="plain-" + "0" * 50,
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "pylti1p3.contrib.django.lti1p3_tool_config",
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        USE_TZ=True,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        DATABASES={"default": {**Env.db_url_config(os.environ["BENCH_DATABASE_URL"]), **(TUNING if IS_TUNED else {})}},
    )

application = get_wsgi_application()

from pylti1p3.contrib.django import (  # noqa: E402 - its models need the settings above
    DjangoCacheDataStorage,
    DjangoDbToolConf,
    DjangoMessageLaunch,
    DjangoOIDCLogin,
)

PAGE = engines["django"].from_string(
    "<!doctype html><title>{{ title }}</title><p>{{ name }}</p>{% for role in roles %}<p>{{ role }}</p>{% endfor %}"
)


@csrf_exempt
def login(request: HttpRequest) -> HttpResponse:
    return DjangoOIDCLogin(request, DjangoDbToolConf()).redirect(request.POST["target_link_uri"])


@csrf_exempt
def launch(request: HttpRequest) -> HttpResponse:
    message = DjangoMessageLaunch(request, DjangoDbToolConf())
    if IS_TUNED:
        message.set_public_key_caching(DjangoCacheDataStorage(), cache_lifetime=7200)
    data = message.get_launch_data()
    link = data["https://purl.imsglobal.org/spec/lti/claim/resource_link"]
    roles = data["https://purl.imsglobal.org/spec/lti/claim/roles"]
    return HttpResponse(PAGE.render({"title": link["title"], "name": data["name"], "roles": roles}, request))


def prepare(issuer: str, client_id: str, private_pem: str, public_pem: str) -> None:
    """Make the tables and the one registration."""
    from django.core.management import call_command
    from pylti1p3.contrib.django.lti1p3_tool_config.models import LtiTool, LtiToolKey

    call_command("migrate", verbosity=0)
    key = LtiToolKey.objects.create(name="bench", private_key=private_pem, public_key=public_pem)
    LtiTool.objects.create(
        title="bench", issuer=issuer, client_id=client_id, use_by_default=True, auth_login_url=f"{issuer}/auth",
        auth_token_url=f"{issuer}/token", key_set_url=f"{issuer}/jwks", tool_key=key, deployment_ids='["1"]',
    )  # fmt: skip


urlpatterns = [path("login/", login), path("launch/", launch)]
