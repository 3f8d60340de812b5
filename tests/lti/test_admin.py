"""Sue is staff; Ada and Lin have no account here."""

import json
import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from lti import keys
from lti.models import Context, Deployment, InstitutionStaff, Registration, Score, ToolKey
from lti.registering import tool
from tests.lti.course import make_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def sue():
    """Staff with every right there is."""
    client = Client()
    client.force_login(User.objects.create_superuser("sue"))
    return client


@pytest.fixture
def registration(platform):
    return platform.register()


def form(registration, **changes):
    """What the change page would post."""
    fields = ("name", "status", "issuer", "client_id", "auth_login_url", "auth_token_url", "jwks_url", "audience")
    told = {name: getattr(registration, name) for name in fields}
    told |= {"institution": registration.institution_id, "deployment_policy": "reject", "product": ""}
    told |= {"signing_algorithms": "[]", "trusted_audiences": "[]", "frame_origins": "[]", "is_azp_strict": "on"}
    told |= {"deployments-TOTAL_FORMS": "0", "deployments-INITIAL_FORMS": "0"}
    return {**told, **changes}


def change_url(row):
    return f"/admin/lti/{row._meta.model_name}/{row.pk}/change/"


def test_a_registration_shows_what_to_enter_at_the_lms(sue, registration):
    page = sue.get(change_url(registration)).content.decode()
    shown = re.findall(r"<dd><code>(.*?)</code></dd>", page)
    assert shown == [
        "http://127.0.0.1:8000/lti/launch/",
        f"http://127.0.0.1:8000/lti/login/{registration.uuid}/",
        "http://127.0.0.1:8000/lti/launch/",
        "http://127.0.0.1:8000/.well-known/jwks.json",
        "http://127.0.0.1:8000/lti/launch/",
        "127.0.0.1:8000",
        "http://127.0.0.1:8000/static/lti/tool.svg",
        "byte=it-project-manager",
        "context_history=$Context.id.history",
        "link_history=$ResourceLink.id.history",
        "AGS (line items, scores, results), NRPS",
        " ".join(tool.SCOPES),
    ]


def test_a_new_registration_makes_the_first_key(sue, registration):
    Registration.objects.all().update(status="disabled")
    answer = sue.post("/admin/lti/registration/add/", form(registration, client_id="second", status="active"))
    assert answer.status_code == 302
    assert Registration.objects.get(client_id="second").status == "active"
    assert ToolKey.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("jwks_url", "https://10.0.0.1/jwks", "must be reachable from the internet"),
        ("auth_token_url", "http://lms.example/token", "must begin with https://"),
        ("issuer", "http://lms.example", "Must be an https address"),
        ("signing_algorithms", '["HS256"]', "Not possible: HS256"),
        ("signing_algorithms", '"RS256"', "A list of texts"),
        ("frame_origins", '{"a": 1}', "A list of texts"),
        ("trusted_audiences", "[1]", "A list of texts"),
    ],
)
def test_what_the_command_refuses_the_form_refuses_too(sue, registration, settings, field, value, told):
    settings.LTI_ALLOW_LOOPBACK_PLATFORMS = False
    urls = {name: f"https://lms.example/{name}" for name in ("auth_login_url", "auth_token_url", "jwks_url")}
    sent = form(registration, **{"issuer": "https://lms.example", **urls, field: value})
    answer = sue.post(change_url(registration), sent)
    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert Registration.objects.get().issuer == registration.issuer


def test_a_new_keyset_address_makes_old_keys_count_no_more(sue, registration, platform):
    Registration.objects.update(jwks={"url": registration.jwks_url, "keys": []}, jwks_fetched_at=timezone.now())
    sue.post(change_url(registration), form(registration, name="Renamed"))
    assert Registration.objects.get().jwks is not None
    sue.post(change_url(registration), form(registration, jwks_url=f"{platform.url}/moved"))
    assert (Registration.objects.get().jwks, Registration.objects.get().jwks_fetched_at) == (None, None)


def test_a_waiting_deployment_can_be_approved(sue, registration):
    Deployment.objects.update(status="pending")
    deployment = Deployment.objects.get()
    inline = {
        "deployments-TOTAL_FORMS": "1",
        "deployments-INITIAL_FORMS": "1",
        "deployments-0-id": deployment.pk,
        "deployments-0-registration": registration.pk,
        "deployments-0-deployment_id": "1",
        "deployments-0-institution": deployment.institution_id,
        "deployments-0-status": "active",
    }
    assert sue.post(change_url(registration), form(registration, **inline)).status_code == 302
    assert Deployment.objects.get().status == "active"


def test_registrations_are_switched_off_not_deleted(sue, registration):
    assert sue.post(f"/admin/lti/registration/{registration.pk}/delete/", {"post": "yes"}).status_code == 403
    sent = {"action": "delete_selected", "_selected_action": registration.pk, "post": "yes"}
    sue.post("/admin/lti/registration/", sent)
    assert Registration.objects.count() == 1


