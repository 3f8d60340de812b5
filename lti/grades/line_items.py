"""The grade column of a resource link: given by the launch, else found, else made; never twice (AGS-10 … AGS-18)."""

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lti import products, protocol, scopes
from lti.models import LineItem, ResourceLink
from lti.outcomes import Outcome, ServiceProblem, Verdict, judge
from lti.services import LINE_ITEM_TYPE, LINE_ITEMS_TYPE, Services, parsed, with_query

READ = (scopes.LINEITEM_READ, scopes.LINEITEM)
TAG = "grade"
# Work can be looked at from the gradebook once it is there (OTH-10); we tell of none before.
REVIEWABLE = ("Completed",)
LEASE = timedelta(seconds=180)
CANVAS_SUBMISSION_TYPE = "https://canvas.instructure.com/lti/submission_type"

log = structlog.get_logger("lti.line_items")


def address(line_item: LineItem, services: Services, *, score_maximum: Decimal, now: datetime) -> str:
    """Where this link's scores go. Looks for the column, and makes it if the LMS lets us (AGS-10, AGS-11).

    Raises ServiceProblem: no_column when there is no way to one, BUSY while another worker is at it.
    """
    if line_item.url:
        return line_item.url
    if not line_item.takes_scores:
        raise ServiceProblem.final("no_column")
    with alone(line_item, now=now):
        url = _find(line_item, services)
        if url and line_item.wishes and scopes.LINEITEM in services.offered:
            # It was there before us: tell it what it should say.
            LineItem.objects.filter(pk=line_item.pk).update(tell_at=now)
        url = url or _create(line_item, services, score_maximum=score_maximum)
        _keep(line_item, url)
    return url


def find_again(line_item: LineItem, services: Services, *, now: datetime) -> str:
    """The LMS says that the column is gone: is there another one for this link? "" if not (AGS-15)."""
    if not line_item.resource_link.lineitems_url or not set(READ) & set(services.offered):
        return ""
    with alone(line_item, now=now):
        url = _find(line_item, services)
        if url in {"", line_item.url}:
            return ""
        _keep(line_item, url)
    return url


def update(line_item: LineItem, services: Services, fields: Mapping[str, Any]) -> None:
    """Change fields of the column, by their AGS names: read, change, put back whole (AGS-12). None takes one away.

    A new maximum may rescale what is there. Raises ServiceProblem, also when the LMS lets us only look.
    """
    if not line_item.url:
        raise ServiceProblem.final("no_column")
    if scopes.LINEITEM not in services.offered:
        raise ServiceProblem.final("scope_missing")
    whole = services.read(line_item.url, wants=READ, accept=LINE_ITEM_TYPE).body
    if not isinstance(whole, dict):
        raise ServiceProblem.retry("bad_answer")
    changed = {name: value for name, value in {**whole, **fields}.items() if value is not None}
    if changed == whole:
        return
    if products.family(services.deployment.registration.product) == "blackboard":
        # It answers 400 to its own read-only fields; what it is called stands in the address.
        changed.pop("id", None)
    answer = services.call(
        "PUT",
        line_item.url,
        wants=[scopes.LINEITEM],
        accept=LINE_ITEM_TYPE,
        content_type=LINE_ITEM_TYPE,
        content=changed,
    )
    outcome = judge(answer.status, answer.headers, answer.body, now=services.now)
    if outcome.verdict is not Verdict.SENT:
        raise ServiceProblem(outcome)


def number(value: Decimal) -> int | float:
    """For JSON: whole where it is whole (Open edX takes no other maximum), else at most four places (AGS-27)."""
    rounded = round(value, 4)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


@contextmanager
def alone(line_item: LineItem, *, now: datetime) -> Iterator[None]:
    """One worker at a time looks for or makes a column. Raises ServiceProblem BUSY for the others."""
    free = LineItem.objects.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=now), pk=line_item.pk)
    # A worker that read the row before the column was found must not make another one.
    if not free.filter(url=line_item.url).update(lease_until=now + LEASE):
        raise ServiceProblem(Outcome(Verdict.BUSY, delay=timedelta(seconds=2)))
    try:
        yield
    finally:
        LineItem.objects.filter(pk=line_item.pk).update(lease_until=None)


def _keep(line_item: LineItem, url: str) -> None:
    try:
        with transaction.atomic():
            LineItem.objects.filter(pk=line_item.pk).update(
                url=url, resource_id=_resource_id(line_item), tag=_tag(line_item)
            )
    except IntegrityError as problem:
        # Two links, one column: scores of one would overwrite the other's.
        raise ServiceProblem.final("column_unusable") from problem
    line_item.url = url


