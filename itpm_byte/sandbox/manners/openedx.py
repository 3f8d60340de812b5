"""Open edX, as its own code does it (tests/contract runs that code)."""

import uuid
from dataclasses import dataclass
from typing import Any

from itpm_byte.sandbox.manners.manner import (
    CLAIM,
    COURSE_OFFERING,
    INSTITUTION,
    LINEITEM_SCOPE,
    MEMBERSHIP,
    ROSTER_SCOPE,
    SYSTEM,
    Manner,
)
from itpm_byte.sandbox.store import ASSISTANT, LEARNER, TEACHER, Course, Enrolment, Link, Person, Store

RUN = "School+CAREERS{}+2026"


@dataclass(frozen=True, kw_only=True)
class OpenEdx(Manner):
    """Login by GET, keys without `alg`, links without a title (OK-16), no return address (OK-15).

    Columns that the tool can only read, whole maxima (AGS-18), 400 for a score it already has, results of everybody.
    """

    name: str = "openedx"
    title: str = "Open edX"
    product: str = ""  # its launches do not say; whoever registers it does
    version: str = ""
    client_id: str = "f1a9d3c7-0b6e-47d2-9c85-3e2f7a4b1d60"
    login_method: str = "get"
    jwks_names_algorithm: bool = False
    checks_audience: bool = False
    drops_unknown_scopes: bool = True
    refuses_in: str = "detail"
    link_form: str = "page number"
    score_answer: str = "score"
    filters_results: bool = False
    wants_whole_maximum: bool = True

    def identifier(self, kind: str, number: int) -> str:
        if kind == "course":
            return "course-v1:" + RUN.format(number)
        if kind == "link":
            block = uuid.uuid5(uuid.NAMESPACE_URL, f"itpm-byte-sandbox/{kind}/{number}").hex
            return f"block-v1:{RUN.format(2)}+type@lti_consumer+block@{block}"
        return super().identifier(kind, number)

    def line_items_url(self, url: str, course: Course, deployment_id: str) -> str:
        return f"{url}/api/lti_consumer/v1/lti/{course.key}/lti-ags"

    def roster_url(self, url: str, course: Course, deployment_id: str) -> str:
        return f"{url}/api/lti_consumer/v1/lti/{course.key}/memberships"

    def hint(self, link: Link, secret: str) -> str:
        return secret

    def roles(self, person: Person, enrolment: Enrolment | None) -> list[str]:
        if person.is_admin:
            return [SYSTEM + "Administrator", INSTITUTION + "Staff", *self._in_course(TEACHER)]
        return [SYSTEM + "None", INSTITUTION + "None", *self._in_course(enrolment.role if enrolment else LEARNER)]

    @staticmethod
    def _in_course(role: str) -> list[str]:
        held = {
            TEACHER: ["#Administrator", "#Instructor"],
            ASSISTANT: ["#Learner", "/Instructor#TeachingAssistant"],
            LEARNER: ["#Learner"],
        }
        return [MEMBERSHIP + ending for ending in held[role]]

    def short_roles(self, person: Person, enrolment: Enrolment) -> list[str]:
        return self._in_course(enrolment.role)

    def context(self, course: Course) -> dict[str, Any]:
        return {"id": course.id, "type": [COURSE_OFFERING], "title": f"{course.title} - School", "label": course.id}

    def resource_link(self, link: Link) -> dict[str, Any]:
        return {"id": link.id}

    def offered(self, scopes: list[str]) -> list[str]:
        return [scope for scope in scopes if scope not in {ROSTER_SCOPE, LINEITEM_SCOPE}]

    def extra_claims(self, store: Store, person: Person, link: Link, url: str) -> dict[str, Any]:
        return {
            "azp": store.registration.client_id,
            "preferred_username": person.key,
            "given_name": None,
            "family_name": None,
            CLAIM + "launch_presentation": {"document_target": "iframe"},
        }
