"""What the gradebook shows, for one person or for a whole column (AGS-40)."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from lti import scopes
from lti.outcomes import ServiceProblem
from lti.services import MOST_MEMBERS, Services, with_path, with_query

RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
# A hint: some LMSs tell ten results per page when nothing is said.
AT_ONCE = 200


@dataclass(frozen=True)
class Result:
    """What the gradebook shows for one person. `score` None: the LMS left it out, which may mean zero (AGS-40)."""

    user_id: str
    score: Decimal | None
    maximum: Decimal
    comment: str

    def on_scale_of(self, maximum: Decimal) -> Decimal | None:
        return None if self.score is None else self.score / self.maximum * maximum


def of_person(services: Services, line_item_url: str, *, user_id: str) -> list[Result]:
    """What the gradebook shows for this person (AGS-40)."""
    url = with_query(with_path(line_item_url, "results"), user_id=user_id)
    # Some LMSs answer with everybody.
    return [row for row in _results(services, url) if row.user_id == user_id]


def of_column(services: Services, line_item_url: str) -> list[Result]:
    """What the gradebook shows for everybody, all pages or nothing (AGS-16, AGS-40). Raises ServiceProblem."""
    url = with_query(with_path(line_item_url, "results"), limit=str(AT_ONCE))
    found = []
    for row in _results(services, url):
        found.append(row)
        if len(found) > MOST_MEMBERS:
            raise ServiceProblem.final("not_accepted")
    return found


def _results(services: Services, url: str) -> Iterator[Result]:
    found = services.read_all(url, wants=[scopes.RESULT_READ], accept=RESULTS_TYPE)
    return (_result(row) for page in found for row in page.rows())


def _result(row: dict[str, Any]) -> Result:
    return Result(
        user_id=str(row.get("userId", "")),
        score=_decimal(row.get("resultScore")),
        maximum=_decimal(row.get("resultMaximum")) or Decimal(1),
        comment=str(row.get("comment") or ""),
    )


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
