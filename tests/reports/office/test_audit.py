"""The pages and the file of the audit log, and that deeds of staff get there."""

import csv
from io import StringIO

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from lti import audit, keys
from lti.models import InstitutionStaff, StaffAction
from tests.cast import cast
from tests.player.seats import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return cast("amber")


@pytest.fixture
def sue(people):
    client = Client()
    client.force_login(people.sue)
    return client


def clerk(institution, *permissions):
    user = User.objects.create_user("clerk", is_staff=True)
    InstitutionStaff.objects.create(user=user, institution=institution)
    user.user_permissions.add(*Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def last():
    return StaffAction.objects.latest("pk")


def test_staff_with_the_right_see_their_institutions_deeds_and_others_do_not(people):
    audit.record("grade.resent", by=people.ada, now=timezone.now(), context=people.context, reason="It was lost.")
    other = cast("birch")
    assert "It was lost." in text_of(clerk(people.institution, "view_staffaction").get("/staff/audit/"))
    User.objects.all().delete()
    theirs = clerk(other.institution, "view_staffaction").get("/staff/audit/")
    assert (theirs.status_code, "It was lost." in text_of(theirs)) == (200, False)
    User.objects.all().delete()
    assert clerk(people.institution).get("/staff/audit/").status_code == 403


def test_the_file_has_what_the_filters_leave(people, sue):
    audit.record("grade.resent", by=people.ada, now=timezone.now(), context=people.context, reason="=1+1")
    audit.record("key.rotated", by=None, now=timezone.now())
    answer = sue.get("/staff/audit/rows.csv?action=grade.resent")
    (row,) = csv.DictReader(StringIO(b"".join(answer.streaming_content).decode().removeprefix("\ufeff")))
    assert (row["Who"], row["Why"]) == ("Ada", "'=1+1")


def test_a_wrong_filter_is_told_at_its_field(sue):
    page = sue.get("/staff/audit/?since=soon")
    assert (page.status_code, "Enter a valid date." in text_of(page)) == (400, True)


def test_decisions_about_platforms_leave_records_with_before_and_after(people, sue):
    page = f"/staff/lms/{people.registration.uuid}/"
    sue.post(page + "decide/", {"decision": "disable"})
    assert (last().action, last().account, last().before, last().after) == (
        "registration.disabled",
        people.sue,
        {"status": "active"},
        {"status": "disabled"},
    )
    sue.post(page + "decide/", {"decision": "approve"})
    sue.post(page + "policy/", {"deployment_policy": "auto"})
    assert (last().before, last().after) == ({"deployment_policy": "reject"}, {"deployment_policy": "auto"})
    sue.post(page + f"deployments/{people.deployment.pk}/", {"decision": "disable"})
    sue.post(page + "deployments/", {"deployment_id": "new", "institution": people.institution.pk})
    done = list(StaffAction.objects.order_by("pk").values_list("action", "institution"))
    assert done == [
        (code, people.institution.pk)
        for code in (
            *("registration.disabled", "registration.approved", "registration.policy_chosen"),
            *("deployment.disabled", "deployment.approved"),
        )
    ]


def test_links_leave_records_when_they_are_made_and_withdrawn(people, sue):
    form = {"name": "New", "institution": people.institution.pk, "days": 7, "deployment_policy": "pending"}
    assert sue.post("/staff/lms/link/", form).status_code == 200
    made = last()
    sue.post(f"/staff/lms/link/{made.object_id}/withdraw/")
    sue.post(f"/staff/lms/link/{made.object_id}/withdraw/")
    assert list(StaffAction.objects.order_by("pk").values_list("action", "account")) == [
        ("registration_link.made", people.sue.pk),
        ("registration_link.withdrawn", people.sue.pk),
    ]


def test_a_rotated_key_leaves_a_record_of_nobody_in_particular():
    key = keys.rotate(now=timezone.now())
    assert (last().action, last().account, last().after["kid"]) == ("key.rotated", None, key.kid)


def test_changes_in_the_administration_are_written_down_with_their_values(people, sue):
    page = f"/admin/lti/institution/{people.institution.pk}/change/"
    sue.post(page, {"name": "Amber College", "slug": "amber", "support_url": "", "support_email": ""})
    assert (last().action, last().account, last().institution) == ("admin.changed", people.sue, people.institution)
    assert (last().before, last().after) == ({"name": "amber school"}, {"name": "Amber College"})


def test_of_accounts_only_the_names_of_changed_fields_are_kept(people, sue):
    word = "a long word for nobody"
    form = {"username": "new", "password1": word, "password2": word, "usable_password": "true"}
    none = {f"institution_staff-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}
    sue.post("/admin/auth/user/add/", {**form, **none})
    assert (last().action, last().object_type, last().institution) == ("admin.added", "auth.user", None)
    assert set(last().after["fields"]) <= {"username", "password1", "password2", "usable_password"}
