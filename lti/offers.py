"""What an LMS offers beside grades and roster: course groups (OTH-11) and notices of its own (OTH-09). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lti import values

GROUPS = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
NOTICES = "https://purl.imsglobal.org/spec/lti/claim/platformnotificationservice"

CONTEXT_COPY = "LtiContextCopyNotice"


@dataclass(frozen=True)
class GroupsClaim:
    """Where the course's groups and sets of groups are listed; "" for an address that we would not call."""

    groups: str
    sets: str = ""


def groups(body: Mapping[str, Any]) -> GroupsClaim | None:
    """None where the LMS offers no groups."""
    found = values.as_object(body.get(GROUPS))
    url = values.service_url(found.get("context_groups_url"))
    return GroupsClaim(url, values.service_url(found.get("context_group_sets_url"))) if url else None


def notices_url(body: Mapping[str, Any]) -> str:
    """Where we may ask to be told of copied courses, "" where the LMS tells nobody."""
    found = values.as_object(body.get(NOTICES))
    types = found.get("notice_types_supported")
    if not isinstance(types, list) or CONTEXT_COPY not in types:
        return ""
    return values.service_url(found.get("platform_notification_service_url"))
