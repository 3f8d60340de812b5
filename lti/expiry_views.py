"""How long a session still lasts, so that a page can warn before it ends and keep it while it is in use (CK-26).

Pages hold `<lti-session data-seconds="…" data-url="…">` (static/lti/expiry.js), which asks here only near the end.
"""

from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from lti import login_pages, sessions
from lti.framing import framed
from lti.models import Launch

# From then on a page warns. WCAG 2.2.1 asks for twenty seconds; people need longer to finish a thought.
WARNING = timedelta(minutes=10)


@csrf_exempt  # looking needs no token; staying is checked by launch_required
@require_http_methods(["GET", "HEAD", "POST"])
def session(request: HttpRequest, launch_id: UUID) -> HttpResponseBase:
    """GET says how long the session lasts, without making it last longer. POST is a use: it goes on, if it may.

    Both answer a piece of HTML with `data-seconds`, and with words once the end is near; 401 when it is over.
    """
    if request.method == "POST":
        return _stay(request, launch_id)
    now = timezone.now()
    try:
        launch = sessions.resolve(request, launch_id, now=now, is_use=False)
    except sessions.SessionEnded as ended:
        return sessions.answer_ended(request, launch_id, ended)
    with translation.override(sessions.language_of(launch)):
        response = _told(request, launch, now=now)
    return framed(response, launch.deployment.registration, return_url=sessions.return_url(request, launch))


@sessions.launch_required
def _stay(request: HttpRequest, launch: Launch) -> HttpResponse:
    return _told(request, launch, now=timezone.now())


def _told(request: HttpRequest, launch: Launch, *, now: datetime) -> HttpResponse:
    left = launch.expires_at - now
    context = {
        "seconds": int(left.total_seconds()),
        "minutes": max(1, ceil(left.total_seconds() / 60)),
        "is_near": left <= WARNING,
        "can_stay": sessions.can_go_on(launch, now=now),
        "back_url": login_pages.back_link(sessions.return_url(request, launch)),
        "back_words": login_pages.BACK,
    }
    language = translation.get_language() or settings.LANGUAGE_CODE
    return HttpResponse(render_to_string("lti/expiry.html", context), headers={"Content-Language": language})
