"""Blackboard Learn, as its developer pages and its tool authors tell."""

import uuid
from dataclasses import dataclass
from typing import Any

from itpm_byte.sandbox.manners.manner import CLAIM, INSTITUTION, Manner, presentation
from itpm_byte.sandbox.store import ASSISTANT, LEARNER, TEACHER, Course, Enrolment, LineItem, Link, Person, Store

URN = "urn:lti:role:ims/lis/"
PORTAL = "d9b7a6c2-3f1e-4b58-9a70-2c6e8f4d1b03"  # of the vendor's portal, not of the tool


@dataclass(frozen=True, kw_only=True)
class Blackboard(Manner):
    """One issuer and client for all institutions (CORE-04, CORE-41), login by GET (CORE-01), RS512 (CORE-13).

    A foreign azp (CORE-18), variables without a value sent raw (CORE-30), roles as URN (OK-14), mixed-case addresses
    and cursors (AGS-16), columns that it does not bind to links (AGS-18).
    """

    name: str = "blackboard"
    title: str = "Blackboard"
    product: str = "BlackboardLearn"
    version: str = "3900.98.0"
    client_id: str = "6a1c0d52-77e8-4f0a-b1d2-90e4c3a8f7b5"
    deployment_id: str = "b46f2a31-5c0d-4e29-8f17-d3a95b60c7e8"
    login_method: str = "get"
    signing_algorithm: str = "RS512"
    has_foreign_azp: bool = True
    refuses_in: str = "message"
    page_length: int = 5
    link_form: str = "cursor"
    score_answer: str = "nothing"
    drops_comment_of_one: bool = True
    binds_new_items: bool = False
    refuses_id_in_put: bool = True
    has_groups: bool = True
    leaves_empty_variables: bool = True

    def issuer(self, url: str) -> str:
        return "https://blackboard.example"

    def identifier(self, kind: str, number: int) -> str:
        if kind == "link":
            return f"_{number}_1"
        return uuid.uuid5(uuid.NAMESPACE_URL, f"itpm-byte-sandbox/{kind}/{number}").hex

    def line_items_url(self, url: str, course: Course, deployment_id: str) -> str:
        return f"{url}/learn/api/v1/lti/courses/{course.id}/lineItems"

    def line_item_url(self, url: str, course: Course, item: LineItem, deployment_id: str) -> str:
        return f"{self.line_items_url(url, course, deployment_id)}/_{item.id}_1"

    def roster_url(self, url: str, course: Course, deployment_id: str) -> str:
        return f"{url}/learn/api/v1/lti/external/namesandroles/{course.id}"

    def roles(self, person: Person, enrolment: Enrolment | None) -> list[str]:
        if person.is_admin:
            return [INSTITUTION + "Administrator"]
        held = {TEACHER: "Instructor", ASSISTANT: "Instructor/TeachingAssistant", LEARNER: "Learner"}
        role = enrolment.role if enrolment else LEARNER
        return [INSTITUTION + ("Student" if role == LEARNER else "Faculty"), URN + held[role]]

    def short_roles(self, person: Person, enrolment: Enrolment) -> list[str]:
        return self.roles(person, enrolment)[1:]

    def custom(self, link: Link) -> dict[str, str]:
        return {**link.custom, "context_history": "$Context.id.history", "due": "$ResourceLink.submission.endDateTime"}

    def extra_claims(self, store: Store, person: Person, link: Link, url: str) -> dict[str, Any]:
        return {
            "azp": PORTAL,
            "locale": f"{person.language}-US",
            CLAIM + "lis": {"person_sourcedid": "", "course_section_sourcedid": link.course},
            CLAIM + "launch_presentation": presentation(person, link, url),
        }

    def extra_login_fields(self, deployment_id: str) -> dict[str, str]:
        return {"lti_storage_target": "lti_storage_frame"}
