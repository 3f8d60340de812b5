"""Sue decides about LMSs; staff without the right, Ada and strangers do not."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from lti.models import Context, Deployment, Institution, InstitutionStaff, Registration, RegistrationLink
from lti.registering import links as registration_links
from tests.lti.cast import registration

pytestmark = pytest.mark.django_db

ROOT = "/staff/lms/"


@pytest.fixture
def sue():
    client = Client()
    client.force_login(User.objects.create_superuser("sue"))
    return client


def colleague(*permissions, of=None):
    """Staff with these rights alone, for these institutions (all that are there)."""
    user = User.objects.create_user("colleague", is_staff=True)
    for institution in Institution.objects.all() if of is None else of:
        InstitutionStaff.objects.create(user=user, institution=institution)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def page_of(row):
    return f"{ROOT}{row.uuid}/"


def words(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def link(**fields):
    owner = fields.pop("institution", None) or Institution.objects.get()
    return registration_links.make(
        **{"name": "Moodle of the school", "institution": owner, "now": timezone.now(), **fields}
    )[0]


# --- who may


def every_page(row):
    deployment = Deployment.objects.create(registration=row, institution=row.institution, deployment_id="9")
    return {
        "get": [ROOT, page_of(row), f"{ROOT}link/", f"{ROOT}by-hand/", f"{ROOT}by-hand/{row.uuid}/"],
        "post": [
            f"{ROOT}link/",
            f"{ROOT}link/{link().pk}/withdraw/",
            f"{page_of(row)}decide/",
            f"{page_of(row)}policy/",
            f"{page_of(row)}deployments/",
            f"{page_of(row)}deployments/{deployment.pk}/",
        ],
    }


def test_strangers_and_learners_are_sent_to_the_staff_s_log_in():
    for method, paths in every_page(registration()).items():
        for path in paths:
            answer = getattr(Client(), method)(path)
            assert answer.status_code == 302
            assert answer.headers["Location"].startswith("/staff/login/?next=/staff/lms/")


def test_staff_without_the_right_see_and_change_nothing():
    client = colleague()
    for method, paths in every_page(registration()).items():
        assert [getattr(client, method)(path).status_code for path in paths] == [403] * len(paths)


def test_who_may_only_look_finds_no_buttons_and_changes_nothing():
    row = registration(status="pending")
    client = colleague("view_registration")
    pages = every_page(row)
    assert [client.get(path).status_code for path in (ROOT, page_of(row))] == [200, 200]
    assert [client.post(path).status_code for path in pages["post"]] == [403] * 6
    for path in (ROOT, page_of(row)):
        forms = re.findall(r'<form[^>]*action="([^"]*)"', client.get(path).content.decode())
        assert forms == ["/staff/logout/"]


def test_staff_see_and_change_the_platforms_of_their_institutions_alone():
    row = registration(status="pending")
    other = registration("other.example", status="pending")
    theirs = Institution.objects.create(name="Birch", slug="birch")
    other.institution = theirs
    other.name = "LMS of Birch"
    other.save()
    lent = Deployment.objects.create(registration=row, institution=theirs, deployment_id="of Birch")
    away = link(institution=theirs)
    every = ("view_registration", "change_registration", "add_registration")
    client = colleague(*every, of=[row.institution])
    text = client.get(ROOT).content.decode() + client.get(page_of(row)).content.decode()
    assert row.name in text
    assert not {"Birch", "of Birch"} & set(re.findall(r"of Birch|Birch", text))
    assert client.get(page_of(other)).status_code == 404
    assert client.get(f"{page_of(other)}doctor/").status_code == 404
    for path in ("decide/", "policy/", "deployments/"):
        sent = {"decision": "approve", "deployment_policy": "auto", "deployment_id": "x"}
        assert client.post(page_of(other) + path, sent).status_code == 404
    assert client.post(f"{page_of(row)}deployments/{lent.pk}/", {"decision": "disable"}).status_code == 404
    assert client.post(f"{ROOT}link/{away.pk}/withdraw/").status_code == 404
    for path in (f"{ROOT}link/", f"{page_of(row)}deployments/"):
        sent = {"name": "x", "days": "7", "deployment_policy": "pending", "deployment_id": "new"}
        assert client.post(path, {**sent, "institution": theirs.pk}).status_code == 400
        assert client.post(path, {**sent, "new_institution": "Mine"}).status_code == 400
    other.refresh_from_db()
    assert (other.status, RegistrationLink.objects.count(), Institution.objects.count()) == ("pending", 1, 3)


def test_a_form_of_another_site_decides_nothing(sue):
    row = registration(status="pending")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = sue.cookies
    assert strict.post(f"{page_of(row)}decide/", {"decision": "approve"}).status_code == 403
    row.refresh_from_db()
    assert row.status == "pending"


def test_nobody_frames_or_caches_these_pages(sue):
    answer = sue.get(page_of(registration()))
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]


# --- overview


def test_the_overview_shows_first_what_waits_then_all_then_open_links(sue):
    waiting = registration("waiting.example", status="pending")
    quiet = registration("quiet.example")
    Deployment.objects.create(registration=quiet, institution=quiet.institution, deployment_id="new", status="pending")
    owner = Institution.objects.first()
    link(institution=owner)
    RegistrationLink.objects.update(host="moodle.school.example")
    used = link(name="Used", institution=owner)
    RegistrationLink.objects.filter(pk=used.pk).update(used_at=timezone.now(), registration=waiting)
    old = link(name="Old", institution=owner)
    registration_links.withdraw(old, by=None, now=timezone.now())
    text = words(sue.get(ROOT))
    first, all_of_them = text.split("All learning platforms")
    assert "waiting.example The learning platform registered itself" in first
    assert "quiet.example 1 deployment waits for approval." in first
    assert "Moodle of the school" in all_of_them
    assert "moodle.school.example" in all_of_them
    assert "Used" not in text
    assert "Old" not in text


@pytest.mark.parametrize("count", [1, 3])
def test_lists_take_the_same_queries_however_long(sue, count, django_assert_num_queries):
    for number in range(count):
        row = registration(f"lms-{number}.example", status="pending")
        link(institution=row.institution)
        for deployment in range(count):
            Deployment.objects.create(
                registration=row, institution=row.institution, deployment_id=deployment, status="pending"
            )
    # Session, person and their second step are three of them, how the platforms fare four.
    with django_assert_num_queries(9):
        sue.get(ROOT)
    with django_assert_num_queries(14):
        sue.get(page_of(Registration.objects.first()))


def test_the_admin_leads_here(sue):
    row = registration()
    assert f'href="{ROOT}"' in sue.get("/admin/lti/registration/").content.decode()
    assert f'href="{page_of(row)}"' in sue.get(f"/admin/lti/registration/{row.pk}/change/").content.decode()


# --- one LMS


def test_the_page_says_both_sides_addresses_and_what_comes_next(sue):
    row = registration(product="moodle", status="pending")
    text = words(sue.get(page_of(row)))
    for part in (row.issuer, row.client_id, row.auth_login_url, row.auth_token_url, row.jwks_url):
        assert part in text
    assert f"http://127.0.0.1:8000/lti/login/{row.uuid}/" in text
    assert "press Activate" in text
    assert "It registered itself and waits." in text


@pytest.mark.parametrize(
    ("before", "decision", "after", "said"),
    [
        ("pending", "approve", "active", "is active: activities open from now on."),
        ("disabled", "approve", "active", "is active: activities open from now on."),
        ("active", "disable", "disabled", "is switched off: nothing opens from there any more. All data is kept."),
        ("pending", "disable", "disabled", "is switched off"),
        ("pending", "else", "pending", "It registered itself and waits."),
    ],
)
def test_sue_decides_with_words_sec_17(sue, before, decision, after, said):
    row = registration(status=before)
    answer = sue.post(f"{page_of(row)}decide/", {"decision": decision}, follow=True)
    row.refresh_from_db()
    assert row.status == after
    assert said in words(answer)


def test_decisions_are_logged_with_ids_and_no_names(sue, caplog):
    row = registration(status="pending")
    with caplog.at_level("INFO"):
        sue.post(f"{page_of(row)}decide/", {"decision": "approve"})
    told = [record.msg for record in caplog.records if "lti.registration_decided" in str(record.msg)]
    assert (told[0]["registration"], told[0]["status"]) == (str(row.uuid), "active")
    assert told[0]["by"] == User.objects.get().pk


@pytest.mark.parametrize(("said", "kept"), [("auto", "auto"), ("pending", "pending"), ("perhaps", "reject")])
def test_the_policy_for_unknown_deployments_is_chosen_here_core_24(sue, said, kept):
    row = registration()
    sue.post(f"{page_of(row)}policy/", {"deployment_policy": said})
    row.refresh_from_db()
    assert row.deployment_policy == kept


# --- whose a deployment is, REG-22


@pytest.fixture
def shared():
    """A registration that many institutions share, and two of them."""
    row = registration("blackboard.example", deployment_policy="pending")
    return (
        row,
        Institution.objects.create(name="North", slug="north"),
        Institution.objects.create(name="South", slug="s"),
    )


def test_a_waiting_deployment_is_approved_for_its_institution_reg_22(sue, shared):
    row, north, _south = shared
    waiting = Deployment.objects.create(
        registration=row, institution=row.institution, deployment_id="d-1", status="pending"
    )
    sent = {"decision": "approve", "institution": north.pk}
    assert "activities open" in words(sue.post(f"{page_of(row)}deployments/{waiting.pk}/", sent, follow=True))
    waiting.refresh_from_db()
    assert (waiting.status, waiting.institution) == ("active", north)


def test_a_deployment_in_use_keeps_its_institution(sue, shared):
    row, north, south = shared
    used = Deployment.objects.create(registration=row, institution=north, deployment_id="d-1", status="disabled")
    Context.objects.create(deployment=used, context_id="c")
    address = f"{page_of(row)}deployments/{used.pk}/"
    answer = sue.post(address, {"decision": "approve", "institution": south.pk}, follow=True)
    assert "is in use already" in words(answer)
    used.refresh_from_db()
    assert (used.status, used.institution) == ("disabled", north)
    sue.post(address, {"decision": "approve", "institution": north.pk})
    used.refresh_from_db()
    assert used.status == "active"


def test_a_deployment_is_switched_off(sue, shared):
    row, north, _south = shared
    used = Deployment.objects.create(registration=row, institution=north, deployment_id="d-1")
    sue.post(f"{page_of(row)}deployments/{used.pk}/", {"decision": "disable"})
    used.refresh_from_db()
    assert used.status == "disabled"


@pytest.mark.parametrize("institution", ["", "x", "²", "999999"])
def test_an_institution_that_is_none_is_not_found(sue, shared, institution):
    row, north, _south = shared
    waiting = Deployment.objects.create(registration=row, institution=north, deployment_id="d", status="pending")
    sent = {"decision": "approve", "institution": institution}
    assert sue.post(f"{page_of(row)}deployments/{waiting.pk}/", sent).status_code == 404


def test_a_deployment_of_another_lms_is_not_found_here(sue, shared):
    row, north, _south = shared
    other = Deployment.objects.create(registration=registration(), institution=north, deployment_id="d")
    assert sue.post(f"{page_of(row)}deployments/{other.pk}/", {"decision": "disable"}).status_code == 404


def test_a_deployment_id_sent_by_mail_is_entered_for_its_institution_reg_22(sue, shared):
    row, north, south = shared
    sue.post(f"{page_of(row)}deployments/", {"deployment_id": "d-2", "institution": south.pk})
    assert list(row.deployments.values_list("deployment_id", "status", "institution__name")) == [
        ("d-2", "active", "South")
    ]
    Context.objects.create(deployment=row.deployments.get(), context_id="c")
    again = sue.post(f"{page_of(row)}deployments/", {"deployment_id": "d-2", "institution": north.pk})
    assert again.status_code == 400
    assert "is in use already" in words(again)


def test_an_unfit_deployment_id_is_told(sue, shared):
    row, north, _south = shared
    answer = sue.post(f"{page_of(row)}deployments/", {"deployment_id": "é", "institution": north.pk})
    assert answer.status_code == 400
    assert "1 to 255 ASCII characters." in words(answer)


def test_a_link_is_withdrawn(sue):
    registration()
    made = link()
    answer = sue.post(f"{ROOT}link/{made.pk}/withdraw/", follow=True)
    assert "The link no longer works." in words(answer)
    made.refresh_from_db()
    assert registration_links.why_not(made, now=timezone.now()) == "link_expired"
