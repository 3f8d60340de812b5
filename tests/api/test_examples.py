"""docs/api.md tells the truth: its lines run as they stand, against a running service."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.api.programs import learners_at_work, token_text
from tests.cast import cast
from tests.checks.words import ROOT

PAGE = (ROOT / "docs" / "api.md").read_text()
LINES = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.S) for line in block.splitlines() if "curl" in line]
(PYTHON,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)


@pytest.fixture
def environment(live_server, settings):
    from lti.models import Score

    settings.PUBLIC_URL = live_server.url
    people = cast("amber")
    at, _made = learners_at_work(people, 2)
    Score.objects.update(state="failed", last_error="not_in_course")
    return {
        **os.environ,
        "BYTE": f"{live_server.url}/api/v1",
        "TOKEN": token_text(people.institution),
        "PLACEMENT": str(at.uuid),
        "GRADE": str(Score.objects.first().pk),
    }


def test_each_line_gets_an_answer_with_something_in_it(environment):
    assert len(LINES) == 12
    for line in LINES:
        said = json.loads(subprocess.run(line, shell=True, env=environment, check=True, capture_output=True).stdout)
        assert said["results"] if "resend" not in line else said["error"] == "", line


def test_the_program_pulls_everything_and_then_what_changed(environment):
    said = subprocess.run([sys.executable, "-c", PYTHON], env=environment, check=True, capture_output=True, text=True)
    # What was written within the last minute comes again.
    assert said.stdout == "2 rows, then 2 changes\n"
