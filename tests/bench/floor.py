"""The floor: bare Django without middleware, one RS256 verification, one commit. Nothing can launch for less."""

import os

import jwt
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

if not settings.configured:
    settings.configure(
        SECRET_KEY="floor-" + "0" * 50,
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[],
        USE_TZ=True,
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": os.environ["BENCH_DATABASE"],
                "CONN_MAX_AGE": 600,
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 20,
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
                },
            }
        },
    )

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
