"""Whose data a staff account may see. Every query behind a page, a file or an answer of staff begins here.

An `account` may also be an Institution: then it stands for that institution's programs, which see its data alone.
"""

from typing import Any

from django.db.models import Q, QuerySet

from lti.models import Context, Institution, Registration


def sees_all(account: Any) -> bool:
    """Operators of the service."""
    return not isinstance(account, Institution) and bool(account.is_active and account.is_superuser)


def institutions_of(account: Any) -> QuerySet[Institution]:
    """Institutions whose data this account may see; none for who is no staff."""
    if isinstance(account, Institution):
        return Institution.objects.filter(pk=account.pk)
    if sees_all(account):
        return Institution.objects.all()
    if not (account.is_active and account.is_staff):
        return Institution.objects.none()
    return Institution.objects.filter(staff__user=account)


def within(account: Any, path: str) -> Q:
    """A filter to these institutions, by the path to the institution's key: `within(user, "deployment__institution")`.

    Operators get no filter: a table of millions is not compared with a list of all institutions.
    """
    return Q() if sees_all(account) else Q(**{f"{path}__in": institutions_of(account)})


def contexts_of(account: Any) -> QuerySet[Context]:
    return Context.objects.filter(within(account, "deployment__institution"))


def registrations_of(account: Any) -> QuerySet[Registration]:
    """LMSs that belong to these institutions; one that others have deployments at is its owner's to look after."""
    return Registration.objects.filter(within(account, "institution"))
