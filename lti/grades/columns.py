"""What a grade column should say: its name, its maximum, when it is open (AGS-11, AGS-12).

Teachers change an activity's dates or title with us; the LMS's column follows where the LMS lets us change it. Whatever
else stands in the column is put back as it was read. `column_delivery` tells the LMS.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction

from lti import scopes, tasks
from lti.grades import line_items
from lti.grades.messages import moment
from lti.models import LineItem, ResourceLink


def change(
    *,
    resource_link: ResourceLink,
    now: datetime,
    label: str | None = None,
    score_maximum: Decimal | None = None,
    dates: Mapping[str, datetime | None] | None = None,
) -> bool:
    """Write down what the link's column should say; part of the caller's transaction. Is there somebody to tell?

    `dates`: starts_at, ends_at, or one of them; None takes that date off. What isn't named stays as the LMS has it.
    An LMS that lets us change no columns is told only when we make one there.
    """
    named = {"starts_at": "startDateTime", "ends_at": "endDateTime"}
    wishes: dict[str, Any] = {named[name]: value and moment(value) for name, value in (dates or {}).items()}
    if label and label.strip():
        wishes["label"] = label.strip()[:500]
    if score_maximum is not None:
        wishes["scoreMaximum"] = line_items.number(score_maximum)
    with transaction.atomic():
        rows = LineItem.objects.select_for_update().filter(resource_link=resource_link)
        line_item = rows.first()
        if line_item is None:
            return False
        line_item.wishes = {**line_item.wishes, **wishes}
        is_told = bool(line_item.url) and scopes.LINEITEM in resource_link.ags_scopes
        line_item.tell_at, line_item.tell_tries, line_item.tell_error = (now if is_told else None), 0, ""
        line_item.save(update_fields=["wishes", "tell_at", "tell_tries", "tell_error"])
        if is_told:
            transaction.on_commit(partial(tasks.tell_column.enqueue, line_item.pk), robust=True)
    return is_told
