"""What is worked out rather than kept: the same rosters and completion report that staff see, for programs."""

from typing import Any, cast

from django.http import HttpResponse
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from itpm_byte.api import describing, filters, scopes, shapes
from itpm_byte.api.pages import ProgramView, listed, read_question
from itpm_byte.insight import completion, feeds, roster


class CompletionView(ProgramView):
    """`insight.completion`, as the completion report shows it."""

    scope = scopes.READ_PROGRESS

    @describing.completions
    def get(self, request: Request) -> HttpResponse:
        known = filters.names_of(filters.OfCompletions)
        question = read_question(request, known=known, allows_since=False, institution=self.institution.pk)
        said = filters.cleaned(filters.OfCompletions, question.filters)
        learner = said.pop("learner", None)
        asked = {name: value for name, value in said.items() if value}
        wish = completion.Wish(**asked, learners=(learner,) if learner else None)
        after = cast(completion.Key | None, question.cursor.after or None)
        page = completion.page(self.institution, wish, after=after, limit=question.limit)
        return listed(request, question, shapes.CompletionShape(cast(Any, page.rows), many=True).data, page.next)


class RosterView(ProgramView):
    """`insight.roster`, as the instructor's room shows it."""

    scope = scopes.READ_ROSTERS

    @describing.roster
    def get(self, request: Request) -> HttpResponse:
        known = filters.names_of(filters.OfRoster)
        question = read_question(request, known=known, allows_since=False, institution=self.institution.pk)
        wish = filters.cleaned(filters.OfRoster, question.filters)
        placement = feeds.PLACED.first(institution=self.institution.pk, uuid=wish.pop("placement"))
        if placement is None:
            raise NotFound
        after, number = (question.cursor.after or (0,))[0], question.limit + 1
        if any(wish.values()):
            rows = roster.narrowed(roster.learners(placement), roster.Wish(**wish)).filter(pk__gt=after)
            found = list(roster.read(rows.order_by("pk")[:number], placement))
        else:
            found = roster.behind(placement, after, number=number)
        is_more = len(found) > question.limit
        shown = found[: question.limit]
        body = shapes.RosterShape(cast(Any, shown), many=True).data
        return listed(request, question, body, (shown[-1].id,) if is_more else None)
