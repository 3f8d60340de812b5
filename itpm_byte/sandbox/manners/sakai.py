"""Sakai, as its own source and its tool authors tell."""

from dataclasses import dataclass
from typing import Any

from itpm_byte.sandbox.manners.manner import CLAIM, Manner, presentation
from itpm_byte.sandbox.store import ASSISTANT, LEARNER, TEACHER, Course, Enrolment, Link, Person, Store


@dataclass(frozen=True, kw_only=True)
class Sakai(Manner):
    """Simple role names (OK-03, OTH-02), login parameters of its own (CORE-02), storage in the parent (CK-19), next
    pages with an unquoted rel (AGS-16), plain words for a refusal."""

    name: str = "sakai"
    title: str = "Sakai"
    product: str = "sakai"
    version: str = "25.1"
    client_id: str = "85fd092e-1755-4aa9-8abc-e6549527dce0"
    refuses_in: str = "text"
    page_length: int = 4
    link_form: str = "unquoted"
    score_answer: str = "nothing"

    def line_items_url(self, url: str, course: Course, deployment_id: str) -> str:
        return f"{url}/imsblis/lti13/lineitems/{course.id}"

    def roster_url(self, url: str, course: Course, deployment_id: str) -> str:
        return f"{url}/imsblis/lti13/namesandroles/{course.id}"

    def roles(self, person: Person, enrolment: Enrolment | None) -> list[str]:
        if person.is_admin:
            return ["Administrator"]
        held = {TEACHER: "Instructor", ASSISTANT: "Instructor#TeachingAssistant", LEARNER: "Learner"}
        return [held[enrolment.role if enrolment else LEARNER]]

    def short_roles(self, person: Person, enrolment: Enrolment) -> list[str]:
        return self.roles(person, enrolment)

    def extra_claims(self, store: Store, person: Person, link: Link, url: str) -> dict[str, Any]:
        return {
            CLAIM + "lis": {"person_sourcedid": person.key, "course_offering_sourcedid": link.course},
            CLAIM + "launch_presentation": presentation(person, link, url) | {"css_url": f"{url}/library/tool.css"},
            CLAIM + "ext": {"sakai_launch_presentation_css_url_list": "", "sakai_academic_session": "OTHER"},
            CLAIM + "lti1p1": {"user_id": person.key},
        }

    def extra_login_fields(self, deployment_id: str) -> dict[str, str]:
        return {"lti_storage_target": "_parent", "lti1p3_version": "sakai", "is_private": ""}
