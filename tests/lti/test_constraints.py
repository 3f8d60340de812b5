"""Each constraint of the gate stands in the database: raw writes can't break it either."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, models, transaction

from lti.models import (
    AccessToken,
    Context,
    DeepLinkingRequest,
    Deployment,
    Group,
    GroupMember,
    Institution,
    InstitutionStaff,
    Launch,
    LineItem,
    Login,
    Membership,
    Notice,
    NoticeMiss,
    PlatformUser,
    Registration,
    RegistrationLink,
    ResourceLink,
    Score,
    ScoreSending,
    StaffAction,
    ToolKey,
)
from tests.cast import Cast, cast
from tests.constraints import assert_refused, named

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def people(db) -> Cast:
    """Lin also has a login, a launch, a score; the tool has a key and a token."""
    people = cast()
    login = Login.objects.create(
        state_hash="state",
        nonce="nonce",
        binding_hash="binding",
        registration=people.registration,
        target_link_uri="https://byte.example/",
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=10),
    )
    Launch.objects.create(login=login, user=people.lin, **launched(people))
    score = Score.objects.create(line_item=people.link.line_item, user=people.lin, **scored())
    ScoreSending.objects.create(score=score, at=NOW, maximum=1, outcome="sent")
    ToolKey.objects.create(kid="key", private_key_encrypted="x", public_jwk={}, activates_at=NOW)
    AccessToken.objects.create(registration=people.registration, deployment=people.deployment, scope_key="scopes")
    red = Group.objects.create(context=people.context, group_id="red")
    GroupMember.objects.create(group=red, user=people.lin)
    Notice.objects.create(deployment=people.deployment, notice_id="notice", notice_type="x", received_at=NOW)
    NoticeMiss.objects.create(sender="sender", minute=NOW, number=1)
    InstitutionStaff.objects.create(user=people.sue, institution=people.institution)
    StaffAction.objects.create(at=NOW, teacher=people.ada, action="grade.overridden", subject=people.lin)
    RegistrationLink.objects.create(
        token_hash="hash", name="LMS", institution=people.institution, created_at=NOW, expires_at=NOW
    )
    return people


def launched(people):
    return {
        "deployment": people.deployment,
        "message_type": "LtiResourceLinkRequest",
        "role": "learner",
        "created_at": NOW,
        "expires_at": NOW + timedelta(hours=8),
    }


def scored():
    return {
        "score_given": Decimal(0),
        "score_maximum": Decimal(1),
        "activity_progress": "Completed",
        "grading_progress": "FullyGraded",
        "timestamp": NOW,
    }


def again(model: type[models.Model], **fields):
    """One more row like the first, apart from its id and these fields."""

    def breach(people):
        row = model._default_manager.order_by("pk").first()
        row.pk = None
        row._state.adding = True
        for name, value in fields.items():
            setattr(row, name, value)
        row.save(force_insert=True)

    return breach


def changed(model: type[models.Model], **fields):
    return lambda people: model._default_manager.update(**fields)


def second_default(people):
    Registration.objects.update(is_default=True)
    again(Registration, client_id="other", uuid="00000000-0000-4000-8000-000000000001")(people)


def another_registration(**fields):
    return again(Registration, uuid="00000000-0000-4000-8000-000000000001", **fields)


BREACHES = {
    "lti_institution_unique_slug": [again(Institution, name="Another")],
    "lti_registration_unique_issuer_client": [another_registration(name="Another")],
    "lti_registration_one_default_per_issuer": [second_default],
    "lti_registration_status_known": [changed(Registration, status="open")],
    "lti_registration_ids_not_empty": [changed(Registration, issuer=""), changed(Registration, client_id="")],
    "lti_toolkey_unique_kid": [again(ToolKey)],
    "lti_deployment_unique_in_registration": [again(Deployment)],
    "lti_registrationlink_unique_token": [again(RegistrationLink, name="Another")],
    "lti_registrationlink_used_for_a_registration": [changed(RegistrationLink, used_at=NOW)],
    "lti_registrationlink_policy_known": [changed(RegistrationLink, deployment_policy="always")],
    "lti_deployment_id_not_empty": [changed(Deployment, deployment_id="")],
    "lti_deployment_status_known": [changed(Deployment, status="")],
    "lti_context_unique_in_deployment": [again(Context)],
    "lti_context_id_not_empty": [again(Context, context_id="")],
    "lti_platformuser_unique_sub": [again(PlatformUser, name="Somebody else")],
    "lti_platformuser_sub_not_empty": [again(PlatformUser, sub="")],
    "lti_membership_unique_user_in_context": [again(Membership, role="learner")],
    "lti_membership_role_known": [changed(Membership, role=""), changed(Membership, role="owner")],
    "lti_membership_status_known": [changed(Membership, status="gone")],
    "lti_group_unique_in_context": [again(Group, name="Another")],
    "lti_group_id_not_empty": [changed(Group, group_id="")],
    "lti_groupmember_unique_user_in_group": [again(GroupMember)],
    "lti_notice_unique_in_deployment": [again(Notice, notice_type="y")],
    "lti_noticemiss_unique_sender": [again(NoticeMiss)],
    "lti_notice_id_not_empty": [changed(Notice, notice_id="")],
    "lti_resourcelink_unique_in_deployment": [again(ResourceLink)],
    "lti_resourcelink_id_not_empty": [again(ResourceLink, resource_link_id="")],
    "lti_lineitem_unique_url": [
        lambda people: LineItem.objects.filter(resource_link=people.max_link).update(url=people.link.line_item.url)
    ],
    "lti_lineitem_maximum_positive": [changed(LineItem, score_maximum=0), changed(LineItem, score_maximum=-1)],
    "lti_lineitem_url_null_not_empty": [
        lambda people: LineItem.objects.filter(resource_link=people.link).update(url="")
    ],
    "lti_score_unique_user_per_line_item": [again(Score)],
    "lti_score_given_not_negative": [changed(Score, score_given=Decimal("-0.0001"))],
    "lti_score_maximum_positive": [changed(Score, score_maximum=0)],
    "lti_score_state_known": [changed(Score, state="lost")],
    "lti_scoresending_outcome_known": [changed(ScoreSending, outcome="busy")],
    "lti_score_sent_has_time": [changed(Score, state="sent")],
    "lti_accesstoken_unique_scopes": [again(AccessToken)],
    "lti_login_unique_state": [again(Login, nonce="another")],
    "lti_deeplinkingrequest_answered_with_answer": [
        lambda people: DeepLinkingRequest.objects.create(launch=Launch.objects.get(), answer_encrypted="x"),
        lambda people: DeepLinkingRequest.objects.create(launch=Launch.objects.get(), answered_at=NOW),
    ],
    "lti_institutionstaff_unique_user": [again(InstitutionStaff)],
    "lti_staffaction_says_what": [changed(StaffAction, action="")],
    "lti_staffaction_one_actor": [lambda people: StaffAction.objects.update(account=people.sue)],
    "lti_launch_role_known": [changed(Launch, role=""), changed(Launch, role="owner")],
}


@pytest.mark.parametrize(
    ("name", "breach"), [(name, breach) for name, breaches in BREACHES.items() for breach in breaches]
)
def test_the_database_refuses(people, name, breach):
    assert_refused("lti", name, lambda: breach(people))


def test_no_constraint_is_forgotten():
    assert set(BREACHES) == named("lti")


def test_a_login_becomes_one_launch_at_most(people):
    with pytest.raises(IntegrityError), transaction.atomic():
        Launch.objects.create(login=Login.objects.get(), user=people.lin, **launched(people))
    assert Launch.objects.count() == 1


def test_a_link_has_one_grade_column_at_most(people):
    with pytest.raises(IntegrityError), transaction.atomic():
        LineItem.objects.create(deployment=people.deployment, resource_link=people.link, url="https://lms.example/2")
    assert LineItem.objects.filter(resource_link=people.link).count() == 1


def test_what_is_allowed_is_allowed(people):
    # Many columns are not known yet, no grade is a grade, zero is one, and a launch may lose its pruned login.
    LineItem.objects.update(url=None)
    Score.objects.update(score_given=None)
    Score.objects.update(score_given=0, state="sent", sent_at=NOW)
    again(Registration, client_id="other", is_default=True, uuid="00000000-0000-4000-8000-000000000001")(people)
    Login.objects.all().delete()
    assert (Launch.objects.get().login, LineItem.objects.filter(url=None).count()) == (None, 2)


def test_a_learner_can_be_erased_with_everything_that_hangs_on_them(people):
    people.lin.delete()
    assert (Launch.objects.count(), Score.objects.count()) == (0, 0)
    assert StaffAction.objects.get().subject is None
    assert list(Membership.objects.values_list("user__name", flat=True).order_by("pk")) == ["Ada", "Max"]
