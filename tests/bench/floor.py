"""The floor: bare Django without middleware, one RS256 verification, one commit. Nothing can launch for less."""

import os
from typing import Any

import jwt
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from environ import Env

KEPT_CONNECTIONS: dict[str, Any] = {"CONN_MAX_AGE": 600}
if os.environ["BENCH_DATABASE_URL"].startswith("sqlite"):
    KEPT_CONNECTIONS["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }

if not settings.configured:
    settings.configure(
        SECRET_KEY="floor-" + "0" * 50,
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[],
        USE_TZ=True,
        DATABASES={"default": {**Env.db_url_config(os.environ["BENCH_DATABASE_URL"]), **KEPT_CONNECTIONS}},
    )


def prepare() -> None:
    """Make the one table."""
    number = "bigserial" if connection.vendor == "postgresql" else "INTEGER"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE floor (id {number} PRIMARY KEY, note TEXT)")


KEY = jwt.PyJWK.from_json(os.environ["BENCH_JWK"])


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def commit(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO floor (note) VALUES (%s)", [request.POST.get("note", "")])
    return HttpResponse("ok")


def verify_and_commit(request: HttpRequest) -> HttpResponse:
    jwt.decode(request.POST["id_token"], KEY, algorithms=["RS256"], audience=os.environ["BENCH_CLIENT_ID"])
    return commit(request)


urlpatterns = [path("bare/", bare), path("commit/", commit), path("launch/", verify_and_commit)]
application = get_wsgi_application()
