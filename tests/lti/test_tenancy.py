"""Staff see the institutions they belong to; operators see all; nobody else sees any."""

import pytest
from django.contrib.auth.models import User

from lti import tenancy
from lti.models import Context, InstitutionStaff
from tests.cast import cast


@pytest.fixture
def two(db):
    return cast("amber"), cast("birch")


def staff(name, *institutions, **fields):
    account = User.objects.create_user(name, **{"is_staff": True, **fields})
    for institution in institutions:
        InstitutionStaff.objects.create(user=account, institution=institution)
    return account


def seen(account):
    institutions = set(tenancy.institutions_of(account).values_list("slug", flat=True))
    courses = Context.objects.filter(tenancy.within(account, "deployment__institution"))
    assert set(courses) == set(tenancy.contexts_of(account))
    assert {course.deployment.institution.slug for course in courses} == institutions
    return institutions


def test_staff_see_their_institutions_and_no_others(two):
    amber, birch = two
    assert seen(staff("one", amber.institution)) == {"amber"}
    assert seen(staff("both", amber.institution, birch.institution)) == {"amber", "birch"}
    assert seen(staff("none")) == set()


def test_operators_see_all(two):
    assert seen(two[0].sue) == {"amber", "birch"}


def test_who_is_no_staff_any_more_sees_nothing(two):
    amber, _ = two
    assert seen(staff("left", amber.institution, is_staff=False)) == set()
    assert seen(staff("locked", amber.institution, is_active=False)) == set()
    assert seen(staff("old operator", is_superuser=True, is_active=False)) == set()
