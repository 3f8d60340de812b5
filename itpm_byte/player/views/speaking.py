"""What learners tell us: how they find the Byte, what is unclear, and what they need help with."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from itpm_byte.learning import support
from itpm_byte.learning import unclear as unclear_questions
from itpm_byte.learning.desk import Desk
from itpm_byte.learning.errors import LearningError, RatingInvalid
from itpm_byte.learning.feedback import give
from itpm_byte.player import access
from itpm_byte.player.page import THANKS, Page, Reply
from itpm_byte.player.views.desk import desk_required, go_on, is_piece_wanted, reopened, show
from lti.models import Launch

PREVIEWED = _("This was a preview: nothing was recorded.")


@require_POST
@desk_required
def feedback(request: HttpRequest, launch: Launch, desk: Desk) -> HttpResponse:
    """`rating` from 1 to 5, and `comment`, which may be empty."""
    try:
        if access.is_recorded(launch):
            comment = _text(request, "comment")
            give(desk.placement, launch.user, desk.byte, rating=_rating(request), comment=comment, now=timezone.now())
    except LearningError as refused:
        return _refused(request, launch, desk, "feedback", refused)
    return _taken(request, launch, desk, "feedback")


@require_POST
@desk_required
def unclear(request: HttpRequest, launch: Launch, desk: Desk) -> HttpResponse:
    """`question`: the key of the one that is unclear; `reason`, which may be empty."""
    question = request.POST.get("question", "")
    try:
        if access.is_recorded(launch):
            reason, now = _text(request, "reason"), timezone.now()
            unclear_questions.tell(
                desk.placement, launch.user, desk.byte, question_key=question, reason=reason, now=now
            )
    except LearningError as refused:
        return _refused(request, launch, desk, "unclear", refused)
    return _taken(request, launch, desk, "unclear", about=question)


@require_POST
@desk_required
def ask_for_help(request: HttpRequest, launch: Launch, desk: Desk) -> HttpResponse:
    """`message`: what the learner needs help with."""
    try:
        if access.is_recorded(launch):
            support.ask(desk.placement, launch.user, message=_text(request, "message"), now=timezone.now())
    except LearningError as refused:
        return _refused(request, launch, desk, "support", refused)
    return _taken(request, launch, desk, "support")


def _taken(request: HttpRequest, launch: Launch, desk: Desk, form: str, *, about: str = "") -> HttpResponse:
    fields = {"question": [about]}
    if not access.is_recorded(launch):
        return show(request, Page(launch, desk, reply=Reply(form, thanks=PREVIEWED, fields=fields)), form=form)
    if is_piece_wanted(request):
        reply = Reply(form, thanks=THANKS[form], fields=fields)
        return show(request, Page(launch, reopened(launch), reply=reply), form=form)
    return go_on(launch, f"unclear-{about}" if about else form, said=form, about=about)


def _refused(request: HttpRequest, launch: Launch, desk: Desk, form: str, refused: LearningError) -> HttpResponse:
    reply = Reply(form, error=refused.words, fields=dict(request.POST.lists()))
    return show(request, Page(launch, desk, reply=reply), form=form, status=422)


def _rating(request: HttpRequest) -> int:
    rating = request.POST.get("rating", "")
    if rating not in {"1", "2", "3", "4", "5"}:
        raise RatingInvalid
    return int(rating)


def _text(request: HttpRequest, name: str) -> str:
    """Browsers send two characters for a line end and count one."""
    return request.POST.get(name, "").replace("\r\n", "\n")
