"""What the page of a launch asks: how its learner stands."""

from typing import cast
from uuid import UUID

from django.utils import timezone
from rest_framework.exceptions import NotFound
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from itpm_byte.api import describing
from itpm_byte.api.launch_session import LaunchSession
from itpm_byte.api.serializers import progress_of
from itpm_byte.learning.desk import Desk, open_desk
from itpm_byte.learning.errors import PlacementMissing
from lti.models import Launch


class IsLaunch(BasePermission):
    """The request proved that it belongs to a launch."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, Launch)


class OwnProgress(APIView):
    """GET: sections seen, submitted attempts and the state of the grade, of the launch's own learner and nobody else.

    401 without the launch's session, 404 when no Byte stands behind its link.
    """

    authentication_classes = [LaunchSession]
    permission_classes = [IsLaunch]
    renderer_classes = [JSONRenderer]
    http_method_names = ["get", "head", "options"]

    @describing.own_progress
    def get(self, request: Request, launch_id: UUID) -> Response:
        launch = cast(Launch, request.auth)  # IsLaunch has made sure
        return Response(progress_of(_desk(launch)), headers={"Cache-Control": "no-store"})


def _desk(launch: Launch) -> Desk:
    if launch.resource_link is None:
        raise NotFound
    try:
        return open_desk(launch.user, launch.resource_link, now=timezone.now())
    except PlacementMissing as missing:
        raise NotFound(str(missing.words)) from missing
