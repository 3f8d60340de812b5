"""The description is committed, current, true, and a page that runs nothing."""

import re
from copy import deepcopy
from itertools import count

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples_settings
from jsonschema import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from itpm_byte.api import reference
from itpm_byte.api.scopes import SCOPES
from itpm_byte.content.models import Byte
from itpm_byte.learning.models import Attempt, Placement, Progress
from itpm_byte.wsgi import application
from lti.models import Institution, PlatformUser, Score
from tests.api.programs import LISTS, learners_at_work, token_text
from tests.cast import cast
from tests.checks.words import ROOT
from tests.environment import examples
from tests.player.seats import sit

COMMITTED = ROOT / "docs" / "openapi.yaml"


def test_the_committed_description_is_current(tmp_path):
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(made))
    assert COMMITTED.read_text() == made.read_text(), "Run `make openapi`."


def operations():
    for address, methods in reference.description()["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {address}", operation


def test_every_operation_names_its_scope_its_failures_and_shows_an_example():
    for name, operation in operations():
        answers = operation["responses"]
        success = next(answer for status, answer in answers.items() if status.startswith("2"))
        assert success["content"]["application/json"]["examples"], name
        assert {"401", "404" if "{" in name else "401", "406"} <= answers.keys(), name
        if "launches" not in name:
            assert {"400", "403", "429"} <= answers.keys(), name
            ((_scheme, (scope,)),) = operation["security"][0].items()
            assert scope in SCOPES, name
        for status, answer in answers.items():
            assert not status.startswith(("4", "5")) or list(answer["content"]) == ["application/problem+json"]


def test_examples_are_what_the_shapes_say():
    whole = reference.description()
    for name, operation in operations():
        for answer in operation["responses"].values():
            for content in answer.get("content", {}).values():
                for example in content.get("examples", {}).values():
                    schema = {**content["schema"], "components": whole["components"]}
                    problems = [error.message for error in Draft202012Validator(schema).iter_errors(example["value"])]
                    assert problems == [], name


def test_the_page_says_all_of_it_without_script_style_or_anybody_elses_files():
    response = Client().get("/api/v1/docs/")
    page = response.content.decode()
    assert response.status_code == 200
    for name, operation in operations():
        assert f'id="{operation["operationId"]}"' in page, name
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)
    assert set(re.findall(r'(?:src|href)="(https?:[^"]*)"', page)) == set()
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_programs_get_the_description_as_json():
    assert Client().get("/api/v1/openapi.json").json() == reference.description()


# --- What it promises holds, whatever is asked


@pytest.fixture
def world(db, settings):
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    settings.ALLOWED_HOSTS = ["testserver"]
    people = cast("amber")
    learners_at_work(people, 5)
    # As Django's own test client does: the test's transaction must outlive a request.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield people
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def known_ids():
    """Half of the requests ask for what is there."""
    return {
        "institutions": Institution.objects.get().pk,
        "bytes": Byte.objects.get().pk,
        "placements": Placement.objects.get().uuid,
        "feedback": Placement.objects.get().uuid,
        "learners": PlatformUser.objects.filter(progress__isnull=False).first().pk,
        "progress": Progress.objects.first().pk,
        "attempts": Attempt.objects.first().uuid,
        "responses": Attempt.objects.first().uuid,
        "grades": Score.objects.first().pk,
    }


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@pytest.mark.parametrize("name", LISTS)
def test_no_request_gets_an_answer_that_the_description_does_not_know(world, name):
    """With a token of all scopes; half of the requests for one row ask for one that is there."""
    token = token_text(world.institution)
    found = [each for each in described_operations() if each.path.startswith(f"/api/v1/{name}/")]
    assert found
    for operation in found:
        ask(operation, {"Authorization": f"Bearer {token}"}, number=examples(8))


@pytest.mark.parametrize("who", ["nobody", *SCOPES])
def test_nor_with_few_scopes_or_none(world, who):
    """Each scope's own operations, and all of them without a token."""
    headers = {} if who == "nobody" else {"Authorization": f"Bearer {token_text(world.institution, who)}"}
    for operation in described_operations():
        if who == "nobody" or operation.definition.raw["security"] == [{"token": [who]}]:
            ask(operation, headers, number=1)


def described_operations():
    schema = schemathesis.openapi.from_dict(deepcopy(reference.description()))
    schema.app = application
    return [result.ok() for result in schema.get_all_operations()]


def ask(operation, headers, *, number):
    known, turns = known_ids(), count()

    @given(case=operation.as_strategy())
    @examples_settings(max_examples=number, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def asked(case):
        if next(turns) % 2 and "key" in (case.path_parameters or {}):
            case.path_parameters["key"] = known[case.operation.path.split("/")[3]]
        (case.query or {}).pop("cursor", None)  # nobody can make one up
        case.call_and_validate(base_url="http://testserver", headers=headers, checks=CHECKS)

    asked()


def test_a_launch_reads_its_own_progress_as_described(world):
    seat = sit(world.lin, world.link)
    answer = Client(headers={"Authorization": f"Bearer {seat.sealed}"}).get(
        f"/api/v1/launches/{seat.launch.pk}/progress/"
    )
    operation = reference.description()["paths"]["/api/v1/launches/{launch_id}/progress/"]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": reference.description()["components"]}).validate(answer.json())
