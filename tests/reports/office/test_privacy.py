"""Pages about people's data: who may open them, what they show, what they do."""

import json

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from itpm_byte.learning.models import SupportRequest
from itpm_byte.privacy.models import RetentionRule
from lti.models import InstitutionStaff, Membership, PlatformUser, StaffAction
from tests.cast import cast
from tests.insight.scenes import scene
from tests.player.seats import text_of

pytestmark = pytest.mark.django_db

FIND = "/staff/privacy/"


@pytest.fixture
def people():
    found = cast("amber")
    at = scene(found)
    at.finished(found.lin)
    SupportRequest.objects.create(
        placement=at.placement, learner=found.lin, message="Help me, please", created_at=timezone.now()
    )
    return found


def officer(institution, *, may=True):
    user = User.objects.create_user(f"officer-{User.objects.count()}", is_staff=True)
    InstitutionStaff.objects.create(user=user, institution=institution)
    if may:
        user.user_permissions.add(Permission.objects.get(codename="handle_people"))
    client = Client()
    client.force_login(user)
    return client


def page_of(person, more=""):
    return f"{FIND}people/{person.pk}/{more}"


def test_somebody_is_found_looked_at_taken_out_and_erased(people):
    dpo = officer(people.institution)
    found = dpo.post(FIND, {"person": "li"})
    assert page_of(people.lin) in found.content.decode()
    assert "Support requests 1 requests for help deleted" in text_of(dpo.get(page_of(people.lin)))
    assert "Help me, please" in text_of(dpo.post(page_of(people.lin, "everything/"), {"form": "page"}))
    file = dpo.post(page_of(people.lin, "everything/"), {"form": "json"})
    assert file["Content-Disposition"] == f'attachment; filename="person-{people.lin.pk}.json"'
    assert json.loads(file.content)["kept"]["learning.SupportRequest"]["rows"][0]["message"] == "Help me, please"
    assert dpo.post(page_of(people.lin, "erase/"), {"reason": ""}).status_code == 400
    assert PlatformUser.objects.get(pk=people.lin.pk).name == "Lin"
    after = dpo.post(page_of(people.lin, "erase/"), {"reason": "Asked for it."}, follow=True)
    assert "Grades that the platform has got stay there." in text_of(after)
    assert PlatformUser.objects.get(pk=people.lin.pk).name == ""
    assert dpo.get(page_of(people.lin)).status_code == 404
    done = list(StaffAction.objects.order_by("pk").values_list("action", flat=True))
    assert done == ["person.exported", "person.exported", "person.erased"]


def test_without_the_right_or_at_another_institution_nobody_is_there(people):
    other = cast("birch")
    for client, code in ((officer(people.institution, may=False), 403), (officer(other.institution), 404)):
        for more in ("", "erase/"):
            assert client.get(page_of(people.lin, more)).status_code == code
        assert client.post(page_of(people.lin, "everything/"), {"form": "json"}).status_code == code
        assert client.post(page_of(people.lin, "erase/"), {"reason": "x"}).status_code == code
        assert client.get(f"{FIND}retention/{people.institution.pk}/").status_code == code
    assert page_of(people.lin) not in officer(other.institution).post(FIND, {"person": "Lin"}).content.decode()
    assert PlatformUser.objects.get(pk=people.lin.pk).name == "Lin"
    assert StaffAction.objects.count() == 0


def test_who_is_at_another_institution_too_is_for_operators(people):
    other = cast("birch")
    Membership.objects.create(context=other.context, user=people.lin, role="learner")
    assert officer(people.institution).get(page_of(people.lin)).status_code == 404
    operator = Client()
    operator.force_login(people.sue)
    assert operator.get(page_of(people.lin)).status_code == 200


def test_a_rule_is_tried_before_it_is_saved(people):
    dpo, page = officer(people.institution), f"{FIND}retention/{people.institution.pk}/"
    PlatformUser.objects.all().update(updated_at=timezone.now())
    dry = dpo.get(page, {"work_months": "12", "support_months": ""})
    assert "People 0 Requests for help none, ever" in text_of(dry)
    assert RetentionRule.objects.count() == 0
    saved = dpo.post(page, {"work_months": "12", "support_months": "", "reason": "Our policy"}, follow=True)
    assert "People: 12 months after they were last active." in text_of(saved)
    assert RetentionRule.objects.get().support_months is None
    assert dpo.get(page, {"work_months": "0", "support_months": ""}).status_code == 400


def test_the_number_of_queries_does_not_grow(people, django_assert_max_num_queries):
    dpo = officer(people.institution)
    for number in range(3):
        user = PlatformUser.objects.create(registration=people.registration, sub=f"li{number}", name=f"Li {number}")
        Membership.objects.create(context=people.context, user=user, role="learner")
        with django_assert_max_num_queries(6):
            dpo.post(FIND, {"person": "li"})
