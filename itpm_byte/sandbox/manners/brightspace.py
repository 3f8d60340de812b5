"""D2L Brightspace, as its knowledge base and its tool authors tell."""

from dataclasses import dataclass
from typing import Any

from itpm_byte.sandbox.manners.manner import CLAIM, INSTITUTION, MEMBERSHIP, Manner, institution_role, presentation
from itpm_byte.sandbox.store import ASSISTANT, LEARNER, TEACHER, Course, Enrolment, Link, Person, Store

DEPRECATED = "http://purl.imsglobal.org/vocab/lis/v2/person#"


@dataclass(frozen=True, kw_only=True)
class Brightspace(Manner):
    """An audience of its own, one string only (AGS-02), keys without `alg` (CORE-14), `aud` as a list (CORE-17).

    History of copies (OTH-07), roles also in the deprecated vocabulary (OTH-02), links with a parameter before `rel`.
    """

    name: str = "d2l"
    title: str = "D2L Brightspace"
    product: str = "desire2learn"
    version: str = "20.26.11"
    client_id: str = "4f0b7f9e-6a3d-4d5c-8b21-1e97c6a0d4f2"
    deployment_id: str = "c1d7b8a4-92f3-45e6-b0a8-77d21f6e3c59"
    jwks_names_algorithm: bool = False
    audience: str = "https://api.brightspace.example/auth/token"
    refuses_in: str = "brightspace"
    page_length: int = 4
    link_form: str = "parameter first"
    score_answer: str = "nothing"

    def identifier(self, kind: str, number: int) -> str:
        if kind == "course":
            return str(6600 + number)
        return f"{super().identifier('tenant', 1)}_{number}"

    def line_items_url(self, url: str, course: Course, deployment_id: str) -> str:
        return f"{url}/d2l/api/lti/ags/2.0/deployment/{deployment_id}/orgunit/{course.id}/lineitems"

    def roster_url(self, url: str, course: Course, deployment_id: str) -> str:
        return f"{url}/d2l/api/lti/nrps/2.0/deployment/{deployment_id}/orgunit/{course.id}/memberships"

    def roles(self, person: Person, enrolment: Enrolment | None) -> list[str]:
        if person.is_admin:
            return [DEPRECATED + "Administrator", INSTITUTION + "Administrator"]
        held = {TEACHER: "#Instructor", ASSISTANT: "/Instructor#Grader", LEARNER: "#Learner"}
        in_course = MEMBERSHIP + held[enrolment.role if enrolment else LEARNER]
        return [DEPRECATED + institution_role(enrolment), INSTITUTION + institution_role(enrolment), in_course]

    def custom(self, link: Link) -> dict[str, str]:
        return {**link.custom, "context_history": "", "resource_link_history": ""}

    def extra_claims(self, store: Store, person: Person, link: Link, url: str) -> dict[str, Any]:
        client = store.registration.client_id
        return {
            "aud": [client],
            "azp": client,
            CLAIM + "lis": {"person_sourcedid": person.key, "course_section_sourcedid": link.course},
            CLAIM + "launch_presentation": presentation(person, link, url) | {"locale": f"{person.language}-CA"},
            "http://www.brightspace.com": {
                "tenant_id": super().identifier("tenant", 1),
                "org_defined_id": person.key,
                "user_id": 100 + len(person.key),
                "ResourceLink.id.history": "",
            },
        }

    def extra_login_fields(self, deployment_id: str) -> dict[str, str]:
        return {"lti_storage_target": "_parent"}
