"""Erasing: no identifier survives anywhere, statistics do, and nobody else's rows are touched."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from itpm_byte.api.models import KeptAnswer
from itpm_byte.api.tokens import make as make_token
from itpm_byte.insight import completion, totals
from itpm_byte.insight.models import SavedView
from itpm_byte.learning import arrangements, attempts, placements
from itpm_byte.learning.feedback import give
from itpm_byte.learning.models import Attempt, Feedback, Progress, Receipt, Response, SupportRequest
from itpm_byte.learning.receipts import give as give_receipt
from itpm_byte.learning.receipts import look_up
from itpm_byte.learning.support import ask
from itpm_byte.learning.unclear import tell as tell_unclear
from itpm_byte.privacy import erasing, everything, people
from lti import audit
from lti.grades import delivery, scores
from lti.models import (
    Group,
    GroupMember,
    InstitutionStaff,
    Launch,
    Membership,
    PlatformUser,
    Score,
    StaffAction,
)
from tests.cast import cast
from tests.player.seats import published, sit
from tests.privacy.whole_database import places_of

pytestmark = pytest.mark.django_db

NAME, EMAIL, SUB = "Zoë Quillfeather", "zq@quill.example", "sub-of-quillfeather-77"
MARKS = (NAME, "Quillfeather", EMAIL, SUB, "Zo%C3%AB")


class Life:
    """Somebody did everything that can be done here."""

    def __init__(self):
        published()
        self.people = cast("amber")
        self.zoe = self.people.lin
        self.now = timezone.now()
        PlatformUser.objects.filter(pk=self.zoe.pk).update(name=NAME, email=EMAIL, sub=SUB, locale="en")
        self.zoe.refresh_from_db()
        self.seat = sit(self.zoe, self.people.link)
        self.placement = placements.for_link(
            self.people.link, byte_slug="it-project-manager", language="en", now=self.now
        )
        self._learn()
        self._be_taught()
        self._be_talked_of()

    def _learn(self):
        self.seat.get()
        attempts.answer(
            self.placement, self.zoe, attempt_number=1, question_key="quiz", choice_keys=["samantha"], now=self.now
        )
        give(self.placement, self.zoe, self.placement.byte, rating=4, comment=f"Yours, {NAME}", now=self.now)
        byte = self.placement.byte
        tell_unclear(self.placement, self.zoe, byte, question_key="quiz", reason=f"write to {EMAIL}", now=self.now)
        ask(self.placement, self.zoe, message=f"Help me, {NAME}, {EMAIL}", now=self.now)
        self.code = give_receipt(self.placement, self.zoe, shows_name=True, now=self.now).code
        group = Group.objects.create(context=self.people.context, group_id="1", name="Blue")
        GroupMember.objects.create(group=group, user=self.zoe)

    def _be_taught(self):
        ada, words = self.people.ada, f"{NAME} was ill"
        arrangements.give_attempts(self.placement, self.zoe, extra=2, by=ada, reason=words, now=self.now)
        for subject in (self.zoe, None):
            audit.record(
                "grade.overridden", by=self.people.ada, now=self.now, context=self.people.context,
                subject=subject, reason=f"As told to {NAME} by mail to {EMAIL}.", after={"note": f"of {SUB}"},
            )  # fmt: skip
        audit.record("attempt.reset", by=self.zoe, now=self.now, context=self.people.context, reason="She taught once.")

    def _be_talked_of(self):
        SavedView.objects.create(
            owner=self.people.sue, name=f"About {NAME}", query="search=Zo%C3%AB+Quillfeather", created_at=self.now
        )
        owner = self.people.institution
        token, _text = make_token(
            name="Warehouse", institution=owner, scopes=["read:progress"], days=30, by=self.people.sue, now=self.now
        )
        KeptAnswer.objects.create(
            token=token, key="1", request_hash="x", status=200, body={"learners": [{"name": NAME, "email": EMAIL}]},
            created_at=self.now,
        )  # fmt: skip
        LogEntry.objects.create(
            user=self.people.sue, action_flag=2, object_repr=NAME, change_message=f"[{EMAIL}]", action_time=self.now
        )
        sue = Client()
        sue.force_login(self.people.sue)
        sue.get("/staff/reports/completion/learners/", {"search": NAME})

    def erase(self, **more):
        return erasing.erase(
            self.zoe, **{"by": self.people.sue, "reason": f"{NAME} asked for it.", "now": timezone.now(), **more}
        )


@pytest.fixture
def life():
    return Life()


def test_no_identifier_survives_in_any_table_or_log(life, caplog, capsys):
    before = places_with_marks()
    assert {
        "lti_platformuser.sub",
        "learning_feedback.comment",
        "lti_staffaction.reason",
        "api_keptanswer.body",
    } <= before
    with caplog.at_level("DEBUG"):
        assert life.erase()
        life.seat.get()
    assert places_with_marks() == set()
    told = caplog.text + "".join(capsys.readouterr())
    assert [mark for mark in MARKS if mark in told] == []
    assert "privacy.erased" in told


def places_with_marks():
    return places_of(*MARKS)


def test_statistics_stay_the_same_as_nobodys(life):
    account, wish = life.people.sue, completion.Wish(course=life.people.context.pk)

    def numbers():
        return totals.report(account, wish).numbers

    kept = numbers(), Feedback.objects.get().rating, Response.objects.count(), Attempt.objects.get().points
    assert kept[0].completed == 1
    life.erase()
    assert (numbers(), Feedback.objects.get().rating, Response.objects.count(), Attempt.objects.get().points) == kept
    row = completion.page(account, wish).rows[0]
    assert (row.name, row.email) == (f"Participant {life.zoe.pk}", "")


def test_what_belongs_to_others_is_untouched(life):
    ada = PlatformUser.objects.filter(pk=life.people.ada.pk).values().get()
    sit(life.people.ada, life.people.link)
    life.erase()
    assert PlatformUser.objects.filter(pk=life.people.ada.pk).values().get() == ada
    assert [launch.user for launch in Launch.objects.all()] == [life.people.ada]
    assert Membership.objects.filter(user=life.people.ada).count() == 1


def test_the_receipt_leads_nowhere_and_open_pages_are_closed(life):
    assert look_up(life.code).name == NAME
    life.erase()
    assert look_up(life.code) is None
    assert Receipt.objects.count() == SupportRequest.objects.count() == Launch.objects.count() == 0
    assert life.seat.get().status_code == 401
    assert life.seat.answer("peter", attempt=2).status_code == 401


def test_it_is_written_down_who_erased_and_why_without_names(life):
    life.erase()
    row = StaffAction.objects.get(action="person.erased")
    assert (row.account, row.subject, row.institution) == (life.people.sue, life.zoe, life.people.institution)
    assert row.reason == "[erased] asked for it."
    assert (row.after["receipts"], row.after["support_requests"], row.after["launches"]) == (1, 1, 1)


def test_a_second_time_changes_nothing_and_a_reason_is_needed(life):
    with pytest.raises(erasing.ReasonMissing):
        life.erase(reason="  ")
    assert PlatformUser.objects.get(pk=life.zoe.pk).name == NAME
    assert life.erase()
    emptied = PlatformUser.objects.filter(pk=life.zoe.pk).values().get()
    assert not life.erase()
    assert PlatformUser.objects.filter(pk=life.zoe.pk).values().get() == emptied


def test_a_later_launch_of_the_same_sub_makes_a_new_person(life):
    life.erase()
    new = PlatformUser.objects.create(registration=life.people.registration, sub=SUB)
    assert new.pk != life.zoe.pk
    assert not Progress.objects.filter(learner=new).exists()


def test_a_grade_on_its_way_is_not_sent_and_no_new_one_is_queued(life):
    score = Score.objects.get(user=life.zoe)
    life.erase()
    assert delivery.deliver(score.pk, now=timezone.now()).word
    placements.change_settings(life.placement, now=timezone.now(), grade_on="completion")
    assert Score.objects.filter(user=life.zoe).count() == 0
    nobody = PlatformUser.objects.get(pk=life.zoe.pk)
    with pytest.raises(scores.NotGradable):
        scores._line_item(life.people.link, nobody)


def test_a_worker_that_holds_a_grade_finds_its_lease_lost(life):
    """The grade it posts arrives; what it writes down afterwards finds no row and makes none."""
    score = Score.objects.select_related("line_item__deployment__registration").get(user=life.zoe)
    until = timezone.now() + timedelta(minutes=1)
    Score.objects.filter(pk=score.pk).update(lease_until=until)
    claimed = type("Claimed", (), {"score": score, "lease_until": until})()
    life.erase()
    outcome = delivery.Outcome(delivery.Verdict.SENT, "", 200)
    report = delivery.settle(claimed, outcome, observed=Decimal(1), now=timezone.now())
    assert report.word == "lease lost"
    assert Score.objects.filter(user=life.zoe).count() == 0


def test_what_was_written_meanwhile_is_found_when_it_is_looked_at_again(life):
    life.erase()
    PlatformUser.objects.filter(pk=life.zoe.pk).update(name=NAME)
    Feedback.objects.update(comment=f"Late words of {NAME}")
    assert erasing.look_again(now=timezone.now()) == 1
    assert places_with_marks() == set()
    assert erasing.look_again(now=timezone.now() + timedelta(days=3)) == 0


def test_a_test_user_stays_out_of_statistics(life):
    Membership.objects.filter(user=life.zoe).update(is_test_user=True)
    life.erase()
    wish = completion.Wish(course=life.people.context.pk)
    assert totals.report(life.people.sue, wish).numbers.completed == 0


def test_everything_is_taken_out_before_and_nobody_else_is_named(life):
    told = everything.take_out(life.zoe, by=life.people.sue, now=timezone.now())
    kept = {label: table["rows"] for label, table in told["kept"].items()}
    assert kept["lti.PlatformUser"][0]["email"] == EMAIL
    assert kept["learning.Response"][0]["choice_words"] == "Samantha"
    assert kept["learning.Feedback"][0]["comment"] == f"Yours, {NAME}"
    assert "proof_hash" not in kept["lti.Launch"][0]
    assert all(rows for label, rows in kept.items() if label not in NOT_IN_THIS_LIFE)
    assert "Ada" not in str(told)
    assert StaffAction.objects.filter(action="person.exported", subject=life.zoe).count() == 1


NOT_IN_THIS_LIFE = {
    "learning.Pick",
    "learning.StandingAccommodation",
    "lti.DeepLinkingRequest",
    "lti.ScoreSending",
}


def test_people_are_found_by_name_email_and_the_platforms_id_within_ones_institutions(life):
    account = User.objects.create_user("clerk", is_staff=True)
    InstitutionStaff.objects.create(user=account, institution=life.people.institution)
    for part in ("quill", "ZQ@quill", SUB):
        assert people.find(account, part) == [life.zoe]
    assert people.find(account, SUB[:-1]) == people.find(account, "q") == []
    other = cast("birch")
    assert list(people.visible(account).filter(registration=other.registration)) == []
    # At a foreign institution, too: that is for operators.
    Membership.objects.create(context=other.context, user=life.zoe, role="learner")
    assert people.find(account, "quill") == []
    assert people.find(life.people.sue, "quill") == [life.zoe]
    with transaction.atomic():
        life.erase()
    assert people.find(life.people.sue, "quill") == []
