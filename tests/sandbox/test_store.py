"""The state file outlives a restart."""

import json
import stat

import requests

from itpm_byte.sandbox.server import SandboxServer


def test_people_grades_and_the_signing_key_outlive_a_restart(tool, tmp_path):
    state = tmp_path / "kept" / "state.json"
    with SandboxServer(tool.url, state=state) as first:
        tool.lms = first
        tool.send_score()
        first.store.enrol("max", "careers")
        kept, key = first.store.all(), requests.get(first.jwks_url, timeout=20).json()
    with SandboxServer(tool.url, state=state) as second:
        assert second.store.all() == kept
        assert requests.get(second.jwks_url, timeout=20).json() == key


def test_a_reset_is_kept_too_and_the_key_with_it(tool, tmp_path):
    state = tmp_path / "state.json"
    with SandboxServer(tool.url, state=state) as first:
        tool.lms = first
        tool.send_score()
        first.rotate_keys()
        first.reset()
        key = requests.get(first.jwks_url, timeout=20).json()
    with SandboxServer(tool.url, state=state) as second:
        assert second.store.grade("lin", "careers") is None
        assert requests.get(second.jwks_url, timeout=20).json() == key


def test_the_tools_address_is_todays(tool, tmp_path):
    state = tmp_path / "state.json"
    with SandboxServer("http://127.0.0.1:1", state=state, client_id="kept"):
        pass
    with SandboxServer(tool.url, state=state) as lms:
        assert lms.store.registration["login_url"] == f"{tool.url}/lti/login/"
        assert lms.client_id == "kept"


def test_the_state_file_is_whole_json_for_its_owner_alone(tool, tmp_path):
    state = tmp_path / "state.json"
    with SandboxServer(tool.url, state=state) as lms:
        lms.store.enrol("max", "careers")
        assert json.loads(state.read_text())["enrolments"]["careers:max"]["role"] == "learner"
        assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
