"""Canvas, as its documentation and its tool authors tell."""

from dataclasses import dataclass
from typing import Any

from itpm_byte.sandbox.manners.manner import (
    CLAIM,
    COURSE_OFFERING,
    INSTITUTION,
    SYSTEM,
    TEST_USER,
    Manner,
    context_roles,
    institution_role,
    presentation,
)
from itpm_byte.sandbox.store import Course, Enrolment, Link, Person, Store


@dataclass(frozen=True, kw_only=True)
class Canvas(Manner):
    """UUIDs, an issuer that is not the host, full URIs, institution and system roles beside the course's."""

    name: str = "canvas"
    title: str = "Canvas"
    product: str = "canvas"
    version: str = "cloud"
    deployment_id: str = "42:8865aa05b4b79b64a91a86042e43af5ea8ae79eb"
    page_length: int = 10
    guards_bound_items: bool = True
    sends_notices: bool = True
    opens_submissions: bool = True
    takes_heights: bool = True

    def issuer(self, url: str) -> str:
        return "https://canvas.instructure.example"

    def line_items_url(self, url: str, course: Course, deployment_id: str) -> str:
        return f"{url}/api/lti/courses/{course.id}/line_items"

    def roster_url(self, url: str, course: Course, deployment_id: str) -> str:
        return f"{url}/api/lti/courses/{course.id}/names_and_roles"

    def roles(self, person: Person, enrolment: Enrolment | None) -> list[str]:
        found = [SYSTEM + "User"]
        found.append(INSTITUTION + ("Administrator" if person.is_admin else institution_role(enrolment)))
        if enrolment:
            found += context_roles(enrolment)
        return [*found, TEST_USER] if person.is_test_user else found

    def context(self, course: Course) -> dict[str, Any]:
        return {
            "id": course.id,
            "label": course.label,
            "title": course.title,
            "type": [COURSE_OFFERING],
            "validation_context": None,
            "errors": {"errors": {}},
        }

    def extra_claims(self, store: Store, person: Person, link: Link, url: str) -> dict[str, Any]:
        return {
            "azp": store.registration.client_id,
            "locale": person.language,
            "picture": f"{url}/static/sandbox/person.svg",
            "errors": {"errors": {}},
            CLAIM + "lis": {"person_sourcedid": person.key.upper(), "course_offering_sourcedid": link.course},
            CLAIM + "launch_presentation": {
                **presentation(person, link, url),
                "width": None,
                "height": 800,
                "validation_context": None,
                "errors": {"errors": {}},
            },
            "https://www.instructure.com/placement": "assignment_selection",
        }

    def extra_login_fields(self, deployment_id: str) -> dict[str, str]:
        return {
            "deployment_id": deployment_id,
            "canvas_region": "not_configured",
            "canvas_environment": "prod",
            "lti_storage_target": "post_message_forwarding",
        }
