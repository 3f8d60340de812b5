"""`manage.py demo`: everything at once, on ports and in a database of its own; never in production."""

import socket
from typing import Any

import pytest
import requests
from django.core.management import CommandError, call_command

from itpm_byte.engine.management.commands import demo
from itpm_byte.engine.ports import is_free
from itpm_byte.sandbox.forms import auth_address, first_form
from tests.checks.deployment import manage as manage_in_production
from tests.engine.test_serve import children_of, running, status_of
from tests.ports import free_port
from tests.visitor import Page, Visitor


def free_pair() -> int:
    """A port whose next one is free, too."""
    return next(port for port in iter(free_port, None) if is_free(port + 1))


def opens_as_each_lms(url: str) -> list[int]:
    """Choose each LMS on the start page, enter as Lin and open the link; what the tool answers."""
    opened = []
    for manner in ("canvas", "blackboard", "d2l", "sakai", "openedx", "moodle"):
        lin = Visitor()
        lin.submit(lin.open(f"{url}/").form("/manner/"), manner=manner)
        lin.submit(lin.open(f"{url}/").form("/enter/"), person="lin")
        page = lin.open(f"{url}/courses/careers/activities/29/launch/")
        begun = send(lin, page, allow_redirects=False)
        way_on = first_form(lin.session, lin.session.get(auth_address(begun), timeout=30))
        opened.append(way_on.post().status_code)
    return opened


def send(lin: Visitor, page: Page, **options: Any) -> requests.Response:
    form = page.forms[0]
    fields = {name: values[0] for name, values in form.fields.items()}
    carried: dict[str, Any] = {"params": fields} if form.method == "get" else {"data": fields}
    return lin.session.request(form.method, form.action, **carried, **options, timeout=30)


def registration_link(said: list[str]) -> str:
    return next(line.strip() for line in said if "/lti/register/" in line)


def registered(url: str, link: str) -> Page:
    """Ines pastes the link under Tools and confirms in the frame; the page she ends on."""
    ines, frame = Visitor(), Visitor()
    ines.submit(ines.open(f"{url}/").form("/enter/"), person="ines")
    page = ines.submit(ines.open(f"{url}/tools/").form("/tools/register/"), url=link, how="update")
    return frame.submit(frame.open(page.frames[0]).form("/"))


def test_the_demo_serves_the_tool_and_a_pretend_lms_and_says_where_to_go(tmp_path):
    port = free_pair()
    database = f"sqlite:///{tmp_path / 'demo.sqlite3'}"
    with running("demo", PORT=str(port), DATABASE_URL=database) as shown:
        said: list[str] = []
        while "Ctrl-C" not in (said or [""])[-1]:
            said.append(shown.stdout.readline())
            assert said[-1], f"The demo left instead of saying its address: {said} {shown.stderr.read()}"
        assert f"http://localhost:{port + 1}/" in "".join(said)
        assert status_of(f"http://localhost:{port + 1}/") == 200
        assert status_of(f"http://127.0.0.1:{port}/.well-known/jwks.json") == 200
        assert "Registration renewed" in registered(f"http://localhost:{port + 1}", registration_link(said)).text
        assert opens_as_each_lms(f"http://localhost:{port + 1}") == [200] * 6
        assert set(children_of(shown)) == {"web", "worker", "sandbox"}

    assert (is_free(port), is_free(port + 1)) == (True, True)


def test_the_demo_is_refused_in_production():
    answer = manage_in_production("demo")

    assert answer.returncode == 1
    assert "never runs in production" in answer.stderr


def test_a_demo_on_a_taken_port_is_refused_in_words():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        with pytest.raises(CommandError, match=f"Port {port} or {port + 1} is taken"):
            call_command("demo", port=port)


def test_the_demo_keeps_to_a_place_of_its_own_unless_told_otherwise(monkeypatch, settings, tmp_path):
    settings.BASE_DIR = tmp_path
    for name in ("DATABASE_URL", "PUBLIC_URL", "LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    own = demo.surroundings(9000)

    assert own["DATABASE_URL"] == f"sqlite:///{tmp_path}/var/demo/demo.sqlite3"
    assert (own["PUBLIC_URL"], own["PORT"]) == ("http://127.0.0.1:9000", "9000")


def test_addresses_that_were_said_are_respected(monkeypatch, settings, tmp_path):
    settings.BASE_DIR = tmp_path
    monkeypatch.setenv("DATABASE_URL", "postgres://a:b@db.example/c")
    monkeypatch.setenv("PUBLIC_URL", "http://192.168.1.5:9000")
    own = demo.surroundings(9000)

    assert (own["DATABASE_URL"], own["PUBLIC_URL"]) == ("postgres://a:b@db.example/c", "http://192.168.1.5:9000")
