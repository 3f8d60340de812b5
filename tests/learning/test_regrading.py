"""No grade changes without a look: what another setting or a corrected key would do, and that just this comes."""

from decimal import Decimal

import pytest

from itpm_byte.learning import arrangements, desk, dry_run, errors, marking, placements, regrading
from itpm_byte.learning.answer_key import KeyChoice, KeyQuestion
from itpm_byte.learning.models import Attempt, Placement, Progress
from itpm_byte.learning.regrading import NotAsShown
from lti.models import Membership, Role, Score, StaffAction
from tests.cast import someone
from tests.learning.casting import DAY, NOW, Ask, answer, byte, found, placement, statements

HOUR = DAY / 24
WRONG = {"fit": Ask(right="peter"), "end": Ask(options="yes no", right="yes")}
MENDED = {"fit": Ask(right="samantha"), "end": Ask(options="yes no never", right="yes")}


def told(seen):
    """Names, and the points before and after."""
    return [
        (change.learner.display_name, change.before and change.before.points, change.after and change.after.points)
        for change in seen.changes
    ]


def change(people, at, shown="", now=NOW + HOUR, **settings):
    return regrading.change_settings(at, settings, shown=shown, by=people.ada, now=now)


def mark(people, at, version, shown=None, now=NOW + HOUR):
    shown = dry_run.of_marking(at, version).fingerprint if shown is None else shown
    return regrading.mark(at, version, shown=shown, by=people.ada, now=now)


@pytest.fixture
def at(people):
    """Lin was right and then wrong, Kai was wrong and then right, Mia was right once."""
    made = placement(people.link)
    for name, tries in {"Lin": "samantha peter", "Kai": "peter samantha", "Mia": "samantha"}.items():
        learner = people.lin if name == "Lin" else someone(people, name)
        for number, choice in enumerate(tries.split(), 1):
            answer(made, learner, choice, attempt=number, now=NOW + number * HOUR / 60)
    return made


def sendings():
    """How often each learner's grade was written down for the gradebook."""
    return dict(Score.objects.values_list("user__name", "version"))


# --- settings


def test_a_dry_run_tells_whose_grade_changes_and_writes_nothing(people, at):
    before = list(Progress.objects.values()), list(Score.objects.values()), list(Attempt.objects.values())
    seen = dry_run.of_settings(at, {"which_counts": "last"})
    assert (told(seen), seen.unchanged) == ([("Lin", 1, 0)], 2)
    assert (list(Progress.objects.values()), list(Score.objects.values()), list(Attempt.objects.values())) == before
    assert at.which_counts == "best"


def test_a_change_that_alters_grades_is_refused_until_it_was_seen(people, at):
    with pytest.raises(NotAsShown) as refused:
        change(people, at, which_counts="first", reveal="never")
    assert told(refused.value.dry_run) == [("Kai", 1, 0)]
    assert (Placement.objects.get().which_counts, Placement.objects.get().reveal) == ("best", "after_last")
    assert StaffAction.objects.count() == 0

    assert change(people, at, shown=refused.value.dry_run.fingerprint, which_counts="first", reveal="never") == 1
    assert (Placement.objects.get().which_counts, Placement.objects.get().reveal) == ("first", "never")


def test_only_changed_grades_are_sent(people, at):
    before = sendings()
    change(people, at, shown=dry_run.of_settings(at, {"which_counts": "last"}).fingerprint, which_counts="last")
    after = sendings()
    assert {name for name in after if after[name] != before[name]} == {"Lin"}
    assert Score.objects.get(user=people.lin).score_given == 0


def test_a_learner_who_submits_meanwhile_is_shown_anew_if_that_makes_a_difference(people, at):
    kai = Progress.objects.get(learner__name="Kai").learner
    seen = dry_run.of_settings(at, {"which_counts": "last"})
    answer(at, kai, "peter", attempt=3, now=NOW + HOUR)
    with pytest.raises(NotAsShown) as refused:
        change(people, at, shown=seen.fingerprint, which_counts="last")
    assert told(refused.value.dry_run) == [("Kai", 1, 0), ("Lin", 1, 0)]
    # This makes none: Mia was right before, too.
    seen = refused.value.dry_run
    mia = Progress.objects.get(learner__name="Mia").learner
    answer(at, mia, "samantha", attempt=2, now=NOW + HOUR)
    assert change(people, at, shown=seen.fingerprint, which_counts="last") == 2


