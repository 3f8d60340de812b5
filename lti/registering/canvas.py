"""What Canvas wants to read about us in ways of its own (REG-21)."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from lti import addresses
from lti.registering import tool

DEEP_LINKING = "LtiDeepLinkingRequest"
VENDOR = "https://canvas.instructure.com/lti/"
# Where teachers meet the picker: a new assignment, and "External tool" in a module.
PLACEMENTS = ("assignment_selection", "link_selection")
# Names without e-mail addresses.
PRIVACY = "name_only"
SELECTION = {"selection_width": 800, "selection_height": 600}

REGISTRATION_EXTRAS: dict[str, Any] = {VENDOR + "privacy_level": PRIVACY, VENDOR + "tool_id": tool.TOOL_ID}


def messages(supported: Sequence[str]) -> list[dict[str, Any]]:
    """Of a dynamic registration. `supported`: the placements that this Canvas has for deep links; none: not said."""
    placements = [each for each in PLACEMENTS if not supported or each in supported]
    return [
        {
            "type": DEEP_LINKING,
            "target_link_uri": addresses.launch_url(),
            "label": tool.NAME,
            "icon_uri": tool.icon_url(),
            "custom_parameters": {},
            "placements": placements,
            "roles": [],
        }
    ]


def configuration() -> dict[str, Any]:
    """The JSON that a Canvas administrator names by its address when a developer key is made by hand."""
    target = addresses.launch_url()
    placements = [
        {
            "placement": placement,
            "message_type": DEEP_LINKING,
            "target_link_uri": target,
            "text": tool.NAME,
            "icon_url": tool.icon_url(),
            "enabled": True,
            **SELECTION,
        }
        for placement in PLACEMENTS
    ]
    return {
        "title": tool.NAME,
        "description": str(tool.DESCRIPTION),
        "oidc_initiation_url": settings.PUBLIC_URL + reverse("lti:login"),
        "target_link_uri": target,
        "scopes": list(tool.SCOPES),
        "public_jwk_url": addresses.keyset_url(),
        "custom_fields": {name: f"${variable}" for name, variable in tool.VARIABLES.items()},
        "extensions": [
            {
                "platform": "canvas.instructure.com",
                "domain": tool.domain(),
                "tool_id": tool.TOOL_ID,
                "privacy_level": PRIVACY,
                "settings": {
                    "text": tool.NAME,
                    "icon_url": tool.icon_url(),
                    "placements": placements,
                    **SELECTION,
                },
            }
        ],
    }
