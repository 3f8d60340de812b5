"""Who may open these pages: staff with the right to look at, or to change, registrations."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from lti.languages import in_english

View = Callable[..., HttpResponseBase]


def staff_only(permission: str) -> Callable[[View], View]:
    """Strangers are asked to log in, staff without `permission` ("lti.change_registration") get 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return never_cache(staff_member_required(in_english(guarded), login_url=settings.LOGIN_URL))

    return decorate


may_look = staff_only("lti.view_registration")
may_change = staff_only("lti.change_registration")
may_add = staff_only("lti.add_registration")
