"""What learners say over all courses of an account's institutions: requests for help, ratings, unclear questions."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from itpm_byte.content.models import Byte
from itpm_byte.insight.feedback import MINIMUM_GROUP
from itpm_byte.learning.models import Feedback, SupportRequest, UnclearQuestion
from lti import tenancy

PAGE = 50
SHOWN = 200
OWNER = "placement__resource_link__deployment__institution"


@dataclass(frozen=True, slots=True)
class Wish:
    """Which requests; empty means all. `person` is part of a name or e-mail."""

    institution: int | None = None
    status: str = ""
    byte: str = ""
    person: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    requests: list[SupportRequest]
    next: int | None


@dataclass(frozen=True, slots=True)
class Rated:
    """What learners of all courses think of one version; `mean` and `shares` are None in a group that is too small.

    `shares`: how many gave 1, 2, … 5. `comments` is how many wrote one.
    """

    title: str
    language: str
    version: int
    number: int
    mean: float | None
    shares: tuple[int, ...] | None
    comments: int


@dataclass(frozen=True, slots=True)
class Unclear:
    title: str
    version: int
    prompt: str
    number: int


def requests_of(account: Any) -> QuerySet[SupportRequest]:
    return SupportRequest.objects.filter(tenancy.within(account, OWNER))


def page(account: Any, wish: Wish, *, after: int | None = None, limit: int = PAGE) -> Page:
    """Newest first, behind the request `after`."""
    rows = requests_of(account)
    if wish.institution is not None:
        rows = rows.filter(**{OWNER: wish.institution})
    if wish.status:
        rows = rows.filter(status=wish.status)
    if wish.byte:
        rows = rows.filter(placement__byte__slug=wish.byte)
    if wish.person:
        rows = rows.filter(Q(learner__name__icontains=wish.person) | Q(learner__email__icontains=wish.person))
    if wish.text:
        rows = rows.filter(message__icontains=wish.text)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    beside = ("learner", "placement__byte", "placement__resource_link__context")
    rows = rows.select_related(*beside, OWNER).defer("placement__byte__document").order_by("-pk")
    found = list(rows[: limit + 1])
    return Page(found[:limit], found[limit - 1].pk if len(found) > limit else None)


def open_requests(account: Any) -> int:
    return requests_of(account).filter(status=SupportRequest.Status.OPEN).count()


def ratings(account: Any) -> list[Rated]:
    """By Byte and version, newest version first. Groups below MINIMUM_GROUP show their number only."""
    rows = Feedback.objects.filter(tenancy.within(account, OWNER)).order_by()
    told = rows.values_list("byte", "rating").annotate(number=Count("pk"), words=Count("pk", filter=~Q(comment="")))
    counted: dict[int, dict[int, int]] = {}
    commented: dict[int, int] = {}
    for byte, rating, number, comments in told:
        counted.setdefault(byte, {})[rating] = number
        commented[byte] = commented.get(byte, 0) + comments
    versions = Byte.objects.filter(pk__in=counted).defer("document").order_by("title", "language", "-version")
    return [_rated(byte, counted[byte.pk], commented[byte.pk]) for byte in versions[:SHOWN]]


def unclear(account: Any) -> list[Unclear]:
    """Questions that learners found unclear, most often told first; those that too few told are left out."""
    rows = UnclearQuestion.objects.filter(tenancy.within(account, OWNER)).order_by()
    names = ("question__byte__title", "question__byte__version", "question__prompt")
    told = rows.values_list("question", *names).annotate(number=Count("pk")).filter(number__gte=MINIMUM_GROUP)
    return [Unclear(*row[1:]) for row in told.order_by("-number", "question")[:SHOWN]]


def _rated(byte: Byte, counted: dict[int, int], comments: int) -> Rated:
    number = sum(counted.values())
    told = (byte.title, byte.language, byte.version, number)
    if number < MINIMUM_GROUP:
        return Rated(*told, mean=None, shares=None, comments=0)
    mean = sum(rating * count for rating, count in counted.items()) / number
    return Rated(*told, mean=mean, shares=tuple(counted.get(rating, 0) for rating in range(1, 6)), comments=comments)
