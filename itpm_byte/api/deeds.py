"""What programs may do: send a grade again."""

import json
from typing import Any

from django.utils import timezone
from rest_framework.exceptions import NotFound
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from itpm_byte.api import describing, idempotency, scopes, shapes
from itpm_byte.api.pages import ProgramView, read_question
from itpm_byte.api.problems import Problem
from itpm_byte.insight import feeds
from lti import audit
from lti.grades import scores
from lti.models import Score


class Resend(ProgramView):
    scope = scopes.WRITE_GRADES
    http_method_names = ["post", "options"]

    @describing.resend
    def post(self, request: Request, key: int) -> Response:
        read_question(request, known=set(), allows_since=False, institution=self.institution.pk)
        wish = shapes.ResendWish(data=request.data)
        wish.is_valid(raise_exception=True)
        said = wish.validated_data
        done = idempotency.once(
            self.token,
            request.headers.get("Idempotency-Key"),
            ("POST", request.path, dict(said)),
            lambda: (202, self._resend(key, overwrites=said["overwrites"], reason=said["reason"])),
            now=timezone.now(),
        )
        headers = {"Idempotency-Replayed": "true"} if done.is_replay else {}
        return Response(done.body, status=done.status, headers=headers)

    def _resend(self, key: int, *, overwrites: bool, reason: str) -> Any:
        """Inside the transaction of `once`."""
        now = timezone.now()
        score = feeds.GRADES.rows(self.institution).filter(pk=key).first()
        if score is None:
            raise NotFound
        if scores.status_of(score).state == "none":
            raise Problem("grade_none")
        before = {"state": score.state, "score_given": score.score_given}
        scores.resend(score, now=now, overwrites=overwrites)
        audit.record(
            "grade.resent",
            by=self.token.created_by,
            now=now,
            on=score,
            institution=self.institution,
            context=score.line_item.resource_link.context,
            subject=score.user,
            reason=reason,
            before=before,
            after={"overwrites": overwrites, "api_token": self.token.prefix},
        )
        fresh: Score = feeds.GRADES.rows(self.institution).get(pk=key)
        return json.loads(JSONRenderer().render(shapes.GradeShape(fresh).data))
