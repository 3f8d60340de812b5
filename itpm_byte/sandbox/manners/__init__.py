"""How the LMSs differ: addresses, names of things, roles, claims, strictness. What they do with a score: scores.py."""

from itpm_byte.sandbox.manners.blackboard import Blackboard
from itpm_byte.sandbox.manners.brightspace import Brightspace
from itpm_byte.sandbox.manners.canvas import Canvas
from itpm_byte.sandbox.manners.manner import (
    AGS_CLAIM,
    AGS_SCOPE,
    ALL_SCOPES,
    CLAIM,
    GROUPS_SCOPE,
    LINEITEM_READ_SCOPE,
    LINEITEM_SCOPE,
    NOTICES_SCOPE,
    NRPS_CLAIM,
    RESULT_SCOPE,
    ROSTER_SCOPE,
    SCORE_SCOPE,
    Manner,
)
from itpm_byte.sandbox.manners.moodle import Moodle
from itpm_byte.sandbox.manners.openedx import OpenEdx
from itpm_byte.sandbox.manners.sakai import Sakai

__all__ = [
    "AGS_CLAIM",
    "AGS_SCOPE",
    "ALL_SCOPES",
    "CLAIM",
    "GROUPS_SCOPE",
    "LINEITEM_READ_SCOPE",
    "LINEITEM_SCOPE",
    "MANNERS",
    "NOTICES_SCOPE",
    "NRPS_CLAIM",
    "RESULT_SCOPE",
    "ROSTER_SCOPE",
    "SCORE_SCOPE",
    "Manner",
]

MANNERS: dict[str, Manner] = {
    manner.name: manner for manner in (Moodle(), Canvas(), Blackboard(), Brightspace(), Sakai(), OpenEdx())
}
