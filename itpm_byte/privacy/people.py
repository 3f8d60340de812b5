"""Finding a person, and who may handle what is kept about them."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from itpm_byte.learning.models import Progress
from lti import tenancy
from lti.models import Institution, Launch, Membership, PlatformUser

SHOWN = 50
SHORTEST = 2


def visible(account: Any) -> QuerySet[PlatformUser]:
    """People of this account's institutions alone. Who is at a foreign one, too, is for operators."""
    return _of_all() if tenancy.sees_all(account) else of(tenancy.institutions_of(account))


def of(institutions: QuerySet[Institution]) -> QuerySet[PlatformUser]:
    """People who are somewhere in these institutions and nowhere else."""
    inside, outside = Q(), Q()
    for rows, path in (
        (Membership.objects.filter(user=OuterRef("pk")), "context__deployment__institution"),
        (Launch.objects.filter(user=OuterRef("pk")), "deployment__institution"),
        (Progress.objects.filter(learner=OuterRef("pk")), "placement__resource_link__deployment__institution"),
    ):
        mine = Q(**{f"{path}__in": institutions})
        inside |= Q(Exists(rows.filter(mine)))
        outside |= Q(Exists(rows.exclude(mine)))
    # Nowhere at all: the owner of the platform's registration is responsible.
    inside |= ~outside & Q(registration__institution__in=institutions)
    return _of_all().filter(inside, ~outside)


def find(account: Any, part: str) -> list[PlatformUser]:
    """By part of a name or e-mail, or by the platform's whole ID; one more than SHOWN tells that there are more."""
    if len(part) < SHORTEST:
        return []
    named = Q(name__icontains=part) | Q(email__icontains=part) | Q(sub=part)
    rows = visible(account).filter(named).select_related("registration").order_by("name", "pk")
    return list(rows.defer("registration__jwks")[: SHOWN + 1])


def institution_of(person: PlatformUser) -> Institution | None:
    """Whose record a deed about this person is: of their first course, else of the registration."""
    seat = Membership.objects.filter(user=person).select_related("context__deployment__institution").first()
    return seat.context.deployment.institution if seat else person.registration.institution


def _of_all() -> QuerySet[PlatformUser]:
    return PlatformUser.objects.filter(erased_at=None)
