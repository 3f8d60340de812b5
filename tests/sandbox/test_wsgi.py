"""The sandbox never runs where it does not belong."""

import json
import os
import subprocess
import sys

import pytest

from itpm_byte.sandbox.server import HOME, SandboxServer

LOAD = "from itpm_byte.sandbox.wsgi import application"


def run(*command, **environment):
    kept = {name: value for name, value in os.environ.items() if name not in {"ITPM_ENVIRONMENT", "ITPM_SANDBOX"}}
    return subprocess.run(
        [sys.executable, *command],
        env={**kept, **environment},
        cwd=HOME,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def test_the_application_is_there_when_it_is_asked_for():
    assert run("-c", LOAD, ITPM_SANDBOX="1").returncode == 0


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, "set ITPM_SANDBOX=1"),
        ({"ITPM_SANDBOX": "0"}, "set ITPM_SANDBOX=1"),
        ({"ITPM_SANDBOX": "1", "ITPM_ENVIRONMENT": "production"}, "never runs in production"),
        ({"ITPM_ENVIRONMENT": "Production"}, "never runs in production"),
    ],
)
def test_the_application_is_refused_with_words_elsewhere(environment, words):
    done = run("-c", LOAD, **environment)
    assert done.returncode == 1
    assert "ImproperlyConfigured" in done.stderr
    assert words in done.stderr


@pytest.mark.parametrize("environment", [{"ITPM_ENVIRONMENT": "production"}, {"ITPM_SANDBOX": "0"}])
def test_the_command_is_refused_too(environment):
    done = run("-m", "itpm_byte.sandbox", "--port", "0", **environment)
    assert done.returncode == 1
    assert "ITPM_" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_it_leaves_when_whoever_started_it_is_gone():
    done = run("-m", "itpm_byte.sandbox", "--port", "0", "--for-tests")  # its standard input is closed from the start
    assert done.returncode == 0
    assert json.loads(done.stdout)["url"].startswith("http://localhost:")


def test_a_port_that_is_taken_is_said_in_words(running_moodle):
    done = run("-m", "itpm_byte.sandbox", "--port", str(running_moodle.port))
    assert done.returncode == 1
    assert done.stderr == f"Port {running_moodle.port} is taken by another program. Say another one with --port.\n"


def test_a_server_that_cannot_start_says_so(tool, running_moodle):
    with pytest.raises(RuntimeError, match="did not start"):
        SandboxServer(tool.url, port=running_moodle.port).start()


def test_the_tool_does_not_know_the_sandbox():
    from django.conf import settings

    assert [name for name in settings.INSTALLED_APPS if "sandbox" in name] == []


def test_it_imports_nothing_of_the_tool():
    lines = [line for path in (HOME / "itpm_byte" / "sandbox").glob("*.py") for line in path.read_text().split("\n")]
    ours = [line for line in lines if line.startswith(("from itpm_byte", "import itpm_byte"))]
    assert [line for line in ours if "itpm_byte.sandbox" not in line] == []
    assert [line for line in lines if line.startswith(("from lti", "import lti", "from pylti1p3"))] == []
