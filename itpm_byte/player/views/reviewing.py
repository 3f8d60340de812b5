"""Where the gradebook leads: one learner's attempts, to read."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from itpm_byte.learning.desk import open_desk
from itpm_byte.learning.errors import PlacementMissing
from itpm_byte.player.review import Review
from lti.courses import reviews
from lti.models import Launch, PlatformUser
from lti.sessions import launch_required, return_url


@require_safe
@launch_required
def attempts(request: HttpRequest, launch: Launch, learner_id: int) -> HttpResponse:
    """Attempts of one learner at this launch's activity. 404 for everybody who may not look, as if there were none."""
    if not reviews.may_look(launch, learner_id) or launch.resource_link is None:
        raise Http404
    learner = launch.user if learner_id == launch.user_id else PlatformUser.objects.get(pk=learner_id)
    back_url = return_url(request, launch)
    try:
        desk = open_desk(learner, launch.resource_link, now=timezone.now())
    except PlacementMissing:
        context = {"learner": learner, "back_url": back_url}
        return render(request, "player/review_nothing.html", context)
    return render(request, "player/review.html", {"review": Review(launch, learner, desk, back_url)})
