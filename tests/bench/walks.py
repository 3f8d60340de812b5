"""What a client does at each tool: the same number of requests, the same signed claims."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import requests

from tests.bench.platform import CLIENT_ID, Platform


def floor_launch(session: requests.Session, url: str, platform: Platform, sub: str) -> None:
    _ok(session.get(f"{url}/bare/"))
    token = platform.token(nonce="n", target=f"{url}/launch/", sub=sub)
    _ok(session.post(f"{url}/launch/", data={"id_token": token, "note": sub}))
    _ok(session.get(f"{url}/bare/"))


def floor_submit(session: requests.Session, url: str, platform: Platform, sub: str) -> None:
    """One request, one verification, one commit."""
    token = platform.token(nonce="n", target=f"{url}/launch/", sub=sub)
    _ok(session.post(f"{url}/launch/", data={"id_token": token, "note": sub}))


def bare_submit(session: requests.Session, url: str, sub: str) -> None:
    """One request, one commit."""
    _ok(session.post(f"{url}/commit/", data={"note": sub}))


def plain_launch(session: requests.Session, url: str, platform: Platform, sub: str) -> None:
    target = f"{url}/launch/"
    login = session.post(f"{url}/login/", data=initiation(platform, target, sub), allow_redirects=False)
    asked = parse_qs(urlsplit(login.headers["Location"]).query)
    token = platform.token(nonce=asked["nonce"][0], target=target, sub=sub)
    page = session.post(target, data={"id_token": token, "state": asked["state"][0]})
    if "Learner" not in _ok(page):
        raise RuntimeError("The plain tool did not launch.")


def byte_launch(session: requests.Session, url: str, platform: Platform, sub: str) -> tuple[str, str]:
    """Login, launch and the Byte's page; answers the page's address and its HTML."""
    target = f"{url}/lti/launch/"
    login = session.post(f"{url}/lti/login/", data=initiation(platform, target, sub), allow_redirects=False)
    if not (address := login.headers.get("Location", "")):
        address = continue_address(_ok(login))
    asked = parse_qs(urlsplit(address).query)
    token = platform.token(nonce=asked["nonce"][0], target=target, sub=sub)
    answer = session.post(target, data={"id_token": token, "state": asked["state"][0]}, allow_redirects=False)
    if answer.status_code != 303:
        raise RuntimeError(f"The launch was answered {answer.status_code}: {answer.text[:400]}")
    page = session.get(f"{url}{answer.headers['Location']}")
    return page.url.partition("#")[0], _ok(page)


def continue_address(page: str) -> str:
    """Where the login's page leads on by its link, for browsers that are new to us; "" if it has none."""
    found = re.search(r'id="continue"[^>]*href="([^"]+)"|href="([^"]+)"[^>]*id="continue"', page)
    return html.unescape(found[1] or found[2]) if found else ""


def byte_submit(session: requests.Session, page_url: str, page: str) -> None:
    """Answer the quiz as the page's own form would, without following the redirect."""
    form = re.search(r"<form[^>]*action=\"([^\"]*answer/[^\"]*)\".*?</form>", page, re.S)
    if not form:
        raise RuntimeError("The page has no answer form.")
    fields = dict(inputs(form[0], "hidden"))
    name, value = inputs(form[0], "radio")[0]
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(page_url))
    answer = session.post(
        f"{origin}{html.unescape(form[1])}",
        data={**fields, name: value},
        allow_redirects=False,
        headers={"Origin": origin},
    )
    if answer.status_code != 303:
        raise RuntimeError(f"The answer was answered {answer.status_code}: {answer.text[:400]}")


def inputs(form: str, kind: str) -> list[tuple[str, str]]:
    found = []
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r"([\w-]+)=\"([^\"]*)\"", tag))
        if attributes.get("type") == kind and "name" in attributes:
            found.append((attributes["name"], html.unescape(attributes.get("value", ""))))
    return found


def initiation(platform: Platform, target: str, sub: str) -> dict[str, str]:
    return {
        "iss": platform.issuer, "client_id": CLIENT_ID, "login_hint": sub, "target_link_uri": target,
        "lti_message_hint": '{"cmid":29,"launchid":"l26"}', "lti_deployment_id": "1",
    }  # fmt: skip


def _ok(answer: requests.Response) -> str:
    if answer.status_code != 200:
        raise RuntimeError(f"{answer.url} answered {answer.status_code}: {answer.text[:400]}")
    return answer.text
