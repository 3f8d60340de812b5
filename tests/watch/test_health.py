"""What a load balancer and an operator are told."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from itpm_byte.engine.models import PeriodicJob
from itpm_byte.watch import health
from lti.models import Score
from tests.lti.course import make_course

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _not_looked_yet(monkeypatch):
    monkeypatch.setattr(health.migrations, "are_applied", False)


@pytest.fixture
def swept():
    """A worker kept house just now."""
    now = timezone.now()
    return PeriodicJob.objects.create(name="sweep", due_at=now, began_at=now)


def ready():
    answer = Client().get("/readyz")
    told = json.loads(answer.content)
    return answer.status_code, told["status"], {name: check["status"] for name, check in told["checks"].items()}


def test_alive_asks_nobody(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = Client().get("/livez")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_ready_when_all_is_well(swept):
    assert ready() == (200, "ok", {"database": "ok", "migrations": "ok", "workers": "ok", "outbox": "ok"})


def test_without_a_worker_it_serves_and_says_so():
    status, verdict, checks = ready()
    assert (status, verdict, checks["workers"]) == (200, "degraded", "degraded")


def test_a_worker_that_stopped_is_noticed(swept):
    PeriodicJob.objects.update(began_at=timezone.now() - timedelta(minutes=5))
    assert ready()[2]["workers"] == "degraded"


def test_a_score_that_waits_for_long_is_noticed(swept):
    course = make_course()
    course.queue("8", now=timezone.now() - timedelta(minutes=14))
    assert ready()[2]["outbox"] == "ok"
    Score.objects.update(timestamp=timezone.now() - timedelta(minutes=16))
    assert ready()[:2] == (200, "degraded")
    assert "16 minutes" in json.loads(Client().get("/readyz").content)["checks"]["outbox"]["says"]


def test_missing_migrations_serve_nobody(swept):
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    executor.recorder.record_unapplied(*executor.loader.graph.leaf_nodes("lti")[0])
    status, verdict, checks = ready()
    assert (status, verdict, checks["migrations"]) == (503, "unavailable", "unavailable")


def test_a_database_that_is_away_is_said_and_nothing_else(monkeypatch, swept):
    from django.db import OperationalError

    def away(now):
        raise OperationalError("could not connect to 10.0.0.1, password lin")

    monkeypatch.setattr(health, "CHECKS", (away,))
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert json.loads(answer.content)["checks"] == {
        "database": {"status": "unavailable", "says": "The database does not answer."}
    }
