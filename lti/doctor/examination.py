"""The connection doctor: looks at one LMS from all sides and names the cause of what is wrong.

    for finding in doctor.examine(registration, now=timezone.now()): ...

Changes nothing at the LMS and keeps no token. Findings are codes and facts, no secrets, nothing about people;
`words` says them. Every request has short patience, and the whole visit ends in time: what isn't reached by
then is not checked.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import structlog

from lti import health
from lti.doctor import keys as doctor_keys
from lti.doctor import records as doctor_records
from lti.doctor import services as doctor_services
from lti.doctor.visit import Finding, Verdict, Visit
from lti.models import Registration

log = structlog.get_logger("lti.doctor")

# In this order: a broken clock or key explains refused tokens, refused tokens explain unread columns.
CHECKS: dict[str, Callable[[Visit], Iterable[Finding]]] = {
    "state": doctor_records.state,
    "our_keys": doctor_keys.ours,
    "their_keys": doctor_keys.theirs,
    "login_page": doctor_keys.login_page,
    "clock": doctor_keys.clock,
    "tokens": doctor_services.access,
    "line_item": doctor_services.line_item,
    "roster": doctor_services.roster,
    "deployments": doctor_records.deployments,
    "launches": doctor_records.launches,
    "grades": doctor_records.grades,
}
_WORST_FIRST: tuple[Verdict, ...] = ("broken", "look")


def examine(registration: Registration, *, now: datetime) -> Iterator[Finding]:
    """Finding after finding, as they come. Never raises for anything that the LMS could cause."""
    visit = Visit.at(registration, now=now)
    for name, check in CHECKS.items():
        try:
            yield from check(visit)
        except Exception:
            log.exception("lti.doctor_stumbled", registration=registration.pk, check=name)
            yield Finding(name, "look", "doctor_stumbled")


def conclude(registration: Registration, findings: Iterable[Finding], *, now: datetime) -> Verdict:
    """The verdict on the connection. Where grades may be sent again, none waits for the end of a pause any longer."""
    found = list(findings)
    if any(finding.check == "token_scores" and finding.verdict == "ok" for finding in found):
        health.lift(registration, now=now)
    return worst(found)


def worst(findings: Iterable[Finding]) -> Verdict:
    """Of all of them: the verdict on the connection. What couldn't be checked makes a healthy one no worse."""
    found = {finding.verdict for finding in findings}
    return next((each for each in _WORST_FIRST if each in found), "ok")
