"""What somebody may do, from the roles an LMS names (OTH-02, OTH-03). Pure: no database, no request."""

import re
from collections.abc import Iterable

from lti.models import Role

TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"

# Context roles are written as URI, as URN or in short; each may name a sub-role, which implies its principal.
_PRINCIPAL = re.compile(r"http://purl\.imsglobal\.org/vocab/lis/v2/membership#(?P<principal>[A-Za-z]+)")
_SUB_ROLE = re.compile(
    r"http://purl\.imsglobal\.org/vocab/lis/v2/membership/(?P<principal>[A-Za-z]+)#(?P<sub>[A-Za-z]+)"
)
_URN = re.compile(r"urn:lti:role:ims/lis/(?P<principal>[A-Za-z]+)(?:/(?P<sub>[A-Za-z]+))?")
_ADMINISTRATOR = re.compile(
    r"http://purl\.imsglobal\.org/vocab/lis/v2/(institution/person#Administrator"
    r"|system/person#(Administrator|SysAdmin|AccountAdmin))"
    r"|urn:lti:(instrole|sysrole):ims/lis/(Administrator|SysAdmin|AccountAdmin)"
)
_SHORT = re.compile(r"(?P<principal>[A-Za-z]+)(?:[#/](?P<sub>[A-Za-z]+))?")

_PRINCIPALS = {
    "Administrator": Role.ADMINISTRATOR,
    "Instructor": Role.INSTRUCTOR,
    "ContentDeveloper": Role.CONTENT_DEVELOPER,
    "TeachingAssistant": Role.TEACHING_ASSISTANT,
    "Mentor": Role.MENTOR,
    "Learner": Role.LEARNER,
}
# Sub-roles of the instructor that help an instructor.
_ASSISTANTS = frozenset({"Grader"})
_RANKING = (
    Role.ADMINISTRATOR,
    Role.INSTRUCTOR,
    Role.CONTENT_DEVELOPER,
    Role.TEACHING_ASSISTANT,
    Role.MENTOR,
    Role.LEARNER,
)


def role_of(names: Iterable[str]) -> Role:
    """The one role in the course: the highest context role, Role.NONE if there is none that we know.

    Institution and system roles give nothing: Canvas calls somebody who only learns here an instructor, because of
    another course (OTH-03). An assistant is one also where the principal `Instructor` is named beside it, as the
    specification advises (Core A.2.2), unless another kind of instructor is named too.
    """
    named = [pair for pair in map(_context_role, names) if pair is not None]
    held = {_role(principal, sub) for principal, sub in named}
    instructors = {sub for principal, sub in named if _role(principal, sub) == Role.INSTRUCTOR}
    if Role.TEACHING_ASSISTANT in held and instructors == {""}:
        held.discard(Role.INSTRUCTOR)
    return next((role for role in _RANKING if role in held), Role.NONE)


def is_test_user(names: Iterable[str]) -> bool:
    """A teacher in the LMS's student view: comes beside a real role (OTH-04)."""
    return TEST_USER in names


def administers_only(names: Iterable[str]) -> bool:
    """An administrator of the LMS or institution with no role in the course at all (DL-02, OTH-03)."""
    listed = list(names)
    return any(map(_ADMINISTRATOR.fullmatch, listed)) and not any(map(_context_role, listed))


def is_mentor(names: Iterable[str]) -> bool:
    """Whether the claim with the mentor's people counts (OTH-05)."""
    return any(pair is not None and pair[0] == "Mentor" for pair in map(_context_role, names))


def _context_role(name: str) -> tuple[str, str] | None:
    """(principal, sub-role or ""), None for institution, system and unknown names."""
    for pattern in (_PRINCIPAL, _SUB_ROLE, _URN, _SHORT):
        match = pattern.fullmatch(name)
        if match:
            parts = match.groupdict()
            return parts["principal"], parts.get("sub") or ""
    return None


def _role(principal: str, sub: str) -> Role:
    if principal == "Instructor" and (sub.startswith("TeachingAssistant") or sub in _ASSISTANTS):
        return Role.TEACHING_ASSISTANT
    return _PRINCIPALS.get(principal, Role.NONE)
