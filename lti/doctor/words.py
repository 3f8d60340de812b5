"""The connection doctor's findings in plain words: what was looked at, what was found, what to do."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext as now_in_words
from django.utils.translation import gettext_lazy as _

from lti import addresses, products
from lti.doctor.causes import CAUSES, Cause
from lti.doctor.causes_by_product import BY_PRODUCT
from lti.doctor.visit import Finding
from lti.grades import advice
from lti.models import Registration

Words = str | Promise

VERDICTS: dict[str, Words] = {"ok": _("ok"), "look": _("look at"), "broken": _("broken"), "skipped": _("not checked")}

CHECKS: dict[str, Words] = {
    "state": _("Switched on"),
    "our_keys": _("Our keys, as the learning platform sees them"),
    "their_keys": _("The learning platform's keys, as we see them"),
    "login_page": _("The page where launches begin"),
    "clock": _("Both clocks"),
    "tokens": _("Access to services"),
    "token_scores": _("Permission to send grades"),
    "token_results": _("Permission to read grades"),
    "token_columns": _("Permission to make grade columns"),
    "token_columns_read": _("Permission to read grade columns"),
    "token_roster": _("Permission to read the roster"),
    "line_item": _("The grade column of the last activity"),
    "roster": _("The roster of the last course"),
    "deployments": _("Deployments"),
    "launches": _("Launches"),
    "grades": _("Grades"),
    "grades_failed": _("Grades that could not be sent"),
    "grades_changed": _("Grades that were changed there"),
}


def title(finding: Finding) -> str:
    return str(CHECKS.get(finding.check, finding.check))


def verdict(word: str) -> str:
    return str(VERDICTS.get(word, word))


def what(finding: Finding, registration: Registration, *, now: datetime) -> str:
    """What was found, in a sentence or two."""
    said = str(_cause(finding).what) % _facts(finding, registration, now=now)
    return said.strip()


def todo(finding: Finding, registration: Registration, *, now: datetime) -> str:
    """What to do about it, in the words of that LMS's own pages where they differ; "" if there is nothing to do."""
    if finding.verdict == "ok":
        return ""
    family = products.family(registration.product)
    words = BY_PRODUCT.get((family, finding.cause), _cause(finding).todo)
    return str(words) % _facts(finding, registration, now=now)


def report(registration: Registration, findings: list[Finding], *, overall: str, now: datetime) -> str:
    """All of it as text to send to somebody: no secrets, nothing about people."""
    family = products.NAMES.get(products.family(registration.product), registration.product or "LMS")
    lines = [
        now_in_words("Connection doctor: %(name)s (%(product)s): %(verdict)s")
        % {"name": registration.name, "product": family, "verdict": verdict(overall)},
        f"{registration.issuer} · {registration.uuid} · {now:%Y-%m-%d %H:%M} UTC",
        "",
    ]
    for finding in findings:
        lines.append(f"[{verdict(finding.verdict)}] {title(finding)}: {what(finding, registration, now=now)}")
        if advised := todo(finding, registration, now=now):
            lines.append("    → " + advised)
    return "\n".join(lines) + "\n"


def _cause(finding: Finding) -> Cause:
    """Findings are kept: another version of this service may have had other causes."""
    return CAUSES.get(finding.cause, CAUSES["from_another_version"])


def _facts(finding: Finding, registration: Registration, *, now: datetime) -> dict[str, Any]:
    """What the words may name; times become "5 minutes" and the like."""
    facts: dict[str, Any] = {
        "keyset_url": addresses.keyset_url(),
        "launch_url": addresses.launch_url(),
        "client_id": registration.client_id,
        "lms": products.NAMES.get(products.family(registration.product), now_in_words("the learning platform")),
        **finding.facts,
    }
    for name in ("at", "sent_at", "oldest"):
        if facts.get(name):
            facts[name] = _since(datetime.fromisoformat(facts[name]), now)
    if facts.get("error") == "":
        facts["error"] = now_in_words("no reason given")
    if "code" in facts:
        facts["advice"] = advice.for_teacher(facts["code"], registration.product)
    return facts


def _since(moment: datetime, now: datetime) -> str:
    is_fresh = now - moment < timedelta(minutes=1)
    return now_in_words("less than a minute") if is_fresh else timesince(moment, now)
