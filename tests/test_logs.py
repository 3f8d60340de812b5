"""Logs carry facts with ids, nothing private; the number on an error page finds every line that belongs to it."""

import io
import json
import logging

import pytest
import structlog
from django.db import IntegrityError
from django.test import Client
from django_tasks_db.models import DBTaskResult

from itpm_byte import logs
from itpm_byte.engine.upkeep import JOBS, Job, Upkeep
from lti import references, tasks


@pytest.fixture
def written(settings):
    """What a running service would have written until now: a list of lines, in the order of their keys."""
    logs.configure({"level": "INFO", "as_json": True})
    stream = io.StringIO()
    handler = logging.getLogger().handlers[0]
    original = handler.setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    handler.setStream(original)
    logs.configure(settings.LOGGING)


def test_a_private_value_that_slips_in_is_not_written():
    event = logs.drop_private(None, "info", {"event": "x", "registration": 7, "Email": "lin@example.org"})

    assert event == {"event": "x", "registration": 7, "Email": "[private]"}


def test_a_production_line_is_one_json_object(written):
    structlog.get_logger("lti").info("launch_refused", reason="state_unknown", id_token="abc")

    [line] = written()
    assert (line["event"], line["reason"], line["id_token"]) == ("launch_refused", "state_unknown", "[private]")
    assert (line["level"], line["logger"]) == ("info", "lti")


def test_an_error_of_the_database_is_written_without_the_row_that_it_quotes(written):
    try:
        raise IntegrityError(
            "unique\nDETAIL:  Key (sub)=(lin-tran) already exists.\nLINE 1: ... 'lin@example.org' ...\n"
        )
    except IntegrityError:
        structlog.get_logger("lti").exception("failed")

    [line] = written()
    assert line["exception"].rstrip().endswith("IntegrityError: unique\nDETAIL: [private]\nLINE 1: [private]")


def test_addresses_that_open_something_are_cut_short():
    paths = ("/lti/register/abc/", "/r/ABCD-EFGH/", "/staff/reports/unsubscribe/7:1x:y/")

    told = [logs.hide_links(None, "info", {"path": path})["path"] for path in paths]

    assert told == ["/lti/register/[private]/", "/r/[private]/", "/staff/reports/unsubscribe/[private]/"]


def test_the_number_on_an_error_page_stands_on_every_line_of_its_request(written, db):
    answer = Client().get("/nowhere/")

    number = answer.headers["X-Request-Id"]
    assert number in answer.content.decode()
    lines = written()
    assert {line["event"] for line in lines} == {"error_page", "Not Found: /nowhere/"}
    assert {line["reference"] for line in lines} == {number}


def test_a_refused_launch_and_a_problem_of_the_api_show_it_too(written, db):
    launch = Client().post("/lti/launch/", {"state": "x"})
    program = Client().get("/api/v1/progress/")

    assert launch.headers["X-Request-Id"] in launch.content.decode()
    assert program.headers["X-Request-Id"] == program.json()["reference"]
    told = {line["event"]: line["reference"] for line in written() if "refused" in line["event"]}
    assert told == {
        "launch_refused": launch.headers["X-Request-Id"],
        "api_refused": program.headers["X-Request-Id"],
    }


def test_nobody_outside_chooses_the_number(db):
    chosen = Client().get("/nowhere/", headers={"X-Request-Id": "AAAA-AAAA"}).headers["X-Request-Id"]

    assert chosen != "AAAA-AAAA"
    assert references.current() == ""


def test_a_task_goes_on_under_the_number_of_what_caused_it(written, db):
    with references.bound("ABCD-2345"):
        tasks.deliver.enqueue(17)
    [row] = DBTaskResult.objects.all()

    assert row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"]) == "nothing to send"
    row.args_kwargs["kwargs"] |= {"unknown": 1}
    with pytest.raises(TypeError, match="unknown"):
        row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
    assert row.args_kwargs["kwargs"]["reference"] == "ABCD-2345"
    assert references.current() == ""


def test_a_task_of_nobody_gets_a_number_of_its_own(monkeypatch, db):
    seen = []
    monkeypatch.setattr(tasks, "ring_overdue", lambda *, now: seen.append(references.current()))
    tasks.sweep.enqueue()
    [row] = DBTaskResult.objects.all()

    row.task.call()

    assert row.args_kwargs["kwargs"] == {}
    assert len(seen[0]) == 9


def test_each_job_by_the_clock_has_a_number_also_when_it_fails(written, db):
    from django.utils import timezone

    def fail(now):
        tasks.sweep.enqueue()
        raise ZeroDivisionError

    Upkeep((Job("broken", JOBS[0].every, fail),)).tick(now=timezone.now())

    [line] = written()
    assert line["event"] == "engine.upkeep_failed"
    assert DBTaskResult.objects.get().args_kwargs["kwargs"] == {"reference": line["reference"]}
