"""Who comes from where, and what goes back. One module per group of rows; import the models from here."""

from lti.models.courses import Context, Membership, PlatformUser, ResourceLink, Role
from lti.models.grades import AccessToken, LineItem, Score
from lti.models.launches import Launch, Login
from lti.models.platforms import Deployment, Institution, Registration, ToolKey

__all__ = [
    "AccessToken",
    "Context",
    "Deployment",
    "Institution",
    "Launch",
    "LineItem",
    "Login",
    "Membership",
    "PlatformUser",
    "Registration",
    "ResourceLink",
    "Role",
    "Score",
    "ToolKey",
]
