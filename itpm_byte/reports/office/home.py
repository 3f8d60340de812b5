"""Where staff arrive: what there is, as far as they may use it."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from itpm_byte.reports.office.access import office_required
from lti import tenancy

# Permission ("" for all staff), name of the page, title, what it is for.
PAGES: tuple[tuple[str, str, Promise, Promise], ...] = (
    (
        *("", "office:completion"),
        *(_("Completion report"), _("Who completed which Byte, where and when, over all courses.")),
    ),
    ("", "office:views", _("Saved views"), _("Reports under a permanent address, and sent by e-mail.")),
    ("lti.view_registration", "lti:platforms", _("Learning platforms"), _("Connect, approve and examine them.")),
    (
        *("learning.view_supportrequest", "office:inbox"),
        *(_("Inbox"), _("Requests for support, and what learners say about Bytes.")),
    ),
    (
        "privacy.handle_people",
        "office:people",
        _("Privacy"),
        _("Take out or erase a person’s data; how long it stays."),
    ),
    ("lti.view_staffaction", "office:audit", _("Audit log"), _("What staff and teachers did, when, and why.")),
    (
        "api.view_apitoken",
        "api-staff:tokens",
        _("API tokens"),
        _("Let other programs in, and out again."),
    ),
    ("", "office:security", _("Your log-in"), _("Password, second step, recovery codes.")),
)


@require_safe
@office_required
def home(request: HttpRequest) -> HttpResponseBase:
    context = {
        "institutions": tenancy.institutions_of(request.user).order_by("name")[:20],
        "sees_all": tenancy.sees_all(request.user),
        "pages": [page for permission, *page in PAGES if not permission or request.user.has_perm(permission)],
    }
    return render(request, "reports/office/home.html", context)
