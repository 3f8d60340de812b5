"""How the LMSs differ in what they say: addresses, names of things, roles, claims. (What they do: scores.py.)"""

from dataclasses import dataclass
from typing import Any

from itpm_byte.sandbox.store import ASSISTANT, LEARNER, TEACHER, Course, Enrolment, LineItem, Link, Person, Store

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"

AGS_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINEITEM_SCOPE = AGS_SCOPE + "lineitem"
LINEITEM_READ_SCOPE = AGS_SCOPE + "lineitem.readonly"
RESULT_SCOPE = AGS_SCOPE + "result.readonly"
SCORE_SCOPE = AGS_SCOPE + "score"
ROSTER_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
ALL_SCOPES = [LINEITEM_SCOPE, LINEITEM_READ_SCOPE, RESULT_SCOPE, SCORE_SCOPE, ROSTER_SCOPE]

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"


@dataclass(frozen=True)
class Manner:
    """What both have in common; a subclass per LMS says the rest."""

    name: str
    product: str
    version: str
    uses_numbers: bool  # ids are small decimal strings
    media_of_tokens: str  # content type
    drops_unknown_scopes: bool
    missing_scope_status: int

    def issuer(self, url: str) -> str:
        return url

    def line_items_url(self, url: str, course: Course, deployment_id: str) -> str:
        raise NotImplementedError

    def line_item_url(self, url: str, course: Course, item: LineItem, deployment_id: str) -> str:
        raise NotImplementedError

    def roster_url(self, url: str, course: Course, deployment_id: str) -> str:
        raise NotImplementedError

    def roles(self, person: Person, enrolment: Enrolment | None) -> list[str]:
        raise NotImplementedError

    def short_roles(self, person: Person, enrolment: Enrolment) -> list[str]:
        """Of one member in the roster service."""
        raise NotImplementedError

    def context(self, course: Course) -> dict[str, Any]:
        raise NotImplementedError

    def extra_claims(self, store: Store, person: Person, link: Link, url: str) -> dict[str, Any]:
        raise NotImplementedError

    def extra_login_fields(self, deployment_id: str) -> dict[str, str]:
        raise NotImplementedError

    def lifetime(self) -> int:
        """Seconds between iat and exp of an id_token."""
        raise NotImplementedError


class Moodle(Manner):
    """Moodle 4.5: short context types, one role, line item ids with a query, 60-second tokens."""

    def line_items_url(self, url: str, course: Course, deployment_id: str) -> str:
        return f"{url}/services/{course.id}/lineitems?type_id={deployment_id}"

    def line_item_url(self, url: str, course: Course, item: LineItem, deployment_id: str) -> str:
        return f"{url}/services/{course.id}/lineitems/{item.id}/lineitem?type_id={deployment_id}"

    def roster_url(self, url: str, course: Course, deployment_id: str) -> str:
        return f"{url}/services/CourseSection/{course.id}/bindings/{deployment_id}/memberships"

    def roles(self, person: Person, enrolment: Enrolment | None) -> list[str]:
        if person.is_admin:
            return [MEMBERSHIP + "#Instructor", INSTITUTION + "Administrator", SYSTEM + "Administrator"]
        # Moodle's non-editing teacher launches as an instructor, and is a learner in the roster.
        if enrolment and enrolment.role in {TEACHER, ASSISTANT}:
            return [MEMBERSHIP + "#Instructor"]
        return [MEMBERSHIP + "#Learner"]

    def short_roles(self, person: Person, enrolment: Enrolment) -> list[str]:
        return ["Instructor" if enrolment.role == TEACHER else "Learner"]

    def context(self, course: Course) -> dict[str, Any]:
        return {"id": course.id, "label": course.label, "title": course.title, "type": ["CourseSection"]}

    def extra_claims(self, store: Store, person: Person, link: Link, url: str) -> dict[str, Any]:
        course = store.courses[link.course]
        return {
            CLAIM + "lis": {"person_sourcedid": person.key.upper(), "course_section_sourcedid": ""},
            CLAIM + "ext": {"user_username": person.key, "lms": "moodle-2"},
            CLAIM + "launch_presentation": {
                "locale": person.language,
                "document_target": link.opens_in,
                "return_url": f"{url}/courses/{course.key}/return/",
            },
        }

    def extra_login_fields(self, deployment_id: str) -> dict[str, str]:
        return {}

    def lifetime(self) -> int:
        return 60


class Canvas(Manner):
    """Canvas: UUIDs, an issuer that is not the host, full URIs, institution and system roles beside the course's."""

    def issuer(self, url: str) -> str:
        return "https://canvas.instructure.example"

    def line_items_url(self, url: str, course: Course, deployment_id: str) -> str:
        return f"{url}/api/lti/courses/{course.id}/line_items"

    def line_item_url(self, url: str, course: Course, item: LineItem, deployment_id: str) -> str:
        return f"{url}/api/lti/courses/{course.id}/line_items/{item.id}"

    def roster_url(self, url: str, course: Course, deployment_id: str) -> str:
        return f"{url}/api/lti/courses/{course.id}/names_and_roles"

    def roles(self, person: Person, enrolment: Enrolment | None) -> list[str]:
        found = [SYSTEM + "User"]
        found.append(INSTITUTION + ("Administrator" if person.is_admin else _institution_role(enrolment)))
        if enrolment:
            found += _context_roles(enrolment)
        return [*found, TEST_USER] if person.is_test_user else found

    def short_roles(self, person: Person, enrolment: Enrolment) -> list[str]:
        return _context_roles(enrolment)

    def context(self, course: Course) -> dict[str, Any]:
        return {
            "id": course.id,
            "label": course.label,
            "title": course.title,
            "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"],
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
                "locale": person.language,
                "document_target": link.opens_in,
                "return_url": f"{url}/courses/{link.course}/return/",
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

    def lifetime(self) -> int:
        return 3600


def _context_roles(enrolment: Enrolment) -> list[str]:
    if enrolment.role == ASSISTANT:
        return [MEMBERSHIP + "#Instructor", MEMBERSHIP + "/Instructor#TeachingAssistant"]
    return [MEMBERSHIP + ("#Learner" if enrolment.role == LEARNER else "#Instructor")]


def _institution_role(enrolment: Enrolment | None) -> str:
    return "Student" if enrolment is None or enrolment.role == LEARNER else "Instructor"


MANNERS: dict[str, Manner] = {
    "moodle": Moodle(
        name="moodle",
        product="moodle",
        version="2024100706",
        uses_numbers=True,
        media_of_tokens="text/html; charset=utf-8",
        drops_unknown_scopes=True,
        missing_scope_status=401,
    ),
    "canvas": Canvas(
        name="canvas",
        product="canvas",
        version="cloud",
        uses_numbers=False,
        media_of_tokens="application/json; charset=utf-8",
        drops_unknown_scopes=False,
        missing_scope_status=403,
    ),
}
