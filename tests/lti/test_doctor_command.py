"""`manage.py doctor`: for people, and with --json for programs."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from lti.models import Registration
from tests.lti.clinic import connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(moodle, settings, keyset):
    settings.PUBLIC_URL = keyset.url
    return connect(moodle)


def said(*arguments: str) -> tuple[str, int]:
    """What the command prints, and its exit code."""
    out = StringIO()
    try:
        call_command("doctor", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def test_a_healthy_connection_is_reported_and_the_exit_code_says_so(course):
    text, code = said()

    assert code == 0
    assert text.startswith("Connection doctor: LMS (Moodle): ok\n")
    assert "[ok] Both clocks" in text
    assert "[broken]" not in text


def test_a_broken_connection_ends_with_exit_code_one_and_says_what_to_do(course):
    Registration.objects.update(client_id="nobody")
    text, code = said("--registration", str(course.registration.uuid))

    assert code == 1
    assert "[broken] Access to services: The learning platform doesn't know us" in text
    assert "→ Site administration → Plugins → External tool → Manage tools" in text


def test_programs_read_verdicts_causes_and_words(course):
    text, code = said("--json")
    (report,) = json.loads(text)

    assert (code, report["registration"], report["verdict"]) == (0, str(course.registration.uuid), "ok")
    state = report["checks"][0]
    assert (state["check"], state["verdict"], state["cause"]) == ("state", "ok", "switched_on")
    assert state["what"] == "Launches are accepted and grades are sent."


def test_what_is_switched_off_is_looked_at_only_when_all_are(course):
    Registration.objects.update(status="disabled")

    assert json.loads(said("--json")[0]) == []
    (report,) = json.loads(said("--all", "--json")[0])
    assert [check["cause"] for check in report["checks"] if check["verdict"] == "broken"] == ["switched_off"]


def test_without_connections_it_says_so(db):
    assert said() == (
        "No learning platform is connected, or none is switched on (--all looks at the others).\n", 0,
    )  # fmt: skip


@pytest.mark.parametrize("uuid", ["7d1c0c4e-0000-4000-8000-000000000000", "nonsense"])
def test_an_unknown_registration_is_said_to_be_unknown(db, uuid):
    with pytest.raises(CommandError, match="no such registration"):
        call_command("doctor", "--registration", uuid)
