"""The state of the learner's grade, and sending it again."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from itpm_byte.learning.desk import Desk
from itpm_byte.player.page import Page
from itpm_byte.player.views.desk import desk_required, go_on, is_piece_wanted, reopened, show
from lti.grades import scores
from lti.models import Launch


@require_safe
@desk_required
def grade(request: HttpRequest, launch: Launch, desk: Desk) -> HttpResponse:
    """The grade's piece of the page; the whole page for a browser that comes here by itself."""
    return show(request, Page(launch, desk), form="grade")


@require_POST
@desk_required
def resend(request: HttpRequest, launch: Launch, desk: Desk) -> HttpResponse:
    """Send the grade once more. Only one that could not be sent: everything else arrives by itself."""
    grade = Page(launch, desk).grade
    if grade is not None and grade.can_resend and desk.score is not None:
        scores.resend(desk.score, now=timezone.now())
    if is_piece_wanted(request):
        return show(request, Page(launch, reopened(launch)), form="grade")
    return go_on(launch, "grade")
