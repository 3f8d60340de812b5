"""Answers to questions: learners' are recorded, everybody else's are only judged."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from itpm_byte.learning import attempts, rehearsal
from itpm_byte.learning.desk import Desk
from itpm_byte.learning.errors import AnswerIncomplete, AnswerRefused, TooManyChoices
from itpm_byte.learning.outcomes import preview
from itpm_byte.player import access
from itpm_byte.player.page import Page, Reply
from itpm_byte.player.views.desk import desk_required, go_on, is_piece_wanted, reopened, show
from lti.models import Launch

# What a learner can mend in the form itself; other refusals are about the state of things.
MENDABLE = (AnswerIncomplete, TooManyChoices)
OTHER_CHOICE = _("This attempt was answered already, perhaps in another window. This is the answer that counts:")


@require_POST
@desk_required
def answer(request: HttpRequest, launch: Launch, desk: Desk) -> HttpResponse:
    """`question`, `attempt`, `version`, and `choice` once for each chosen option."""
    is_rehearsal = access.is_rehearsal(launch, request.GET.get("as", ""))
    take = _record if access.is_recorded(launch) else _rehearse if is_rehearsal else _preview
    try:
        return take(request, launch, desk)
    except AnswerRefused as refused:
        is_mendable = isinstance(refused, MENDABLE)
        desk = rehearsal.begin(desk) if is_rehearsal else reopened(launch)
        page = Page(
            launch,
            desk,
            wants_again=is_mendable,
            reply=_reply(request, error=refused.words),
            is_rehearsal=is_rehearsal,
        )
        return show(request, page, form="answer", status=422 if is_mendable else 409)


def _record(request: HttpRequest, launch: Launch, desk: Desk) -> HttpResponse:
    """A repeat of what is recorded already is answered like the first time."""
    question = request.POST.get("question", "")
    outcome = attempts.answer(
        desk.placement,
        launch.user,
        attempt_number=_number(request, "attempt"),
        question_key=question,
        choice_keys=request.POST.getlist("choice"),
        byte_version=_number(request, "version"),
        now=timezone.now(),
    )
    if outcome.is_other_choice:
        page = Page(launch, reopened(launch), reply=_reply(request, error=OTHER_CHOICE))
        return show(request, page, form="answer", status=409)
    if is_piece_wanted(request):
        return show(request, Page(launch, reopened(launch), reply=_reply(request)), form="answer")
    return go_on(launch, f"result-{question}")


def _preview(request: HttpRequest, launch: Launch, desk: Desk) -> HttpResponse:
    question = request.POST.get("question", "")
    outcome = preview(desk.byte, question, request.POST.getlist("choice"))
    page = Page(launch, desk, reply=_reply(request), preview={question: outcome})
    return show(request, page, form="answer")


def _rehearse(request: HttpRequest, launch: Launch, desk: Desk) -> HttpResponse:
    answered = rehearsal.answer(rehearsal.begin(desk), request.POST.get("question", ""), request.POST.getlist("choice"))
    return show(request, Page(launch, answered, reply=_reply(request), is_rehearsal=True), form="answer")


def _reply(request: HttpRequest, *, error: str | Promise = "") -> Reply:
    return Reply("answer", error=error, fields=dict(request.POST.lists()))


def _number(request: HttpRequest, name: str) -> int:
    """A hidden field of our own form. Raises BadRequest for what no page of ours sends."""
    value = request.POST.get(name, "")
    if not value.isdecimal() or len(value) > 9:
        raise BadRequest(f"{name} is no number")
    return int(value)
