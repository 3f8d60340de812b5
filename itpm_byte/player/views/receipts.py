"""A learner's receipt for a completed Byte, and the public page on which others check one."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from itpm_byte.learning import receipts
from itpm_byte.learning.desk import Desk
from itpm_byte.learning.errors import NotCompleted
from itpm_byte.learning.models import Progress, Receipt
from itpm_byte.player import access
from itpm_byte.player.languages import marks_for
from itpm_byte.player.views.desk import desk_required
from lti.answers import SeeOther
from lti.models import Launch


@require_http_methods(["GET", "HEAD", "POST"])
@desk_required
def receipt(request: HttpRequest, launch: Launch, desk: Desk) -> HttpResponse:
    """Make one, choose whether it names the learner (`name`), or withdraw it (`withdraw`). 404 in a preview."""
    if not access.is_recorded(launch):
        raise Http404
    if request.method == "POST":
        return _change(request, launch, desk)
    given = receipts.of(desk.progress) if desk.progress else None
    return _own(request, launch, desk.progress, given)


@require_safe
@never_cache
def check(request: HttpRequest) -> HttpResponse:
    """Where a code from paper is typed in."""
    typed = request.GET.get("code", "")
    if code := receipts.as_kept(typed):
        return SeeOther(reverse("player:check-receipt", args=[receipts.in_groups(code)]))
    return _public(request, {"typed": typed[:100], "is_wrong": bool(typed)}, status=422 if typed else 200)


@require_safe
@never_cache
def look(request: HttpRequest, code: str) -> HttpResponse:
    """What anybody sees who has the address of a receipt."""
    proof = receipts.look_up(code)
    if proof is None:
        return _public(request, {"typed": code[:100], "is_missing": True}, status=404)
    shown = {**_shown(proof, receipts.as_kept(code)), "checked_at": timezone.now(), "site": settings.PUBLIC_URL}
    return _public(request, shown)


def _change(request: HttpRequest, launch: Launch, desk: Desk) -> HttpResponse:
    page = reverse("player:receipt", args=[launch.pk])
    if "withdraw" in request.POST:
        receipts.withdraw(desk.placement, launch.user)
        return SeeOther(f"{page}?said=withdrawn")
    try:
        receipts.give(desk.placement, launch.user, shows_name="name" in request.POST, now=timezone.now())
    except NotCompleted:
        return _own(request, launch, None, None, status=422)
    return SeeOther(f"{page}?said=saved")


def _own(
    request: HttpRequest, launch: Launch, progress: Progress | None, given: Receipt | None, *, status: int = 200
) -> HttpResponse:
    context = {"launch": launch, "receipt": given, "words": NotCompleted.words, "said": request.GET.get("said", "")}
    if progress is not None and progress.completed_at is not None:
        progress.learner = launch.user
        proof = receipts.proof_of(progress, shows_name=given is not None and given.shows_name)
        context |= _shown(proof, given.code if given else "")
    return render(request, "player/receipt.html", context, status=status)


def _shown(proof: receipts.Proof, code: str) -> dict[str, Any]:
    grouped = receipts.in_groups(code)
    address = f"{settings.PUBLIC_URL}{reverse('player:check-receipt', args=[grouped])}" if code else ""
    return {"proof": proof, "code": grouped, "address": address, "lang": marks_for(proof.byte.language)}


def _public(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Known to whoever was told the address, and to no search engine."""
    answer = render(request, "player/receipt_check.html", context, status=status)
    answer["X-Robots-Tag"] = "noindex"
    return answer
