"""What learners say: how they rate the Byte, which questions they find unclear, who asks for help."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from itpm_byte.insight import feedback, unclear
from itpm_byte.insight.feedback import MINIMUM_GROUP, Summary
from itpm_byte.learning import support
from itpm_byte.learning.models import Placement, SupportRequest
from itpm_byte.reports.room.access import room_required
from lti.answers import SeeOther
from lti.models import Launch

# Requests on one page: open ones first.
MOST_REQUESTS = 200


@require_safe
@room_required
def page(request: HttpRequest, launch: Launch, placement: Placement) -> HttpResponse:
    comments = feedback.comments(placement)
    found = feedback.summaries([placement])[placement.pk]
    asked = requests_of(placement).select_related("learner").order_by("-status", "-created_at", "-pk")
    context = {
        "launch": launch,
        "placement": placement,
        "here": "voices",
        "ratings": [(summary, shares(summary), comments.get(summary.byte.pk, [])) for summary in reversed(found)],
        "flagged": unclear.flagged(placement),
        "requests": asked[:MOST_REQUESTS],
        "minimum": MINIMUM_GROUP,
        "is_settled": "settled" in request.GET,
    }
    return render(request, "reports/room/voices.html", context)


@require_POST
@room_required
def settle(request: HttpRequest, launch: Launch, placement: Placement) -> HttpResponse:
    """`request`: which one; `status`: answered or open."""
    number, status = request.POST.get("request", ""), request.POST.get("status", "")
    is_number = number.isascii() and number.isdigit() and len(number) < 16
    rows = requests_of(placement).select_related("learner", "placement__resource_link__deployment__institution")
    found = rows.filter(pk=int(number)).first() if is_number else None
    if found is None or status not in SupportRequest.Status.values:
        raise Http404
    support.settle(found, by=launch.user, now=timezone.now(), status=status)
    return SeeOther(f"{reverse('reports:voices', args=[launch.pk])}?settled=1#help")


def requests_of(placement: Placement) -> QuerySet[SupportRequest]:
    return SupportRequest.objects.filter(placement=placement)


def shares(summary: Summary) -> list[tuple[int, int, int]]:
    """(rating, how often, whole per cent), 5 first; empty where too few rated."""
    if not summary.ratings or not summary.count:
        return []
    rows = sorted(summary.ratings.items(), reverse=True)
    return [(rating, times, round(100 * times / summary.count)) for rating, times in rows]
