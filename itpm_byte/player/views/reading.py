"""The page itself, and how far it was read."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from itpm_byte.learning import progress, rehearsal
from itpm_byte.learning.desk import Desk
from itpm_byte.player import access
from itpm_byte.player.page import THANKS, Page, Reply
from itpm_byte.player.views.desk import desk_required, show
from lti.models import Launch

# More than any Byte has, so that a made-up list costs nothing.
MOST_SECTIONS = 100


@require_safe
@desk_required
def byte(request: HttpRequest, launch: Launch, desk: Desk) -> HttpResponse:
    """The Byte. `?again=1` opens the questions for the next attempt, if there may be one; `?said=…` says thanks.

    `?as=learner`: a preview with attempts, dates and reveal as learners have them.
    """
    said = request.GET.get("said", "")
    about = {"question": request.GET.getlist("question")}
    reply = Reply(said, thanks=THANKS[said], fields=about) if said in THANKS else Reply()
    if access.is_rehearsal(launch, request.GET.get("as", "")):
        return show(request, Page(launch, rehearsal.begin(desk), reply=reply, is_rehearsal=True), form="answer")
    return show(request, Page(launch, desk, wants_again="again" in request.GET, reply=reply), form="answer")


@require_POST
@desk_required
def seen(request: HttpRequest, launch: Launch, desk: Desk) -> HttpResponse:
    """Sections that the learner has had before their eyes: `section`, repeated. Told by script only."""
    if access.is_recorded(launch):
        sections = request.POST.getlist("section")[:MOST_SECTIONS]
        progress.mark_seen(desk.placement, launch.user, sections, now=timezone.now())
    return HttpResponse(status=204)