def _find(line_item: LineItem, services: Services) -> str:
    """The address of the column that belongs to this link; "" if the LMS lists none."""
    resource_link = line_item.resource_link
    if not resource_link.lineitems_url or not set(READ) & set(services.offered):
        return ""
    by_link = {"resource_link_id": resource_link.resource_link_id}
    by_name = {"resource_id": _resource_id(line_item), "tag": _tag(line_item)}
    for question in (by_link, by_name):
        url = with_query(resource_link.lineitems_url, **question)
        pages = services.read_all(url, wants=READ, accept=LINE_ITEMS_TYPE)
        rows = [row for page in pages for row in page.rows() if _is_ours(row, line_item)]
        usable = [row for row in rows if _is_usable(row.get("id"), line_item, services)]
        # A link may have several: ours by name, else the oldest, which LMSs list first.
        usable.sort(key=lambda row: not _is_named_ours(row, line_item))
        if usable:
            return str(usable[0]["id"])
    return ""


def _is_ours(row: dict[str, Any], line_item: LineItem) -> bool:
    """LMSs may ignore what we filter by, and copies of an activity keep resourceId and tag: its link decides first."""
    bound_to = row.get("resourceLinkId")
    if bound_to:
        return str(bound_to) == line_item.resource_link.resource_link_id
    return _is_named_ours(row, line_item)


def _is_named_ours(row: dict[str, Any], line_item: LineItem) -> bool:
    return (row.get("resourceId"), row.get("tag")) == (_resource_id(line_item), _tag(line_item))


def _is_usable(url: Any, line_item: LineItem, services: Services) -> bool:
    """An address on a host that may get our token, and not yet another link's column."""
    if not isinstance(url, str) or not services.may_call(url):
        return False
    others = LineItem.objects.filter(deployment_id=line_item.deployment_id, url=url).exclude(pk=line_item.pk)
    return not others.exists()


def _create(line_item: LineItem, services: Services, *, score_maximum: Decimal) -> str:
    if scopes.LINEITEM not in services.offered:
        raise ServiceProblem.final("no_column")
    wish = _wish(line_item, services, score_maximum=score_maximum)
    answer = _post(line_item.resource_link, services, wish)
    if answer.status in {404, 412}:
        # Canvas has no column for links that are no assignments; one that stands alone will do (AGS-18).
        answer = _post(line_item.resource_link, services, {**wish, "resourceLinkId": None})
    outcome = judge(answer.status, answer.headers, answer.body, now=services.now)
    if outcome.verdict is Verdict.GONE:
        raise ServiceProblem.final("no_column", answer.status)
    if outcome.verdict is not Verdict.SENT:
        raise ServiceProblem(outcome)
    made = parsed(answer)
    url = made.get("id") if isinstance(made, dict) else None
    if not _is_usable(url, line_item, services):
        log.error("lti.column_unusable", line_item=line_item.pk, status=answer.status)
        raise ServiceProblem.final("column_unusable", answer.status)
    log.info("lti.column_made", line_item=line_item.pk)
    return str(url)


def _post(resource_link: ResourceLink, services: Services, wish: dict[str, Any]) -> Any:
    return services.call(
        "POST",
        resource_link.lineitems_url,
        wants=[scopes.LINEITEM],
        accept=LINE_ITEM_TYPE,
        content_type=LINE_ITEM_TYPE,
        content={name: value for name, value in wish.items() if value is not None},
    )


def _wish(line_item: LineItem, services: Services, *, score_maximum: Decimal) -> dict[str, Any]:
    resource_link, family = line_item.resource_link, products.family(services.deployment.registration.product)
    # Open edX takes whole maxima alone; scores are shares of their own maximum, so a larger one changes nothing.
    maximum = math.ceil(score_maximum) if family == "openedx" else number(score_maximum)
    column = protocol.LineItem().set_score_maximum(maximum)
    column.set_label(line_item.label.strip() or resource_link.title.strip() or _("ITPM Byte"))
    column.set_resource_id(_resource_id(line_item)).set_tag(_tag(line_item))
    column.set_resource_link_id(resource_link.resource_link_id)
    wish: dict[str, Any] = json.loads(column.get_value())
    if family == "canvas":
        wish[CANVAS_SUBMISSION_TYPE] = {"type": "none"}
    elif family != "blackboard":
        # Blackboard answers 400 to what it doesn't know; Canvas has its own way, see `messages`.
        wish["submissionReview"] = {"reviewableStatus": list(REVIEWABLE)}
    return {**wish, **line_item.wishes}


def _resource_id(line_item: LineItem) -> str:
    return line_item.resource_id or f"link-{line_item.resource_link.resource_link_id}"[:255]


def _tag(line_item: LineItem) -> str:
    return line_item.tag or TAG
