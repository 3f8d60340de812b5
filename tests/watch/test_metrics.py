"""Numbers for Prometheus: for whoever has the token, about everybody and nobody."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from itpm_byte.engine.models import PeriodicJob
from lti import metrics
from lti.models import Score
from tests.lti.course import make_course, make_member

TOKEN = "a-long-token-for-these-tests"


@pytest.fixture
def read(settings, tmp_path):
    settings.METRICS_TOKEN, settings.METRICS_DIR = TOKEN, tmp_path

    def read(token=TOKEN):
        answer = Client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
        if answer.status_code != 200:
            return answer.status_code
        families = text_string_to_metric_families(answer.content.decode())
        return {
            (s.name, *(s.labels[name] for name in sorted(s.labels))): s.value
            for family in families
            for s in family.samples
        }

    return read


@pytest.mark.django_db
def test_nobody_reads_without_the_token(read, settings):
    assert (read("wrong"), read("")) == (404, 404)
    assert Client().get("/metrics").status_code == 404
    settings.METRICS_TOKEN = ""
    assert (read(""), Client().get("/metrics").status_code) == (404, 404)


@pytest.mark.django_db
def test_the_outbox_is_told_by_lms_and_state_with_its_oldest(read):
    course = make_course()
    now = timezone.now()
    course.queue("8", now=now - timedelta(minutes=10))
    course.queue("4", user=course.kai, now=now - timedelta(minutes=1))
    lms = str(course.registration.uuid)
    told = read()
    assert told["itpm_outbox_scores", lms, "due"] == 2
    assert 600 <= told["itpm_outbox_oldest_seconds", lms, "due"] < 660
    Score.objects.filter(user=course.kai).update(state="sent", sent_at=now)
    assert read()["itpm_outbox_scores", lms, "due"] == 1


@pytest.mark.django_db
def test_rosters_tasks_and_jobs_are_told(read):
    course = make_course()
    now = timezone.now()
    course.context.roster_asked_at, course.context.roster_error = now, "forbidden"
    course.context.roster_synced_at = now - timedelta(hours=30)
    course.context.save()
    PeriodicJob.objects.create(name="sweep", due_at=now, began_at=now - timedelta(seconds=30))
    course.queue("8", now=now)
    told = read()
    assert (told[("itpm_rosters_stale",)], told["itpm_rosters_failed", "forbidden"]) == (1, 1)
    assert 30 <= told["itpm_job_age_seconds", "sweep"] < 60
    assert 30 * 3600 <= told[("itpm_rosters_oldest_seconds",)] < 31 * 3600
    assert ("itpm_tasks_waiting",) in told


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow(read):
    course = make_course()

    def queries():
        with CaptureQueriesContext(connection) as captured:
            read()
        return len(captured)

    course.queue("8", now=timezone.now())
    one = queries()
    for number in range(3):
        learner = make_member(course.context, f"more-{number}", "learner")
        course.queue("8", user=learner, now=timezone.now())
    assert queries() == one


COUNT = """
import django; django.setup()
from lti import metrics
metrics.LAUNCHES.labels("lms").inc(); metrics.REFUSALS.labels("state_unknown").inc(2)
"""


@pytest.mark.django_db
def test_counters_of_all_processes_are_added_up(read, tmp_path):
    """Each process writes a file of its own; any web process reads them all."""
    import os

    environment = {
        **os.environ, "METRICS_TOKEN": TOKEN, "METRICS_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "itpm_byte.settings",
    }  # fmt: skip
    for _ in range(2):
        subprocess.run([sys.executable, "-c", COUNT], cwd=configured.BASE_DIR, env=environment, check=True)
    told = read()
    assert (told["itpm_launches_total", "lms"], told["itpm_launch_refusals_total", "state_unknown"]) == (2, 4)


def counted(counter, *labels):
    return counter.labels(*labels)._value.get()


@pytest.mark.django_db
def test_a_refused_login_is_counted_by_its_cause():
    before = counted(metrics.REFUSALS, "login_incomplete")
    Client().post("/lti/login/", {})
    assert counted(metrics.REFUSALS, "login_incomplete") == before + 1


def times(report):
    """How many times were taken of it, in this process."""
    kept = metrics.REPORT_SECONDS.labels(report)
    return sum(bucket.get() for bucket in kept._buckets)


@pytest.mark.django_db
def test_reports_are_timed_pages_when_they_are_made_and_files_when_they_are_sent():
    sue = Client()
    sue.force_login(User.objects.create_superuser("sue"))
    before = times("office:completion"), times("office:completion-csv")

    sue.get("/staff/reports/completion/")
    file = sue.get("/staff/reports/completion/rows.csv")
    assert (times("office:completion"), times("office:completion-csv")) == (before[0] + 1, before[1])
    b"".join(file.streaming_content)
    assert times("office:completion-csv") == before[1] + 1
    Client().get("/staff/reports/completion/")  # sent to the log-in
    assert times("office:completion") == before[0] + 1
