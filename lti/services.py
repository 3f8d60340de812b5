"""Calls to an LMS's services with a bearer token: line items, scores, the roster, groups."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import structlog
from django.db import DEFAULT_DB_ALIAS, connections

from lti import http, scopes, tokens
from lti.models import Context, Deployment, LineItem, Registration
from lti.outcomes import Outcome, ServiceProblem, Verdict, judge
from lti.paging import EndlessPages, header, joined, link, pages

LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
ROSTER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
GROUPS_TYPE = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
GROUP_SETS_TYPE = "application/vnd.ims.lti-gs.v1.contextgroupsetcontainer+json"

type Kept = dict[tuple[int, str], str]
"""Tokens by deployment and scopes, for as long as one piece of work takes."""

# A course larger than any; what comes beyond would only fill the memory.
MOST_MEMBERS = 50_000

log = structlog.get_logger("lti.services")


@dataclass(frozen=True)
class Services:
    """One deployment's services. `offered`: scopes of the newest launch; `hosts`: who may get our token (SEC-04)."""

    deployment: Deployment
    offered: Sequence[str]
    hosts: frozenset[str]
    now: datetime
    kept: Kept = field(default_factory=dict)

    @classmethod
    def of_line_item(cls, line_item: LineItem, *, now: datetime, kept: Kept | None = None) -> "Services":
        """For grades at one link. Hosts: the registration's own, and those that its signed launches named."""
        resource_link, deployment = line_item.resource_link, line_item.deployment
        signed = [resource_link.lineitems_url, line_item.url or ""]
        hosts = hosts_of(deployment.registration, signed)
        return cls(deployment, resource_link.ags_scopes, hosts, now, {} if kept is None else kept)

    @classmethod
    def of_context(cls, context: Context, *, now: datetime) -> "Services":
        """For the roster and groups of a course: their claims name no scopes, being there they are offered."""
        signed = [context.memberships_url, context.groups_url, context.group_sets_url]
        hosts = hosts_of(context.deployment.registration, signed)
        return cls(context.deployment, [scopes.ROSTER_READ, scopes.GROUPS_READ], hosts, now)

    def may_call(self, url: str) -> bool:
        try:
            return urlsplit(url).hostname in self.hosts
        except ValueError:
            return False

    def call(
        self,
        method: str,
        url: str,
        *,
        wants: Sequence[str],
        accept: str = "",
        content_type: str = "",
        content: Mapping[str, Any] | None = None,
    ) -> http.Answer:
        """One call; after a 401 once more with a new token (AGS-05). Any other status is the caller's to read.

        `wants`: scopes, any of which will do; those not offered are not asked for (AGS-03). Raises ServiceProblem.
        """
        asked = sorted(set(wants) & set(self.offered))
        if not asked:
            raise ServiceProblem.final("scope_missing")
        if not self.may_call(url):
            raise ServiceProblem.final("address_refused")
        headers = {name: value for name, value in {"Accept": accept, "Content-Type": content_type}.items() if value}
        data = None if content is None else json.dumps(content).encode()
        for _ in range(2):
            token = self._token(asked)
            answer = self._request(method, url, {**headers, "Authorization": f"Bearer {token}"}, data)
            if answer.status != 401:
                return answer
            self.kept.pop((self.deployment.pk, " ".join(asked)), None)
            tokens.drop(self.deployment, asked, token)
        raise ServiceProblem.retry("unauthorized", 401)

    def _token(self, asked: Sequence[str]) -> str:
        key = (self.deployment.pk, " ".join(asked))
        token = self.kept.get(key) or tokens.bearer(self.deployment, asked, now=self.now)
        self.kept[key] = token
        return token

    def _request(self, method: str, url: str, headers: dict[str, str], data: bytes | None) -> http.Answer:
        _let_go()
        try:
            return http.request(method, url, headers=headers, data=data, allow_hosts=self.hosts)
        except http.Unreachable as problem:
            log.warning("lti.service_unreachable", deployment=self.deployment.pk, cause=str(problem))
            if str(problem) in {"host not allowed", "address refused"}:
                raise ServiceProblem.final("address_refused") from problem
            raise ServiceProblem.retry("unreachable", is_strike=True) from problem

    def read(self, url: str, *, wants: Sequence[str], accept: str) -> "JsonPage":
        """GET one page of JSON. Raises ServiceProblem for anything else."""
        answer = self.call("GET", url, wants=wants, accept=accept)
        outcome = judge(answer.status, answer.headers, answer.body, now=self.now)
        if outcome.verdict is not Verdict.SENT:
            raise ServiceProblem(outcome)
        return JsonPage(answer.headers, parsed(answer))

    def read_all(self, url: str, *, wants: Sequence[str], accept: str) -> Iterator["JsonPage"]:
        """Every page, one after the other (AGS-16). Raises ServiceProblem, also half-way through."""
        try:
            yield from pages(lambda page_url: self.read(page_url, wants=wants, accept=accept), url)
        except EndlessPages as problem:
            raise ServiceProblem.retry("bad_answer") from problem


def _let_go() -> None:
    """Give the connection back to PostgreSQL's pool: while an LMS makes up its mind, others can use it."""
    connection = connections[DEFAULT_DB_ALIAS]
    is_pooled = connection.settings_dict["OPTIONS"].get("pool")
    if connection.connection is not None and is_pooled and not connection.in_atomic_block:
        connection.close()


