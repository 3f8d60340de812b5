"""The files in deploy/: what they start exists, what they set is a setting. systemd looks at units where it is."""

import configparser
import json
import re
import shutil
import subprocess
import sys

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands, load_command_class

ROOT = settings.BASE_DIR
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
SETTINGS = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
# Of Python itself, of the C library, and of the images that others made.
OTHERS = {"PYTHONUNBUFFERED", "MALLOC_ARENA_MAX", "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"}


def unit(path):
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(path)
    return parser


def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def check_command(words):
    """`python manage.py NAME OPTIONS`: there is such a command, and it takes the options."""
    assert words[:2] == ["python", "manage.py"]
    name, *options = words[2:]
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(options)


def test_there_is_a_unit_for_the_web_server_and_one_for_workers():
    assert [path.name for path in UNITS] == ["itpm-byte-web.service", "itpm-byte-worker.service"]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_starts_a_command_that_exists_with_settings_that_exist(path):
    service = unit(path)["Service"]
    program, *words = service["ExecStart"].split()

    assert program == f"{service['WorkingDirectory']}/.venv/bin/python"
    check_command(["python", *words])
    given = {pair.partition("=")[0] for pair in service["Environment"].split()}
    assert given - {"MALLOC_ARENA_MAX"} == {"METRICS_DIR"} <= SETTINGS
    # `serve` gives it to its children itself.
    assert ("MALLOC_ARENA_MAX" in given) == ("serve" not in words)


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_systemd_takes_the_unit(path, tmp_path):
    """The same unit with paths and the user of this machine: systemd looks whether they exist."""
    text = path.read_text().replace("/opt/itpm-byte/.venv/bin/python", sys.executable)
    text = text.replace("/opt/itpm-byte", str(ROOT)).replace("User=itpm-byte", "User=root")
    (tmp_path / path.name).write_text(text)
    verify = shutil.which("systemd-analyze")
    said = subprocess.run([verify, "verify", tmp_path / path.name], capture_output=True, text=True) if verify else None

    assert set(unit(path).sections()) == {"Unit", "Service", "Install"}
    assert said is None or path.name not in said.stderr


def test_the_image_holds_what_its_commands_need():
    lines = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ").splitlines()
    copied = [word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]]

    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {"manage.py", "itpm_byte", "lti", "fixtures"} <= set(copied)
    (command,) = (json.loads(line.removeprefix("CMD ")) for line in lines if line.startswith("CMD"))
    check_command(command)
    named = set(re.findall(r"(?:^|\s)([A-Z][A-Z_]+)=", "\n".join(lines)))
    assert named - SETTINGS - OTHERS == set()


def test_the_services_run_commands_that_exist_with_settings_that_exist():
    services = compose()["services"]

    for name in ("migrate", "web", "worker"):
        check_command(services[name]["command"])
        assert set(services[name]["environment"]) - SETTINGS == set()
        assert (DEPLOY / services[name]["build"]["context"] / services[name]["build"]["dockerfile"]).exists()
    needed = {other for service in services.values() for other in service.get("depends_on", {})}
    assert needed <= set(services)