def test_settings_that_change_no_grade_need_no_look(people, at):
    assert change(people, at, attempts_allowed=1, closes_at=NOW + DAY, pass_mark=80) == 0
    assert Placement.objects.get().pass_mark == 80
    assert StaffAction.objects.get().before == {"attempts_allowed": None, "closes_at": None, "pass_mark": None}


def test_own_grades_excused_learners_and_reset_attempts_are_respected(people, at):
    kai, mia = (Progress.objects.get(learner__name=name).learner for name in ("Kai", "Mia"))
    arrangements.override(at, people.lin, points=Decimal(1), by=people.ada, reason="Talked", now=NOW)
    arrangements.exempt(at, mia, by=people.ada, now=NOW)
    arrangements.reset_attempt(at, kai, number=1, by=people.ada, now=NOW)
    seen = dry_run.of_settings(at, {"which_counts": "average"})
    assert (told(seen), seen.unchanged) == ([], 2)


def test_who_teaches_by_now_is_not_listed_and_gets_no_grade(people, at):
    Membership.objects.filter(user=people.lin).update(role=Role.INSTRUCTOR)
    assert told(dry_run.of_settings(at, {"which_counts": "last"})) == []


def test_what_was_changed_is_recorded_with_the_number_of_grades(people, at):
    change(people, at, shown=dry_run.of_settings(at, {"which_counts": "last"}).fingerprint, which_counts="last")
    row = StaffAction.objects.get()
    assert (row.action, row.teacher, row.context) == ("settings.changed", people.ada, people.context)
    assert (row.before, row.after) == ({"which_counts": "best"}, {"which_counts": "last", "grades_changed": 1})
    assert change(people, at, which_counts="last") == 0
    assert StaffAction.objects.count() == 1


@pytest.mark.parametrize("size", [1, 4])
def test_a_dry_run_takes_the_same_queries_whatever_the_size_of_the_class(people, size):
    at = placement(people.link, WRONG)
    for number in range(size):
        who = someone(people, f"Learner {number}")
        for question, choice in (("fit", "samantha"), ("end", "yes")):
            answer(at, who, choice, question=question)
    newer = byte(MENDED, version=2)
    at = found(people.link)
    marking.corrections(at, now=NOW)
    with statements() as sent:
        assert len(dry_run.of_settings(at, {"grade_on": "completion"}).changes) == size
    assert len(sent) == 3
    with statements() as sent:
        assert len(dry_run.of_marking(at, newer).changes) == size
    assert len(sent) == 4


# --- the Byte


def test_another_version_is_taken_and_open_attempts_keep_theirs(people):
    at = placement(people.link, WRONG)
    old = at.byte
    answer(at, people.lin)
    newer = byte(MENDED, version=2)
    regrading.change_settings(at, {"follows_current": False}, byte=newer, by=people.ada, now=NOW)
    assert (Placement.objects.get().byte, Placement.objects.get().follows_current) == (newer, False)
    assert Attempt.objects.get().byte == old
    assert StaffAction.objects.get().after == {"follows_current": False, "grades_changed": 0, "byte": newer.pk}


def test_another_byte_is_taken_only_while_nobody_has_begun(people):
    at, other = placement(people.link), byte(slug="gardener")
    regrading.change_settings(at, {}, byte=other, by=people.ada, now=NOW)
    assert Placement.objects.get().byte == other
    at = Placement.objects.select_related("byte").get()
    answer(at, people.lin)
    back = byte(version=2)
    with pytest.raises(errors.ByteInUse):
        regrading.change_settings(at, {"reveal": "never"}, byte=back, by=people.ada, now=NOW)
    assert (Placement.objects.get().byte, Placement.objects.get().reveal) == (other, "after_last")


# --- a corrected key


