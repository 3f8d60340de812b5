"""Does the LMS let us in, and to what: a token per scope, the grade column, the roster (AGS-01 … AGS-15, NRPS-01)."""

import json
import re
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from lti import http, scopes, tokens
from lti.doctor.keys import NOTABLE_SKEW
from lti.doctor.visit import MOVED, PATIENCE, Finding, NoAnswer, Visit
from lti.services import LINE_ITEM_TYPE, ROSTER_TYPE, hosts_of, with_query

# Scopes by the name of their check.
NAMES = {
    scopes.SCORE: "token_scores",
    scopes.RESULT_READ: "token_results",
    scopes.LINEITEM: "token_columns",
    scopes.LINEITEM_READ: "token_columns_read",
    scopes.ROSTER_READ: "token_roster",
}
ABOUT_SCOPES = {"token_granted", "token_not_granted", "token_scope_refused"}
_AUDIENCE = re.compile(r"\baud(ience)?\b", re.IGNORECASE)
_CLOCK = re.compile(r"\b(iat|nbf|exp|expired|in the future|prior to)\b", re.IGNORECASE)
_GONE = {404, 410}
_FORBIDDEN = {401, 403}


def access(visit: Visit) -> Iterator[Finding]:
    """A token for each scope by itself: LMSs refuse all for one, or silently leave some out (AGS-03).

    What isn't about the scope would be the same for the next one: it is said once, and nothing more is asked.
    """
    for scope, name in NAMES.items():
        if scope in visit.offered:
            finding = _token(visit, scope, name)
            if finding.cause not in ABOUT_SCOPES:
                yield replace(finding, check="tokens")
                return
            yield finding
        elif scope == scopes.SCORE:
            yield Finding(name, "look", "scores_not_offered")


def _token(visit: Visit, scope: str, name: str) -> Finding:
    registration = visit.registration
    assert visit.deployment is not None
    host = urlsplit(registration.auth_token_url).netloc
    facts: dict[str, Any] = {"host": host}
    try:
        visit.check_time(host)
        answer = tokens.request(visit.deployment, [scope], now=visit.moment(), patience=PATIENCE)
    except http.Unreachable as problem:
        return visit.silence(host, problem).as_finding(name, "broken", facts, about="token")
    except NoAnswer as no_answer:
        return no_answer.as_finding(name, "broken", facts, about="token")
    visit.hear(answer)
    return _judge(visit, scope, name, answer, facts | {"status": answer.status})


def _judge(visit: Visit, scope: str, name: str, answer: http.Answer, facts: dict[str, Any]) -> Finding:
    said = _object(answer)
    token, granted = said.get("access_token"), said.get("scope")
    if 200 <= answer.status < 300 and isinstance(token, str) and token:
        if isinstance(granted, str) and granted and scope not in granted.split():
            return Finding(name, "broken", "token_not_granted", facts)
        visit.tokens[scope] = token
        return Finding(name, "ok", "token_granted", facts)
    if answer.status == 429:
        return Finding(name, "look", "rate_limited", facts)
    if answer.status in MOVED:
        return Finding(name, "broken", "token_moved", facts)
    if not said:
        is_html = answer.body.lstrip()[:1] == b"<"
        return Finding(name, "broken", "token_html" if is_html else "token_nonsense", facts)
    error = str(said.get("error", ""))
    words = f"{error} {said.get('error_description', '')}"
    facts = facts | {"error": re.sub(r"[^a-z_]", "", error)[:40]}
    return Finding(name, "broken", _cause(visit, error, words), facts)


def _cause(visit: Visit, error: str, words: str) -> str:
    """Which of the many reasons for a refusal it is."""
    if error == "invalid_scope":
        return "token_scope_refused"
    if _AUDIENCE.search(words):
        return "token_audience"
    is_skewed = visit.skew is not None and abs(visit.skew) >= NOTABLE_SKEW
    if is_skewed or _CLOCK.search(words):
        return "token_clock"
    return "token_client_refused" if error in {"invalid_client", "unauthorized_client"} else "token_refused"


def line_item(visit: Visit) -> Iterator[Finding]:
    """The grade column of the last known link."""
    link, column = visit.link, visit.line_item
    if link is None:
        yield Finding("line_item", "skipped", "no_link_yet")
        return
    if column is None or not column.url:
        is_possible = column is not None and column.takes_scores
        yield Finding("line_item", "ok" if is_possible else "look", "column_to_come" if is_possible else "no_column")
        return
    read = [scope for scope in (scopes.LINEITEM_READ, scopes.LINEITEM) if scope in visit.offered]
    if not read:
        yield Finding("line_item", "skipped", "column_not_readable")
        return
    token = next((visit.tokens[scope] for scope in read if scope in visit.tokens), "")
    answer = yield from _read(visit, "line_item", column.url, token, LINE_ITEM_TYPE)
    if answer is None:
        return
    facts = {"status": answer.status}
    said = _object(answer)
    bound_to = said.get("resourceLinkId")
    if answer.status in _GONE:
        yield Finding("line_item", "broken", "column_gone", facts)
    elif answer.status in _FORBIDDEN:
        yield Finding("line_item", "broken", "column_forbidden", facts)
    elif answer.status != 200 or not said:
        yield Finding("line_item", "broken", "column_nonsense", facts)
    elif bound_to and str(bound_to) != link.resource_link_id:
        yield Finding("line_item", "look", "column_of_another_link", facts)
    else:
        yield Finding("line_item", "ok", "column_read", facts)


def roster(visit: Visit) -> Iterator[Finding]:
    """The roster of the last known course; one member is enough."""
    context = visit.context
    if visit.link is None:
        yield Finding("roster", "skipped", "no_link_yet")
        return
    if context is None or not context.memberships_url:
        yield Finding("roster", "look", "roster_not_offered")
        return
    url = with_query(context.memberships_url, limit="1")
    answer = yield from _read(visit, "roster", url, visit.tokens.get(scopes.ROSTER_READ, ""), ROSTER_TYPE)
    if answer is None:
        return
    facts = {"status": answer.status}
    if answer.status in _FORBIDDEN:
        yield Finding("roster", "broken", "roster_forbidden", facts)
    elif answer.status in _GONE:
        yield Finding("roster", "broken", "roster_gone", facts)
    elif answer.status != 200 or not isinstance(_object(answer).get("members"), list):
        yield Finding("roster", "broken", "roster_nonsense", facts)
    else:
        yield Finding("roster", "ok", "roster_read", facts)


def _read(visit: Visit, name: str, url: str, token: str, accept: str) -> Generator[Finding, None, http.Answer | None]:
    """The answer, or None with a finding that says why there is none."""
    if not token:
        yield Finding(name, "skipped", "no_token")
        return None
    allowed = hosts_of(visit.registration, visit.signed_urls)
    headers = {"Accept": accept, "Authorization": f"Bearer {token}"}
    try:
        answer = visit.ask("GET", url, headers=headers, allow_hosts=allowed)
    except NoAnswer as problem:
        yield problem.as_finding(name, "broken", {"host": urlsplit(url).netloc}, about="service")
        return None
    if answer.status == 429:
        yield Finding(name, "look", "rate_limited", {"status": 429})
        return None
    return answer


def _object(answer: http.Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
