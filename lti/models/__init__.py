"""Who comes from where, and what goes back. One module per group of rows; import the models from here."""

from lti.models.courses import Context, Group, GroupMember, Membership, PlatformUser, ResourceLink, Role
from lti.models.deep_links import DeepLinkingRequest
from lti.models.examinations import Examination
from lti.models.grades import AccessToken, LineItem, Score, ScoreSending
from lti.models.launches import Launch, Login
from lti.models.notices import Notice, NoticeMiss
from lti.models.platforms import Deployment, Institution, Registration, ToolKey
from lti.models.registration_links import RegistrationLink
from lti.models.staff import InstitutionStaff, StaffAction

__all__ = [
    "AccessToken",
    "Context",
    "DeepLinkingRequest",
    "Deployment",
    "Examination",
    "Group",
    "GroupMember",
    "Institution",
    "InstitutionStaff",
    "Launch",
    "LineItem",
    "Login",
    "Membership",
    "Notice",
    "NoticeMiss",
    "PlatformUser",
    "Registration",
    "RegistrationLink",
    "ResourceLink",
    "Role",
    "Score",
    "ScoreSending",
    "StaffAction",
    "ToolKey",
]
