"""What the LMS's administrator does after the tool was registered there, in the words of each LMS."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lti import products

_STEPS: dict[str, tuple[Promise, ...]] = {
    "moodle": (
        _("Under Manage tools, ITPM Byte is there now, marked as pending: press Activate."),
        _("Open its settings there: under Tool configuration usage, choose to show it in the activity chooser."),
        _("Teachers can also switch it on for one course: More → LTI External tools → Show in activity chooser."),
    ),
    "canvas": (
        _("Canvas shows what the tool asks for: confirm it and enable the tool."),
        _("Make it available in an account or course, if Canvas does not do so by itself."),
        _("The first course that opens it makes a deployment known here. It may have to be approved by this service."),
    ),
    "blackboard": (
        _("In the administrator panel, open LTI Tool Providers and approve the tool."),
        _("Send the deployment ID that stands there to the people who run this service."),
    ),
    "brightspace": (
        _("Under Manage Extensibility, LTI Advantage, check that the tool is enabled."),
        _("Look at its deployment: organisation, user and link information must be allowed. Then add a link to it."),
    ),
    "sakai": (_("Under External Tools, allow the tool to be used in the content item selector."),),
}
_ANYWHERE: tuple[Promise, ...] = (
    _("Switch the tool on in your learning platform if it waits there for you."),
    _("Show it to teachers, then open it once from a course to try it."),
)


def after_registration(product: str) -> Sequence[Promise]:
    """Sentences, in the order in which to do them."""
    return _STEPS.get(products.family(product), _ANYWHERE)
