"""Setting up: a fit Python is found where people have one, or it is said what to install; the second time is quick."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests import machine
from tests.checks.words import ROOT

# Says that it fits, and instead of making an environment tells that it was asked to.
PYTHON = '#!/bin/sh\nif [ "$2" = venv ]; then echo "made by $0" >&2; exit 7; fi\n'
UNFIT = "#!/bin/sh\nexit 1\n"
LAST = ("/usr/local/bin", "/opt/homebrew/bin")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A PATH with what the script itself calls, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("cat", "cksum", "dirname", "rm", "sh"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


def program(place: Path, source: str) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(source)
    place.chmod(0o755)
    return place


def bootstrap(
    path: Path, *, script: Path = ROOT / "bootstrap.sh", **environment: str
) -> subprocess.CompletedProcess[str]:
    surroundings = {"PATH": str(path), "VENV": str(path.parent / "venv"), **environment}
    return subprocess.run([script, "base"], env=surroundings, capture_output=True, text=True, check=False)


def test_a_python_is_found_on_the_path_among_pyenvs_and_where_it_is_said(path, tmp_path):
    said = program(tmp_path / "own" / "python", PYTHON)
    pyenv = program(tmp_path / "pyenv" / "versions" / "3.13.7" / "bin" / "python3", PYTHON)
    assert bootstrap(path, PYENV_ROOT=str(tmp_path / "pyenv")).stderr == f"made by {pyenv}\n"

    on_path = program(path / "python3.12", PYTHON)
    assert bootstrap(path, PYENV_ROOT=str(tmp_path / "pyenv")).stderr == f"made by {on_path}\n"
    assert bootstrap(path, PYTHON=str(said)).stderr == f"made by {said}\n"


def test_without_a_fit_python_it_is_said_what_to_install(path, tmp_path):
    """Where the script looks last a Python may well stand on this machine, so those two folders are empty ones here."""
    script = (ROOT / "bootstrap.sh").read_text()
    for folder in LAST:
        assert f" {folder}/python3" in script
        script = script.replace(f" {folder}/python3", f" {tmp_path}{folder}/python3")
    (tmp_path / "requirements").symlink_to(ROOT / "requirements")
    program(path / "python3", UNFIT)
    answer = bootstrap(path, script=program(tmp_path / "bootstrap.sh", script))

    assert answer.returncode == 1
    assert answer.stderr.startswith(
        "ITPM Byte needs Python 3.12 or 3.13 with its venv module. Install it, for example:"
    )
    assert "apt install python3.12 python3.12-venv" in answer.stderr
    assert not (path.parent / "venv").exists()


def test_a_python_that_was_said_and_does_not_fit_is_named(path, tmp_path):
    unfit = program(tmp_path / "python2", UNFIT)
    answer = bootstrap(path, PYTHON=str(unfit))

    assert answer.returncode == 1
    assert answer.stderr.startswith(f"PYTHON={unfit} is not a Python 3.12, 3.13 or 3.14 with venv and ensurepip.\n")


def test_an_environment_that_is_up_to_date_is_left_alone(path):
    venv = path.parent / "venv"
    program(venv / "bin" / "python", "#!/bin/sh\n")
    locked = b"".join((ROOT / "requirements" / name).read_bytes() for name in ("base.txt", "dev.txt"))
    summed = subprocess.run(["cksum"], input=locked, capture_output=True, check=True).stdout.decode().strip()
    (venv / ".ready-dev").write_text(f"{summed} ")
    answer = bootstrap(path)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")

    (venv / ".ready-dev").write_text("of another lock ")
    program(path / "python3.12", PYTHON)
    assert "Setting up" in bootstrap(path).stdout


@pytest.mark.parametrize(
    ("find", "words"),
    [
        (machine.find_chromium, "No chromedriver found. Install it (Debian: apt install chromium-driver)"),
        (machine.find_postgres, "No PostgreSQL programs found. Install the server (Debian: apt install postgresql)"),
    ],
)
def test_what_tests_need_and_cannot_find_or_install_is_named_in_one_line(tmp_path, monkeypatch, find, words):
    """Where nothing is on the path, not even the system's installer."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(machine, "POSTGRES_FOLDERS", ())

    with pytest.raises(machine.Missing) as missing:
        find()
    assert str(missing.value).startswith(words)
    assert "\n" not in str(missing.value)