@pytest.fixture
def wrong(people):
    """Lin chose what is right, Kai what the first version calls right; both know the other question."""
    at = placement(people.link, WRONG)
    for learner, choice in ((people.lin, "samantha"), (someone(people, "Kai"), "peter")):
        answer(at, learner, choice)
        answer(at, learner, "yes", question="end")
    return at


def mended(people):
    newer = byte(MENDED, version=2)
    at = found(people.link)
    placements.refresh_version(at, now=NOW)
    return at, newer


def test_versions_that_correct_a_key_are_offered_with_what_they_do_not_reach(people, wrong):
    assert marking.corrections(wrong, now=NOW) == []
    at, newer = mended(people)
    (offer,) = marking.corrections(at, now=NOW)
    assert (offer.byte, offer.kept) == (newer, ("end",))
    byte(MENDED, version=3, published_at=NOW + DAY)
    assert [offer.byte for offer in marking.corrections(at, now=NOW)] == [newer]


def test_earlier_attempts_are_marked_by_the_corrected_key_once_that_was_seen(people, wrong):
    at, newer = mended(people)
    with pytest.raises(NotAsShown) as refused:
        mark(people, at, newer, shown="")
    assert told(refused.value.dry_run) == [("Kai", 2, 1), ("Lin", 1, 2)]
    assert Attempt.objects.filter(marked_with=None).count() == 2

    assert mark(people, at, newer) == 2
    kept = {attempt.learner.name: attempt for attempt in Attempt.objects.select_related("learner")}
    assert {name: (attempt.points, attempt.marked_with) for name, attempt in kept.items()} == {
        "Lin": (2, newer), "Kai": (1, newer)
    }  # fmt: skip
    assert dict(Progress.objects.values_list("learner__name", "counted_points")) == {"Lin": 2, "Kai": 1}
    assert dict(Score.objects.values_list("user__name", "score_given")) == {"Lin": 2, "Kai": 1}


def test_the_old_points_are_kept_in_the_record_and_marking_by_the_own_version_brings_them_back(people, wrong):
    at, newer = mended(people)
    mark(people, at, newer)
    row = StaffAction.objects.get()
    keys = dict(Attempt.objects.values_list("learner__name", "pk"))
    assert (row.action, dict(row.before["points"])) == (
        "attempts.marked", {keys["Lin"]: "1.0000", keys["Kai"]: "2.0000"}
    )  # fmt: skip
    assert mark(people, at, newer, shown="") == 0

    assert marking.is_corrected(at)
    assert mark(people, at, None) == 2
    assert dict(Attempt.objects.values_list("learner__name", "points")) == {"Lin": 1, "Kai": 2}
    assert not marking.is_corrected(at)


def test_learners_read_what_their_attempt_is_marked_by(people, wrong):
    at, newer = mended(people)
    mark(people, at, newer)
    Placement.objects.update(reveal="after_answer")
    page = desk.open_desk(people.lin, people.link, now=NOW)
    told_now = page.outcomes(page.last_submitted)
    assert (told_now["fit"].is_correct, told_now["fit"].correct_keys) == (True, ("samantha",))
    assert page.last_submitted.attempt.byte.version == 1


def test_open_attempts_stay_as_they_are(people, wrong):
    answer(wrong, people.lin, "samantha", attempt=2)
    before = Attempt.objects.filter(number=2).values().get()
    at, newer = mended(people)
    mark(people, at, newer)
    assert Attempt.objects.filter(number=2).values().get() == before
    answer(at, people.lin, "yes", question="end", attempt=2, now=NOW + HOUR)
    assert (Attempt.objects.get(number=2).points, Attempt.objects.get(number=2).marked_with) == (1, None)


def test_another_kind_of_question_and_other_options_are_not_reached():
    def question(options, right, kind="single"):
        choices = {key: KeyChoice(1, key, key in right.split(), "") for key in options.split()}
        return KeyQuestion(1, "q", kind, 1, "", choices)

    own = question("a b", "a")
    assert marking.can_correct(own, question("b a", "b"))
    assert not marking.can_correct(own, question("a b c", "b"))
    assert not marking.can_correct(own, question("a b", "a b", kind="multiple"))
    assert not marking.can_correct(own, None)