@dataclass(frozen=True)
class JsonPage:
    headers: Mapping[str, str]
    body: Any

    def rows(self, name: str = "") -> list[dict[str, Any]]:
        """The objects in the list, or in the list under `name`. Raises ServiceProblem when there is no list."""
        found = self.body
        if name:
            found = self.body.get(name) if isinstance(self.body, dict) else None
        if not isinstance(found, list):
            raise ServiceProblem.retry("bad_answer")
        return [row for row in found if isinstance(row, dict)]


@dataclass(frozen=True)
class Member:
    """One person of a course as the roster service tells (NRPS-04). `roles` are as they came: short names or URIs."""

    user_id: str
    roles: tuple[str, ...]
    status: str
    name: str
    email: str
    group_ids: tuple[str, ...] | None = None
    """None: the LMS said nothing of groups (NRPS-08)."""


@dataclass(frozen=True)
class Roster:
    """All members, and where to ask later for the differences ("" when the LMS has no such thing, NRPS-03)."""

    members: tuple[Member, ...]
    differences_url: str


def roster(
    services: Services,
    memberships_url: str,
    *,
    role: str = "",
    resource_link_id: str = "",
    limit: int = 0,
    with_groups: bool = False,
) -> Roster:
    """Everybody in the course, all pages or nothing (NRPS-07). Raises ServiceProblem.

    `limit` is a hint for the size of a page. An LMS that does not know the link is asked for the course (NRPS-05).
    """
    wanted = {"role": role, "rlid": resource_link_id, "limit": str(limit or ""), "groups": "true" * with_groups}
    url = with_query(memberships_url, **{name: value for name, value in wanted.items() if value})
    try:
        return members(services, url)
    except ServiceProblem as problem:
        status = problem.outcome.status or 0
        if not resource_link_id or not 400 <= status < 500 or problem.outcome.verdict is Verdict.RETRY:
            raise
    return roster(services, memberships_url, role=role, limit=limit, with_groups=with_groups)


def members(services: Services, url: str) -> Roster:
    """The members on all pages from this address on, which is taken as it is. Raises ServiceProblem."""
    found, differences = [], ""
    for page in services.read_all(url, wants=[scopes.ROSTER_READ], accept=ROSTER_TYPE):
        found += [_member(row) for row in page.rows("members") if row.get("user_id")]
        if len(found) > MOST_MEMBERS:
            raise ServiceProblem.final("roster_too_large")
        differences = link(header(page.headers, "Link"), "differences") or differences
    try:
        return Roster(tuple(found), joined(url, differences) if differences else "")
    except EndlessPages:
        return Roster(tuple(found), "")


def _member(row: dict[str, Any]) -> Member:
    listed = row.get("roles")
    return Member(
        user_id=str(row["user_id"]),
        roles=tuple(str(role) for role in listed) if isinstance(listed, list) else (),
        status=str(row.get("status") or "Active"),
        name=str(row.get("name") or ""),
        email=str(row.get("email") or ""),
        group_ids=_group_ids(row),
    )


def _group_ids(row: dict[str, Any]) -> tuple[str, ...] | None:
    listed = row.get("group_enrollments")
    if not isinstance(listed, list):
        return None
    return tuple(str(entry["group_id"]) for entry in listed if isinstance(entry, dict) and entry.get("group_id"))


@dataclass(frozen=True)
class Group:
    id: str
    name: str
    tag: str
    set_id: str


def groups(services: Services, groups_url: str, *, user_id: str = "") -> list[Group]:
    """The course's groups, or those of one person (OTH-11)."""
    url = with_query(groups_url, **({"user_id": user_id} if user_id else {}))
    found = services.read_all(url, wants=[scopes.GROUPS_READ], accept=GROUPS_TYPE)
    names = ("id", "name", "tag", "set_id")
    return [Group(*(str(row.get(name) or "") for name in names)) for page in found for row in page.rows("groups")]


def group_sets(services: Services, sets_url: str) -> dict[str, str]:
    """Names of the sets of groups, by id (OTH-11)."""
    found = services.read_all(sets_url, wants=[scopes.GROUPS_READ], accept=GROUP_SETS_TYPE)
    return {str(row.get("id") or ""): str(row.get("name") or "") for page in found for row in page.rows("sets")}


def parsed(answer: http.Answer) -> Any:
    """The JSON in an answer, whatever content type it claims. Raises ServiceProblem."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as problem:
        raise ServiceProblem(Outcome(Verdict.RETRY, "bad_answer", answer.status)) from problem


def hosts_of(registration: Registration, signed_urls: Sequence[str]) -> frozenset[str]:
    """Hosts that may see a token of this registration: its own, and those its signed launches named (AGS-06)."""
    own = [registration.issuer, registration.auth_login_url, registration.auth_token_url, registration.jwks_url]
    found = (urlsplit(url).hostname for url in (*own, *signed_urls))
    return frozenset(host for host in found if host)


def with_path(url: str, ending: str) -> str:
    """`ending` after the path and before the query, as line item services want it (AGS-14)."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{ending}"))


def with_query(url: str, **parameters: str) -> str:
    """The parameters behind those that the address has already."""
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(parameters)) if part)
    return urlunsplit(parts._replace(query=query))
