"""Lists and single rows for programs; what nobody finds."""

from functools import partial
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse
from rest_framework.exceptions import NotFound
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from itpm_byte.api import describing, filters
from itpm_byte.api.pages import ProgramView, Question, answer, listed, read_question
from itpm_byte.api.resources import Resource
from itpm_byte.insight import feeds
from itpm_byte.insight.feeds import Pull


class ListView(ProgramView):
    resource: Resource

    def get(self, request: Request) -> HttpResponse:
        resource, institution = self.resource, self.institution
        known = filters.names_of(resource.rows, resource.parents)
        question = read_question(request, known=known, allows_since=resource.has_changes, institution=institution.pk)
        page = feeds.read_page(resource.feed, institution, self._pull(question))
        if resource.beside:
            resource.beside(page.rows)
        return listed(request, question, resource.shape(page.rows, many=True).data, page.after)

    def _pull(self, question: Question) -> Pull:
        return Pull(
            limit=question.limit,
            since=question.since,
            after=question.cursor.after or None,
            rows=partial(filters.narrowed, self.resource.rows, question.filters),
            parents=partial(filters.narrowed, self.resource.parents, question.filters),
        )


class DetailView(ProgramView):
    resource: Resource

    def get(self, request: Request, key: int | UUID) -> HttpResponse:
        resource = self.resource
        read_question(request, known=set(), allows_since=False, institution=self.institution.pk)
        row = resource.feed.rows(self.institution).filter(**{str(resource.lookup): key}).first()
        if row is None:
            raise NotFound
        if resource.beside_one:
            resource.beside_one(row)
        return answer(request, (resource.detail_shape or resource.shape)(row).data)


def list_view(resource: Resource) -> type[ListView]:
    name = f"{resource.title}List"
    return cast(type[ListView], describing.many(resource)(type(name, (ListView,), _of(resource))))


def detail_view(resource: Resource) -> type[DetailView]:
    return cast(type[DetailView], describing.one(resource)(type(resource.title, (DetailView,), _of(resource))))


def _of(resource: Resource) -> dict[str, Any]:
    return {"resource": resource, "scope": resource.scope, "__doc__": resource.words}


class Nothing(APIView):
    """Every other address below /api/: a problem like all others, not a page for people."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    renderer_classes = [JSONRenderer]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound
