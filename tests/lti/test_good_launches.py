"""Launches that must open: Cert §6.1.2 (teacher) and §6.1.3 (student), and our own cases (OK-01 to OK-25)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from structlog.testing import capture_logs

from lti.models import (
    Context,
    Deployment,
    Launch,
    LineItem,
    Membership,
    PlatformUser,
    Registration,
    ResourceLink,
    Role,
)
from tests.lti.platform import CURVE, FIRST, LEFT_OUT, LTI, MEMBERSHIP, OWN, SECOND, TARGET, Visit

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.lti.doors")]

CORE = "http://purl.imsglobal.org/vocab/lis/v2/"
PERSONAL = ("name", "given_name", "family_name", "email", "locale")
both = pytest.mark.parametrize(
    ("principal", "role"), [("Instructor", Role.INSTRUCTOR), ("Learner", Role.LEARNER)], ids=["teacher", "student"]
)


# What the launch hook below was told, newest last.
kept = []


def keep_claims(launch, claims, *, now):
    kept.append(claims)
    return f"/l/{launch.pk}/"


@pytest.fixture
def registration(platform, settings):
    settings.LTI_LAUNCH_HOOK = "tests.lti.doors.open_launch"
    return platform.register()


@pytest.fixture
def visit(platform, registration):
    return Visit(platform)


def opened(answer):
    """The launch behind the answer: the browser is sent to its page, and the page opens."""
    assert answer.status_code == 303
    launch = Launch.objects.select_related("user", "membership__context", "resource_link", "deployment").get(
        pk=answer["Location"].split("/")[2]
    )
    page = answer.client.get(answer["Location"])
    assert page.status_code == 200
    launch.page = page.content.decode()
    return launch


def without(*claims):
    return dict.fromkeys(claims, LEFT_OUT)


# --- Cert §6.1.2 and §6.1.3


@both
def test_ok_01_a_full_launch_knows_person_course_link_and_role(visit, platform, principal, role):
    launch = opened(visit.launch(roles=[MEMBERSHIP + principal]))

    user = launch.user
    assert (user.sub, user.name, user.email, user.locale) == ("lin", "Lin Tran", "lin@school.example", "en")
    assert (launch.role, launch.membership.role, launch.current_role) == (role, role, role)
    assert (launch.membership.context.context_id, launch.membership.context.title) == ("course", "Careers 101")
    assert launch.membership.context.memberships_url == f"{platform.url}/members"
    assert (launch.resource_link.resource_link_id, launch.resource_link.title) == ("link", "IT Project Manager")
    assert launch.resource_link.context == launch.membership.context
    assert launch.resource_link.lineitems_url == f"{platform.url}/lineitems"
    assert launch.resource_link.ags_scopes == ["https://purl.imsglobal.org/spec/lti-ags/scope/score"]
    assert launch.resource_link.line_item.url == f"{platform.url}/lineitems/1?type_id=2"
    assert (launch.deployment.deployment_id, launch.message_type) == ("1", "LtiResourceLinkRequest")
    assert (launch.document_target, launch.locale, launch.is_test_user) == ("iframe", "en", False)
    assert "Lin Tran" in launch.page


@both
def test_ok_02_of_several_roles_the_highest_in_the_course_counts(visit, principal, role):
    roles = [MEMBERSHIP + "Learner", MEMBERSHIP + principal, CORE + "institution/person#Faculty"]
    assert opened(visit.launch(roles=roles)).role == role


@both
def test_ok_03_a_short_role_is_a_role_in_the_course(visit, principal, role):
    assert opened(visit.launch(roles=[principal])).role == role


def test_ok_04_an_unknown_role_gives_no_rights(visit):
    launch = opened(visit.launch(roles=["http://example.org/roles#Wizard", MEMBERSHIP + "Sorcerer"]))
    assert launch.role == Role.NONE
    assert not launch.is_staff
    assert not launch.is_gradable


def test_ok_05_an_empty_list_of_roles_gives_no_rights(visit):
    assert opened(visit.launch(roles=[])).role == Role.NONE


@both
def test_ok_06_an_e_mail_alone_lends_its_local_part_as_name(visit, principal, role):
    claims = without("name", "given_name", "family_name", "locale")
    launch = opened(visit.launch(roles=[principal], **claims))
    assert (launch.user.name, str(launch.user.display_name), launch.role) == ("", "lin", role)


@both
def test_ok_07_names_alone_are_enough(visit, principal, role):
    launch = opened(visit.launch(roles=[principal], **without("email", "name")))
    assert (launch.user.display_name, launch.user.email, launch.role) == ("Lin Tran", "", role)


@both
def test_ok_08_without_anything_personal_there_is_a_pseudonym(visit, principal, role):
    launch = opened(visit.launch(roles=[principal], **without(*PERSONAL)))
    assert str(launch.user.display_name) == f"Participant {launch.user.pk}"
    assert launch.role == role


@both
def test_ok_09_an_e_mail_without_a_course_opens_without_course(visit, principal, role):
    services = [name for name in visit.platform.claims("") if "lti-ags" in name or "lti-nrps" in name]
    launch = opened(visit.launch(roles=[principal], **without("context", *services)))
    assert (launch.membership, launch.resource_link.context) == (None, None)
    assert (launch.user.email, launch.role) == ("lin@school.example", role)
    assert not LineItem.objects.exists()


# --- our own


def test_ok_10_an_anonymous_launch_opens_where_it_is_allowed_and_is_never_graded(visit, registration):
    registration.allows_anonymous = True
    registration.save()

    first = opened(visit.launch(sub=LEFT_OUT, **without(*PERSONAL)))
    second = opened(visit.launch(sub="", **without(*PERSONAL)))

    assert first.user != second.user
    assert first.user.is_anonymous
    assert (first.membership, first.is_gradable) == (None, False)


def test_ok_10_an_anonymous_teacher_sees_nothing_that_staff_see(visit, registration):
    registration.allows_anonymous = True
    registration.save()
    assert not opened(visit.launch(sub=LEFT_OUT, roles=["Instructor"])).is_staff


def test_ok_11_our_client_id_may_stand_in_a_list(visit):
    assert opened(visit.launch(aud=["client"]))


def test_ok_12_custom_values_that_mean_nothing_count_as_absent(visit, settings):
    settings.LTI_LAUNCH_HOOK = "tests.lti.test_good_launches.keep_claims"
    odd = {
        "byte": "x",
        "empty": "",
        "raw": "$Context.id.history",
        "none": None,
        "number": 5,
        "list": ["a"],
        "nul": "\0",
    }
    with capture_logs() as logs:
        visit.launch(custom={"byte": "x", "empty": "", **odd})
    assert kept[-1].custom == {"byte": "x", "empty": ""}
    assert [line["names"] for line in logs if line["event"] == "lti.custom_dropped"] == [["list", "none", "number"]]


@pytest.mark.parametrize("value", [None, [], "byte=x", 5])
def test_ok_12_a_custom_claim_that_is_no_object_counts_as_absent(visit, settings, value):
    settings.LTI_LAUNCH_HOOK = "tests.lti.test_good_launches.keep_claims"
    visit.launch(custom=value)
    assert kept[-1].custom == {}


@pytest.mark.parametrize(
    "name", ["نور الحدّاد", "陈美玲", "Zoë O'Hara-Núñez", "👩🏽‍💻 Kim", "x" * 200, '<b>Lin</b> & "co"', "a\u202eb"]
)
def test_ok_13_names_of_all_kinds_are_kept(visit, name):
    launch = opened(visit.launch(name=name))
    assert launch.user.name == name
    assert "<b>Lin" not in launch.page


def test_ok_13_what_no_database_can_store_is_left_out_of_a_name(visit):
    assert opened(visit.launch(name="L\0in\ud83d " + "x" * 600)).user.name == "Lin " + "x" * 496


@pytest.mark.parametrize(
    ("urn", "role"),
    [
        ("urn:lti:role:ims/lis/Instructor", Role.INSTRUCTOR),
        ("urn:lti:role:ims/lis/Learner", Role.LEARNER),
        ("urn:lti:role:ims/lis/TeachingAssistant/Grader", Role.TEACHING_ASSISTANT),
        ("urn:lti:instrole:ims/lis/Administrator", Role.NONE),
    ],
)
def test_ok_14_roles_may_be_urns(visit, urn, role):
    assert opened(visit.launch(roles=[urn])).role == role


@pytest.mark.parametrize("presentation", [LEFT_OUT, None, {}, {"return_url": ""}, {"return_url": "javascript:x"}])
def test_ok_15_a_launch_without_return_url_opens(visit, presentation):
    assert opened(visit.launch(launch_presentation=presentation)).document_target == ""


def test_ok_16_a_resource_link_needs_no_title(visit):
    assert opened(visit.launch(resource_link={"id": "link"})).resource_link.title == ""


def test_ok_17_two_deployments_of_one_client_are_two_tenants(platform, settings):
    settings.LTI_LAUNCH_HOOK = "tests.lti.doors.open_launch"
    platform.register(deployment_ids=("1", "2"))

    first = opened(Visit(platform).launch())
    second = opened(Visit(platform).launch(deployment_id="2"))

    assert first.user == second.user
    assert first.membership.context != second.membership.context
    assert first.resource_link != second.resource_link


def test_ok_18_two_clients_of_one_issuer_are_two_registrations(visit, platform):
    other = platform.register(client_id="second")
    visit.log_in(client_id="second")
    assert opened(visit.arrive(aud="second")).deployment.registration == other


def test_ok_19_the_same_sub_at_two_lmss_is_two_people(visit, platform):
    """CORE-33."""
    platform.register(issuer="https://elsewhere.example", client_id="second")
    here = opened(visit.launch())
    visit.log_in(iss="https://elsewhere.example", client_id="second")
    elsewhere = opened(visit.arrive(iss="https://elsewhere.example", aud="second"))
    assert here.user.sub == elsewhere.user.sub
    assert here.user != elsewhere.user


def test_the_same_e_mail_address_makes_nobody_the_same_person(visit):
    """SEC-06: an LMS can claim any address."""
    here = opened(visit.launch(email="lin@school.example"))
    other = opened(visit.launch(sub="somebody else", email="lin@school.example"))
    assert here.user != other.user
    assert here.user.email == other.user.email


def test_ok_20_a_teacher_of_one_course_is_a_learner_in_another(visit):
    here = opened(visit.launch(sub="ada", roles=[MEMBERSHIP + "Instructor"]))
    there = opened(visit.launch(sub="ada", context={"id": "other"}, resource_link={"id": "other"}))
    here.refresh_from_db()
    assert here.user == there.user
    assert (here.current_role, there.current_role) == (Role.INSTRUCTOR, Role.LEARNER)


def test_ok_21_keys_that_were_rotated_between_two_launches_are_found(visit, platform):
    opened(visit.launch())
    platform.key = SECOND
    platform.publish(SECOND.jwk())
    opened(visit.launch())
    assert platform.asked == 2


def test_ok_22_unknown_claims_are_ignored(visit):
    odd = {"https://example.org/claim": {"deep": [1, {"er": None}]}, LTI + "ext": 5, "picture": ["x"]}
    assert opened(visit.launch(**odd))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_ok_23_a_login_may_begin_by_get_or_post(visit, method):
    """CORE-01."""
    visit.log_in(method=method)
    assert opened(visit.arrive())


def test_ok_24_a_login_without_client_id_finds_the_only_registration(visit):
    visit.log_in(client_id=LEFT_OUT)
    assert opened(visit.arrive())


@pytest.mark.parametrize("sub", ["x" * 255, " lin ", "a/b?c=d&e#f", "'; DROP TABLE--", "LIN", "üñí", "0", "{}"])
def test_ok_25_a_sub_keeps_every_character(visit, sub):
    assert opened(visit.launch(sub=sub)).user.sub == sub


# --- further along the same lines


def test_a_clock_that_differs_by_a_minute_is_no_reason_to_refuse(visit):
    now = int(datetime.now(UTC).timestamp())
    assert opened(visit.launch(iat=now + 55, exp=now + 355))
    assert opened(visit.launch(iat=now - 300, exp=now - 55))
    assert opened(visit.launch(iat=float(now) + 0.5))


def test_an_azp_beside_a_single_audience_may_be_foreign_where_that_is_allowed(visit, registration):
    registration.is_azp_strict = False
    registration.save()
    assert opened(visit.launch(azp="the-lms-itself"))


@pytest.mark.parametrize("algorithm", ["RS512", "PS256"])
def test_an_algorithm_is_accepted_where_the_registration_names_it(visit, platform, registration, algorithm):
    registration.signing_algorithms = ["RS256", algorithm]
    registration.save()
    platform.publish(FIRST.jwk(alg=None))
    visit.log_in()
    token = platform.sign(platform.claims(visit.nonce), algorithm=algorithm)
    assert opened(visit.post(id_token=token, state=visit.state))


def test_an_elliptic_curve_is_accepted_where_the_registration_names_it(visit, platform, registration):
    registration.signing_algorithms = ["ES256"]
    registration.save()
    platform.publish(FIRST.jwk(), CURVE.jwk())
    visit.log_in()
    token = platform.sign(platform.claims(visit.nonce), key=CURVE, algorithm="ES256")
    assert opened(visit.post(id_token=token, state=visit.state))


def test_a_key_without_alg_is_accepted(visit, platform):
    platform.publish(FIRST.jwk(alg=None, use=None))
    assert opened(visit.launch())


def test_a_launch_in_the_same_course_tells_a_new_title_a_new_name_and_a_new_role(visit):
    """CORE-34."""
    opened(visit.launch(roles=["Instructor"]))
    launch = opened(
        visit.launch(name="Lin Tran-Berg", context={"id": "course", "title": "Careers 102"}, email=LEFT_OUT)
    )
    assert (launch.user.name, launch.user.email) == ("Lin Tran-Berg", "")
    assert (launch.membership.context.title, launch.membership.context.label) == ("Careers 102", "CAREERS1")
    assert (launch.membership.role, Membership.objects.count()) == (Role.LEARNER, 1)
    assert (PlatformUser.objects.count(), Context.objects.count(), ResourceLink.objects.count()) == (1, 1, 1)


def test_a_demotion_counts_in_older_tabs_too(visit):
    """SEC-14."""
    older = opened(visit.launch(roles=["Instructor"]))
    opened(visit.launch(roles=["Learner"]))
    older = Launch.objects.select_related("membership").get(pk=older.pk)
    assert (older.role, older.is_staff) == (Role.INSTRUCTOR, False)


def test_a_test_student_works_as_a_learner_but_is_never_graded(visit):
    marker = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
    launch = opened(visit.launch(roles=[MEMBERSHIP + "Learner", marker], **without(*PERSONAL)))
    assert (launch.is_learner, launch.is_test_user, launch.membership.is_test_user) == (True, True, True)
    assert not launch.is_gradable


def test_the_newest_launch_says_where_grades_go(visit, platform):
    opened(visit.launch())
    scope = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
    ags = {"scope": [scope], "lineitems": f"{platform.url}/new", "lineitem": f"{platform.url}/new/7"}
    launch = opened(visit.launch(**{"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": ags}))
    assert launch.resource_link.lineitems_url == f"{platform.url}/new"
    assert launch.resource_link.ags_scopes == [scope]
    assert launch.resource_link.line_item.url == f"{platform.url}/new/7"


def test_a_launch_that_names_no_column_keeps_the_one_that_was_found(visit, platform):
    opened(visit.launch())
    ags = {"scope": [], "lineitems": f"{platform.url}/lineitems"}
    launch = opened(visit.launch(**{"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": ags}))
    assert launch.resource_link.line_item.url == f"{platform.url}/lineitems/1?type_id=2"


def test_two_links_that_name_the_same_column_both_open(visit):
    opened(visit.launch())
    launch = opened(visit.launch(resource_link={"id": "second"}))
    assert launch.resource_link.line_item.url is None


def test_grade_and_roster_addresses_that_we_would_not_call_are_dropped(visit):
    ags = {"scope": "all", "lineitems": "ftp://lms.example/", "lineitem": 5}
    nrps = {"context_memberships_url": "javascript:x"}
    launch = opened(
        visit.launch(
            **{
                "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": ags,
                "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": nrps,
            }
        )
    )
    assert (launch.resource_link.lineitems_url, launch.resource_link.ags_scopes) == ("", [])
    assert launch.resource_link.line_item.url is None
    assert launch.membership.context.memberships_url == ""


def test_a_link_that_moved_to_another_course_moves_here_too(visit):
    opened(visit.launch())
    launch = opened(visit.launch(context={"id": "other"}))
    assert launch.resource_link.context.context_id == "other"


def test_the_lmss_product_is_noted_when_nobody_entered_it(visit, registration):
    """OTH-06."""
    opened(visit.launch(**{LTI + "tool_platform": {"guid": "g", "product_family_code": "moodle"}}))
    registration.refresh_from_db()
    assert registration.product == "moodle"
    opened(visit.launch(**{LTI + "tool_platform": {"guid": "g", "product_family_code": "canvas"}}))
    registration.refresh_from_db()
    assert registration.product == "moodle"


def test_an_unknown_deployment_is_welcome_where_the_registration_says_so(visit, registration):
    registration.deployment_policy = "auto"
    registration.save()
    for _ in range(2):
        launch = opened(visit.launch(deployment_id="new"))
    assert (launch.deployment.deployment_id, launch.deployment.status) == ("new", "active")
    assert launch.deployment.institution == registration.institution
    assert Deployment.objects.count() == 2


def test_an_unknown_deployment_waits_for_approval_where_the_registration_says_so(visit, registration):
    registration.deployment_policy = "pending"
    registration.save()
    for _ in range(2):
        answer = visit.launch(deployment_id="new")
        assert answer.status_code == 403
        assert "Not yet switched on" in answer.content.decode()
    deployment = Deployment.objects.get(deployment_id="new")
    assert (deployment.status, deployment.institution) == ("pending", registration.institution)
    deployment.status = "active"
    deployment.save()
    assert opened(visit.launch(deployment_id="new"))


def test_a_deployment_that_the_login_announced_must_come(visit):
    visit.log_in(lti_deployment_id="1")
    assert opened(visit.arrive())
    visit.log_in(lti_deployment_id="2")
    assert visit.arrive().status_code == 400


def test_a_session_lasts_as_long_as_the_settings_say(visit, settings):
    settings.LTI_SESSION_HOURS = 2
    launch = opened(visit.launch())
    assert launch.expires_at - launch.created_at == timedelta(hours=2)


def test_a_target_of_ours_may_have_any_path(visit):
    visit.log_in(target_link_uri=f"{OWN}/anything?at=all")
    assert opened(visit.arrive(target_link_uri=f"{OWN}/anything?at=all"))
    assert TARGET.startswith(OWN)


@pytest.mark.parametrize("message_type", ["LtiDeepLinkingRequest", "DataPrivacyLaunchRequest"])
def test_other_messages_need_no_resource_link(visit, settings, platform, message_type):
    settings.LTI_LAUNCH_HOOK = "tests.lti.test_good_launches.keep_claims"
    wish = {
        "deep_link_return_url": f"{platform.url}/return",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
        "data": "opaque",
    }
    more = without("roles") if message_type == "LtiDeepLinkingRequest" else without("context")
    answer = visit.launch(
        message_type=message_type,
        resource_link=LEFT_OUT,
        **more,
        **{
            "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings": wish,
            LTI + "for_user": {"user_id": "max"},
        },
    )
    assert answer.status_code == 303
    assert Launch.objects.get().message_type == message_type
    assert Launch.objects.get().resource_link is None
    assert kept[-1].for_user == "max"


def test_a_mentor_learns_whom_to_follow_and_nobody_else_does(visit, settings):
    """OTH-05."""
    settings.LTI_LAUNCH_HOOK = "tests.lti.test_good_launches.keep_claims"
    people = {LTI + "role_scope_mentor": ["lin", "kai", 5]}
    visit.launch(sub="mia", roles=[MEMBERSHIP + "Mentor"], **people)
    visit.launch(sub="max", roles=[MEMBERSHIP + "Learner"], **people)
    assert [claims.mentor_of for claims in kept[-2:]] == [("lin", "kai"), ()]


def test_all_times_of_a_launch_are_those_of_its_moment(visit):
    with time_machine.travel(datetime(2027, 3, 1, tzinfo=UTC), tick=False):
        launch = opened(visit.launch())
    assert launch.created_at == datetime(2027, 3, 1, tzinfo=UTC)
    assert launch.membership.last_launch_at == launch.created_at
    assert Registration.objects.get().jwks_fetched_at == launch.created_at