def test_no_page_shows_or_takes_a_private_key(sue):
    key = keys.rotate(now=timezone.now())
    for address in ("/admin/lti/toolkey/", change_url(key)):
        page = sue.get(address).content.decode()
        assert key.kid in page
        assert key.private_key_encrypted not in page
        assert key.private_key_encrypted[:40] not in page
    assert sue.get("/admin/lti/toolkey/add/").status_code == 403
    assert sue.post(change_url(key), {"private_key_encrypted": "mine"}).status_code == 403
    assert sue.post(f"/admin/lti/toolkey/{key.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_grade_that_could_not_be_sent_says_why_and_can_be_sent_again(sue):
    course = make_course()
    score = course.queue()
    Score.objects.update(state="failed", last_error="not_in_course", sent_at=None)

    page = sue.get("/admin/lti/score/?state__exact=failed").content.decode()
    assert "is no learner of the course" in page
    assert sue.get(change_url(score)).status_code == 200
    sue.post("/admin/lti/score/", {"action": "send_again", "_selected_action": score.pk})

    score.refresh_from_db()
    assert (score.state, score.version) == ("due", 2)
    assert sue.post(change_url(score), {"score_given": "10"}).status_code == 403


def changed_in_the_lms(course) -> Score:
    score = course.queue()
    Score.objects.update(state="changed", last_error="changed_in_lms", observed=9)
    return score


def test_a_grade_that_was_changed_in_the_lms_is_sent_over_it_by_choice(sue):
    """AGS-31"""
    score = changed_in_the_lms(make_course())
    page = sue.get("/admin/lti/score/?state__exact=changed").content.decode()
    assert "changed in the LMS" in page
    assert "Overridden" in page  # Moodle's own word for it

    sue.post("/admin/lti/score/", {"action": "overwrite", "_selected_action": score.pk})
    score.refresh_from_db()
    assert (score.state, score.overwrites, score.version) == ("due", True, 2)


def test_whoever_may_only_look_at_grades_sends_none_over_a_teachers(db):
    score = changed_in_the_lms(make_course())
    colleague = User.objects.create_user("colleague", is_staff=True)
    colleague.user_permissions.add(Permission.objects.get(codename="view_score"))
    client = Client()
    client.force_login(colleague)
    assert "Send over what was changed" not in client.get("/admin/lti/score/").content.decode()
    client.post("/admin/lti/score/", {"action": "overwrite", "_selected_action": score.pk})

    score.refresh_from_db()
    assert (score.state, score.overwrites) == ("changed", False)


def test_one_column_may_be_allowed_to_overwrite_and_nothing_else_of_it_changes(sue):
    course = make_course()
    column = course.line_item
    sue.post(change_url(column), {"overwrites": "true", "url": "https://evil.example/", "wishes": '{"label": "x"}'})

    column.refresh_from_db()
    assert (column.overwrites, column.url, column.wishes) == (True, course.line_item.url, {})
    assert sue.get("/admin/lti/lineitem/add/").status_code == 403
    assert sue.post(f"/admin/lti/lineitem/{column.pk}/delete/").status_code == 403


def test_saving_a_connection_ends_the_pause_of_its_services(sue, registration):
    Registration.objects.update(services_paused_until=timezone.now(), services_failures=3)
    sue.post(change_url(registration), form(registration, client_id="right-now"))

    registration.refresh_from_db()
    assert (registration.client_id, registration.services_paused_until) == ("right-now", None)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_of_grades_costs_the_same_for_one_and_three(sue, number, django_assert_max_num_queries):
    course = make_course()
    for user in (course.lin, course.kai, course.ada)[:number]:
        Score.objects.create(
            line_item=course.line_item,
            user=user,
            score_given=1,
            score_maximum=1,
            activity_progress="Completed",
            grading_progress="FullyGraded",
            timestamp=timezone.now(),
            last_error="stale",
        )
    sue.get("/admin/lti/score/")
    with django_assert_max_num_queries(9):
        sue.get("/admin/lti/score/")


def test_whoever_may_only_look_can_change_nothing(registration):
    colleague = User.objects.create_user("colleague", is_staff=True)
    colleague.user_permissions.add(Permission.objects.get(codename="view_registration"))
    InstitutionStaff.objects.create(user=colleague, institution=registration.institution)
    client = Client()
    client.force_login(colleague)
    assert client.get(change_url(registration)).status_code == 200
    assert client.post(change_url(registration), form(registration, name="Mine")).status_code == 403
    assert client.get("/admin/lti/toolkey/").status_code == 403


def test_strangers_are_asked_to_log_in(registration):
    assert Client().get(change_url(registration)).status_code == 302


def test_no_field_of_the_admin_is_a_secret():
    for model, options in admin.site._registry.items():
        if model._meta.app_label == "lti":
            shown = json.dumps([str(options.list_display), str(options.fields), str(options.fieldsets)])
            assert "encrypted" not in shown


def test_courses_show_how_fresh_their_lists_are_and_why(sue, django_capture_on_commit_callbacks):
    course = make_course()
    Context.objects.update(memberships_url="https://lms.example/members", roster_error="forbidden")

    assert "does not let us see who is in the course" in sue.get("/admin/lti/context/").content.decode()
    sent = {"action": "fetch_roster", "_selected_action": [course.context.pk]}
    with django_capture_on_commit_callbacks(execute=True):
        pages = [sue.post("/admin/lti/context/", sent, follow=True).content.decode() for _ in range(2)]

    assert ["Lists asked for: 1." in pages[0], "Lists asked for: 0." in pages[1]] == [True, True]
    assert Context.objects.get().roster_asked_at is not None
