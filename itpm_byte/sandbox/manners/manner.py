"""What the pretend LMSs have in common, and the quirks by which they differ: what they say, and how strict they are.

Ids in comments are those of docs/requirements.md. What an LMS does with a score is in `scores`.
"""

import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from itpm_byte.sandbox.store import ASSISTANT, LEARNER, Course, Enrolment, LineItem, Link, Person, Store

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"

AGS_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINEITEM_SCOPE = AGS_SCOPE + "lineitem"
LINEITEM_READ_SCOPE = AGS_SCOPE + "lineitem.readonly"
RESULT_SCOPE = AGS_SCOPE + "result.readonly"
SCORE_SCOPE = AGS_SCOPE + "score"
ROSTER_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
GROUPS_SCOPE = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
NOTICES_SCOPE = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
ALL_SCOPES = [LINEITEM_SCOPE, LINEITEM_READ_SCOPE, RESULT_SCOPE, SCORE_SCOPE, ROSTER_SCOPE]

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
COURSE_OFFERING = "http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"


@dataclass(frozen=True, kw_only=True)
class Manner(ABC):
    """One LMS; the fields are what others share, a subclass says the rest in words of its own."""

    name: str
    title: str
    product: str  # product_family_code
    version: str
    client_id: str = "10000000000042"
    deployment_id: str = "1"

    # Login and launch
    login_method: str = "post"  # or "get" (CORE-01)
    signing_algorithm: str = "RS256"  # or "RS512" (CORE-13)
    jwks_names_algorithm: bool = True  # else keys come without `alg` (CORE-14)
    has_foreign_azp: bool = False  # names another party than the tool (CORE-18)
    lifetime: int = 3600  # seconds between iat and exp of an id_token
    wrong_redirect_status: int = 400

    # Access tokens
    audience: str = ""  # of the tool's assertion; "" is the token address (AGS-02)
    checks_audience: bool = True
    media_of_tokens: str = "application/json; charset=utf-8"
    drops_unknown_scopes: bool = False
    missing_scope_status: int = 403
    falls_over_without_keyset: bool = False  # 404 with a page instead of an error that a program understands

    # Services
    carries_type_id: bool = False  # line item addresses end in ?type_id= (AGS-14)
    refuses_in: str = "canvas"  # how a refusal is worded, see `service`
    wrong_accept_status: int = 406
    wrong_type_status: int = 415
    page_length: int = 0  # rows of a page when nobody asks for fewer; 0: all
    link_form: str = "straight"  # how the next page is named (AGS-16), see `paging`
    roster_link_form: str = ""  # "" is the same
    score_answer: str = "result"  # or "nothing", "score" (201)
    omits_zero: bool = False  # of results (AGS-40)
    filters_results: bool = True
    drops_comment_of_one: bool = False  # where results are asked for one person (AGS-40)
    binds_new_items: bool = True  # takes resourceLinkId of a line item that the tool makes (AGS-18)
    wants_whole_maximum: bool = False
    refuses_id_in_put: bool = False  # AGS-12
    guards_bound_items: bool = False  # AGS-13
    empties_claim_of_made_items: bool = False  # "lineitem": "" once the tool made the column itself

    # Beside the gradebook and the roster
    has_groups: bool = False  # OTH-11
    sends_notices: bool = False  # OTH-09
    fills_in_link_history: bool = True  # $ResourceLink.id.history (OTH-07)
    opens_submissions: bool = False  # work is opened by the address in the submission, with no message of its own
    takes_heights: bool = False  # lti.frameResize (CK-27)
    leaves_empty_variables: bool = False  # a variable without a value arrives as it was written

    @property
    def more_scopes(self) -> list[str]:
        """What the tool may have beside the scopes of its registration."""
        return [GROUPS_SCOPE] * self.has_groups + [NOTICES_SCOPE] * self.sends_notices

    def issuer(self, url: str) -> str:
        return url

    def identifier(self, kind: str, number: int) -> str:
        """Of a person, course or link; the same ones at every start, so that a state can be compared."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"itpm-byte-sandbox/{kind}/{number}"))

    @abstractmethod
    def line_items_url(self, url: str, course: Course, deployment_id: str) -> str:
        """Address of a course's columns, as this LMS writes it."""

    def line_item_url(self, url: str, course: Course, item: LineItem, deployment_id: str) -> str:
        return f"{self.line_items_url(url, course, deployment_id)}/{item.id}"

    @abstractmethod
    def roster_url(self, url: str, course: Course, deployment_id: str) -> str:
        """Address of a course's list of people, as this LMS writes it."""

    def hint(self, link: Link, secret: str) -> str:
        """The message hint of a login: opaque to the tool, sent back letter for letter (CORE-07)."""
        return f"ey{secret}"

    @abstractmethod
    def roles(self, person: Person, enrolment: Enrolment | None) -> list[str]:
        """The roles of a launch, in the forms that this LMS uses (OTH-02)."""

    def short_roles(self, person: Person, enrolment: Enrolment) -> list[str]:
        """Of one member in the roster service."""
        return context_roles(enrolment)

    def context(self, course: Course) -> dict[str, Any]:
        return {"id": course.id, "label": course.label, "title": course.title, "type": [COURSE_OFFERING]}

    def resource_link(self, link: Link) -> dict[str, Any]:
        return {"id": link.id, "title": link.title, "description": link.description}

    def custom(self, link: Link) -> dict[str, str]:
        return dict(link.custom)

    def offered(self, scopes: list[str]) -> list[str]:
        """Of the gradebook's scopes that the tool was given: those that a launch names."""
        return [scope for scope in scopes if scope != ROSTER_SCOPE]

    def extra_claims(self, store: Store, person: Person, link: Link, url: str) -> dict[str, Any]:
        return {}

    def extra_login_fields(self, deployment_id: str) -> dict[str, str]:
        return {}


def presentation(person: Person, link: Link, url: str) -> dict[str, Any]:
    return {
        "locale": person.language,
        "document_target": link.opens_in,
        "return_url": f"{url}/courses/{link.course}/return/",
    }


def context_roles(enrolment: Enrolment) -> list[str]:
    if enrolment.role == ASSISTANT:
        return [MEMBERSHIP + "#Instructor", MEMBERSHIP + "/Instructor#TeachingAssistant"]
    return [MEMBERSHIP + ("#Learner" if enrolment.role == LEARNER else "#Instructor")]


def institution_role(enrolment: Enrolment | None) -> str:
    return "Student" if enrolment is None or enrolment.role == LEARNER else "Instructor"
