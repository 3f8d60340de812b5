"""What learners think of a Byte, in numbers. Below MINIMUM_GROUP ratings nothing shows: nobody is to be recognised."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from itpm_byte.content.models import Byte
from itpm_byte.learning.feedback import RATINGS
from itpm_byte.learning.models import Feedback, Placement

MINIMUM_GROUP = 5
MOST_COMMENTS = 1000


@dataclass(frozen=True, slots=True)
class Summary:
    """Ratings of one Byte version at one placement. All None when there are too few; then not even how few is told."""

    byte: Byte
    count: int | None
    mean: float | None
    ratings: dict[int, int] | None
    """How often each point of the scale was chosen, 1 disagrees most, 5 agrees most."""

    @property
    def is_shown(self) -> bool:
        return self.count is not None


def summaries(placements: Iterable[Placement]) -> dict[int, list[Summary]]:
    """By the placement's key, versions in order. Two queries for any number of placements."""
    counted = (
        Feedback.objects.filter(placement__in=[placement.pk for placement in placements])
        .order_by("placement_id", "byte_id", "rating")
        .values_list("placement_id", "byte_id", "rating")
        .annotate(times=Count("pk"))
    )
    found: dict[tuple[int, int], dict[int, int]] = defaultdict(lambda: dict.fromkeys(RATINGS, 0))
    for placement, byte, rating, times in counted:
        found[placement, byte][rating] = times
    versions = Byte.objects.defer("document").in_bulk({byte for _placement, byte in found})
    result: dict[int, list[Summary]] = defaultdict(list)
    for (placement, byte), ratings in found.items():
        result[placement].append(_summary(versions[byte], ratings))
    return result


def comments(placement: Placement) -> dict[int, list[str]]:
    """By Byte version's key, of versions with enough ratings. In the order of the alphabet: neither time nor person
    shows, and at most MOST_COMMENTS."""
    rows = Feedback.objects.filter(placement=placement).order_by()
    enough = [
        byte
        for byte, times in rows.values_list("byte_id").annotate(times=Count("pk")).order_by()
        if times >= MINIMUM_GROUP
    ]
    said: dict[int, list[str]] = defaultdict(list)
    shown = rows.filter(byte__in=enough).exclude(comment="").order_by("comment")
    for byte, comment in shown.values_list("byte_id", "comment")[:MOST_COMMENTS]:
        said[byte].append(comment)
    return said


def _summary(byte: Byte, ratings: dict[int, int]) -> Summary:
    count = sum(ratings.values())
    if count < MINIMUM_GROUP:
        return Summary(byte, None, None, None)
    mean = sum(rating * times for rating, times in ratings.items()) / count
    return Summary(byte, count, round(mean, 2), ratings)
