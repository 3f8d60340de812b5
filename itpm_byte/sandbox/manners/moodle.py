"""Moodle 4.5, as measured."""

import json
from dataclasses import dataclass
from typing import Any

from itpm_byte.sandbox.manners.manner import CLAIM, INSTITUTION, MEMBERSHIP, SYSTEM, Manner, presentation
from itpm_byte.sandbox.store import ASSISTANT, TEACHER, Course, Enrolment, LineItem, Link, Person, Store


@dataclass(frozen=True, kw_only=True)
class Moodle(Manner):
    """Short context types, one role, line item ids with a query, 60-second tokens, `[]` for every refusal."""

    name: str = "moodle"
    title: str = "Moodle"
    product: str = "moodle"
    version: str = "2024100706"
    client_id: str = "itpm-byte-sandbox"
    deployment_id: str = "9"
    lifetime: int = 60
    wrong_redirect_status: int = 404
    media_of_tokens: str = "text/html; charset=utf-8"
    drops_unknown_scopes: bool = True
    missing_scope_status: int = 401
    falls_over_without_keyset: bool = True
    carries_type_id: bool = True
    refuses_in: str = "status line"
    wrong_accept_status: int = 400
    wrong_type_status: int = 400
    link_form: str = "curly"
    roster_link_form: str = "straight"
    score_answer: str = "nothing"
    omits_zero: bool = True
    empties_claim_of_made_items: bool = True
    fills_in_link_history: bool = False

    def identifier(self, kind: str, number: int) -> str:
        return str(number)

    def line_items_url(self, url: str, course: Course, deployment_id: str) -> str:
        return f"{url}/services/{course.id}/lineitems?type_id={deployment_id}"

    def line_item_url(self, url: str, course: Course, item: LineItem, deployment_id: str) -> str:
        return f"{url}/services/{course.id}/lineitems/{item.id}/lineitem?type_id={deployment_id}"

    def roster_url(self, url: str, course: Course, deployment_id: str) -> str:
        return f"{url}/services/CourseSection/{course.id}/bindings/{deployment_id}/memberships"

    def hint(self, link: Link, secret: str) -> str:
        return json.dumps({"cmid": link.activity, "launchid": f"ltilaunch{link.id}_{secret}"})

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
        return {
            CLAIM + "lis": {"person_sourcedid": person.key.upper(), "course_section_sourcedid": ""},
            CLAIM + "ext": {"user_username": person.key, "lms": "moodle-2"},
            CLAIM + "launch_presentation": presentation(person, link, url),
        }
