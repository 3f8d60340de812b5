"""Who may come into the office: staff accounts. Whose data they see there, `lti.tenancy` says in every query."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from lti.languages import in_english

View = Callable[..., HttpResponseBase]


def office_required(view: View) -> View:
    """Strangers are asked to log in. Pages are English, and no cache keeps them."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    return never_cache(staff_member_required(in_english(guarded), login_url="office:login"))
