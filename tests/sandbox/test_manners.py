"""The six LMSs that the sandbox plays: chosen on the start page, kept apart, each strict in its own way."""

import jwt
import pytest
import requests

from itpm_byte.sandbox.manners import CLAIM, LINEITEM_READ_SCOPE, MANNERS, NRPS_CLAIM, ROSTER_SCOPE
from itpm_byte.sandbox.server import SandboxServer, first_form

NAMES = ["moodle", "canvas", "blackboard", "d2l", "sakai", "openedx"]


@pytest.fixture(scope="module")
def server(running_tool):
    with SandboxServer(running_tool.url) as lms:
        yield lms


@pytest.fixture
def changing(server, tool):
    """One sandbox that plays whatever is wanted, on its first day as Moodle."""
    server.play("moodle", tool.url)
    tool.lms = server
    return server


def test_all_six_can_be_played():
    assert list(MANNERS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_has_names_of_its_own_and_the_same_people(changing, name):
    changing.play(name)
    manner = MANNERS[name]
    assert changing.issuer == manner.issuer(changing.url)
    assert (changing.client_id, changing.deployment_id) == (manner.client_id, manner.deployment_id)
    assert changing.store.person("lin")["id"] == manner.identifier("person", 5)
    claims = changing.claims("lin", "careers", nonce="n")
    assert claims["exp"] - claims["iat"] == manner.lifetime
    assert claims[CLAIM + "deployment_id"] == changing.deployment_id


@pytest.mark.parametrize("name", NAMES)
def test_launches_are_signed_by_a_key_that_is_published(changing, name):
    changing.play(name)
    token = changing.id_token("lin", "careers", nonce="n")
    (key,) = requests.get(changing.jwks_url, timeout=20).json()["keys"]
    assert ("alg" in key) == MANNERS[name].jwks_names_algorithm
    verified = jwt.decode(
        token, jwt.PyJWK(key, algorithm=changing.algorithm).key, algorithms=[changing.algorithm],
        audience=changing.client_id,
    )  # fmt: skip
    assert verified["nonce"] == "n"


def test_the_start_page_changes_the_lms_and_says_which_it_is(changing):
    with requests.Session() as browser:
        page = browser.get(changing.url, timeout=20)
        assert "Now it behaves like Moodle" in page.text
        form = first_form(browser, page)
        form.url = f"{changing.url}/manner/"
        assert "Now it behaves like D2L Brightspace" in form.post(manner="d2l").text
        assert form.post(manner="myown").status_code == 400


def test_each_keeps_its_own_state_over_a_restart(tool, tmp_path):
    with SandboxServer(tool.url, state=tmp_path / "lms.json") as lms:
        lms.store.change_grade("lin", "careers", score=4)
        with requests.Session() as browser:
            form = first_form(browser, browser.get(lms.url, timeout=20))
            form.url = f"{lms.url}/manner/"
            form.post(manner="canvas")
            assert lms.store.grade("lin", "careers") is None
            lms.store.change_grade("lin", "careers", score=7)
            form.post(manner="moodle")
            assert lms.store.grade("lin", "careers")["score"] == 4
        lms.stop()
        lms.start()
        assert lms.store.grade("lin", "careers")["score"] == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lms-canvas.json", "lms.json"]


def token_for(tool, lms, audience):
    return tool.ask_token(tool.assertion(aud=audience), scopes=[ROSTER_SCOPE, LINEITEM_READ_SCOPE])


def test_brightspace_wants_its_own_audience_as_one_string(changing, tool):
    """AGS-02."""
    changing.play("d2l", tool.url)
    assert changing.audience == "https://api.brightspace.example/auth/token"
    assert token_for(tool, changing, changing.token_url).status_code == 400
    assert token_for(tool, changing, [changing.audience]).status_code == 400
    assert token_for(tool, changing, changing.audience).status_code == 200


ROSTER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
FORMS = {
    "canvas": '; rel="next"',
    "blackboard": '>; rel="next"',
    "d2l": '>; title="next page"; rel="next"',
    "sakai": ">; rel=next",
    "openedx": '&page=2>; rel="next"',
}


def members(lms, url, bearer):
    headers = {
        "Accept": "application/vnd.ims.lti-nrps.v2.membershipcontainer+json",
        "Authorization": f"Bearer {bearer}",
    }
    return requests.get(url, headers=headers, timeout=20)


@pytest.mark.parametrize("name", FORMS)
def test_the_next_page_is_named_as_this_lms_does(changing, tool, name):
    """AGS-16."""
    changing.play(name, tool.url)
    bearer = token_for(tool, changing, changing.audience or changing.token_url).json()["access_token"]
    url = changing.claims("ada", "careers", nonce="n")[NRPS_CLAIM]["context_memberships_url"]
    assert FORMS[name] in members(changing, f"{url}?limit=3", bearer).headers["Link"]


def test_a_cursor_in_lower_case_is_another_cursor(changing, tool):
    """AGS-16: clients that lower-case the address get nothing."""
    changing.play("blackboard", tool.url)
    bearer = token_for(tool, changing, changing.token_url).json()["access_token"]
    url = changing.claims("ada", "careers", nonce="n")[NRPS_CLAIM]["context_memberships_url"]
    link = members(changing, f"{url}?limit=3", bearer).links["next"]["url"]
    assert members(changing, link, bearer).status_code == 200
    path, _, query = link.partition("?")
    assert members(changing, f"{path}?{query.lower()}", bearer).status_code == 400
