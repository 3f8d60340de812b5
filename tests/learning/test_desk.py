"""All that a learner's page shows, in one query, or two once the learner has begun."""

from decimal import Decimal

import pytest

from itpm_byte.learning import answer_key, attempts, desk, errors, feedback, progress
from itpm_byte.learning.models import Feedback, Placement
from lti.models import ResourceLink
from tests.cast import someone
from tests.learning.casting import DAY, NOW, THREE, Ask, answer, byte, placement, statements


def sit_down(people, learner=None, now=NOW):
    return desk.open_desk(learner or people.lin, people.link, now=now)


def everything_of(people, at):
    answer(at, people.lin, "peter")
    feedback.give(at, people.lin, at.byte, rating=4, comment="Nice", now=NOW)
    progress.mark_seen(at, people.lin, ["opening"], now=NOW)


def look_at_all_of_it(people):
    seen = sit_down(people)
    words = (seen.placement.reveal, seen.byte.title, seen.placement.resource_link.title, seen.refusal)
    parts = (seen.seen_sections, seen.feedback, seen.grade_status, seen.attempt_number, seen.attempts_left)
    return words, parts, [seen.outcomes(sheet) for sheet in seen.sheets]


def test_a_learner_who_has_not_begun_costs_one_query(people):
    placement(people.link)
    with statements() as sent:
        look_at_all_of_it(people)
    assert len(sent) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_a_learner_who_has_begun_costs_two_queries_however_many_attempts(people, count):
    at = placement(people.link, THREE)
    for number in range(1, count + 1):
        for question, choices in [("fit", "peter"), ("duties", "plan budget"), ("end", "yes")]:
            answer(at, people.lin, choices, question=question, attempt=number)
    answer(at, people.lin, attempt=count + 1)
    with statements() as sent:
        look_at_all_of_it(people)
    assert len(sent) == 2
    assert '"document"' not in "".join(sent)


def test_a_process_that_has_not_seen_the_version_reads_its_key_once(people):
    answer(placement(people.link), people.lin)
    answer_key.forget()
    with statements() as first:
        look_at_all_of_it(people)
    with statements() as second:
        look_at_all_of_it(people)
    assert (len(first), len(second)) == (4, 2)


def test_everything_of_this_learner_is_on_the_desk(people):
    at = placement(people.link)
    everything_of(people, at)
    seen = sit_down(people)
    assert (seen.progress.attempts_submitted, seen.seen_sections) == (1, ("opening",))
    assert (seen.feedback.rating, seen.feedback.comment) == (4, "Nice")
    assert (seen.score.score_given, seen.grade_status.state) == (Decimal(0), "waiting")
    assert [sheet.answers for sheet in seen.sheets] == [{"fit": frozenset({"peter"})}]
    assert seen.outcomes(seen.last_submitted)["fit"].chosen_keys == ("peter",)


def test_nothing_of_anybody_else_is_on_the_desk(people):
    at = placement(people.link)
    everything_of(people, at)
    there = placement(people.max_link)
    answer(there, people.max, "samantha")
    kai = someone(people, "Kai")
    for other in (kai, people.ada):
        seen = sit_down(people, other)
        assert (seen.progress, seen.feedback, seen.score, seen.sheets) == (None, None, None, ())
    # The same person at another link starts anew there.
    elsewhere = desk.open_desk(people.lin, people.max_link, now=NOW)
    assert (elsewhere.progress, elsewhere.feedback, elsewhere.score, elsewhere.sheets) == (None, None, None, ())


def test_a_link_without_a_byte_has_no_desk(people):
    with pytest.raises(errors.PlacementMissing):
        sit_down(people)


def test_a_link_whose_lms_offers_no_grades_has_a_desk(people):
    bare = ResourceLink.objects.create(deployment=people.deployment, resource_link_id="bare")
    placement(bare)
    assert desk.open_desk(people.lin, bare, now=NOW).grade_status.state == "none"


def test_attempts_left_before_during_and_after(people):
    at = placement(people.link, THREE, attempts_allowed=2)

    def state():
        seen = sit_down(people)
        return seen.attempt_number, seen.attempts_left, seen.is_last_attempt, type(seen.refusal).__name__

    states = [state()]
    for number in (1, 2):
        for question, choices in [("fit", "peter"), ("duties", "plan"), ("end", "yes")]:
            answer(at, people.lin, choices, question=question, attempt=number)
            states.append(state())
    assert states == [
        (1, 2, False, "NoneType"),
        (1, 2, False, "NoneType"),
        (1, 2, False, "NoneType"),
        (2, 1, True, "NoneType"),
        (2, 1, True, "NoneType"),
        (2, 1, True, "NoneType"),
        (3, 0, False, "NoAttemptLeft"),
    ]


def test_without_a_limit_no_attempt_is_the_last(people):
    answer(placement(people.link), people.lin)
    seen = sit_down(people)
    assert (seen.attempt_number, seen.attempts_left, seen.is_last_attempt, seen.refusal) == (2, None, False, None)


def test_a_lowered_limit_leaves_the_open_attempt(people):
    at = placement(people.link, attempts_allowed=3)
    answer(at, people.lin, "peter")
    attempts.start(at, people.lin, now=NOW)
    Placement.objects.update(attempts_allowed=1)
    seen = sit_down(people)
    assert (seen.attempt_number, seen.attempts_left, seen.refusal) == (2, 1, None)


def test_the_desk_says_why_no_answer_can_be_given(people):
    placement(people.link, opens_at=NOW, closes_at=NOW + DAY)
    refusals = [type(sit_down(people, now=now).refusal).__name__ for now in (NOW - DAY, NOW, NOW + DAY)]
    assert refusals == ["NotOpenYet", "NoneType", "Closed"]


def test_what_the_desk_says_is_what_attempts_do(people):
    at = placement(people.link, attempts_allowed=1, closes_at=NOW + DAY)
    for now in (NOW, NOW + DAY):
        seen = sit_down(people, now=now)
        if seen.refusal is None:
            answer(at, people.lin, "peter", attempt=seen.attempt_number, now=now)
        else:
            with pytest.raises(type(seen.refusal)):
                answer(at, people.lin, attempt=seen.attempt_number, now=now)
    with pytest.raises(type(sit_down(people).refusal)):
        answer(at, people.lin, attempt=2)


def test_a_published_version_arrives_with_the_next_visit(people):
    at = placement(people.link)
    feedback.give(at, people.lin, at.byte, rating=2, comment="", now=NOW)
    newer = byte({"fit": Ask(right="peter")}, version=2)
    seen = sit_down(people)
    assert (seen.byte, seen.placement.byte, seen.feedback) == (newer, newer, None)
    assert Placement.objects.get().byte == newer


def test_each_version_has_its_own_feedback_and_the_desk_shows_the_right_one(people):
    at = placement(people.link)
    old = at.byte
    newer = byte({"fit": Ask(right="peter")}, version=2)
    for version, rating in ((newer, 5), (old, 2)):
        feedback.give(at, people.lin, version, rating=rating, comment="", now=NOW)
    assert sit_down(people).feedback.rating == 5
    type(old).objects.update(is_current=False)
    Placement.objects.update(byte=old)
    assert sit_down(people).feedback.rating == 2


def test_an_open_attempt_shows_its_own_version_with_its_feedback(people):
    at = placement(people.link, THREE)
    old = at.byte
    answer(at, people.lin)
    feedback.give(at, people.lin, old, rating=2, comment="", now=NOW)
    newer = byte({"fit": Ask(right="peter")}, version=2)
    seen = sit_down(people)
    assert (seen.byte, seen.placement.byte, seen.feedback.rating) == (old, newer, 2)
    assert seen.outcomes(seen.open_sheet).keys() == {"fit"}
    assert sit_down(people, people.ada).byte == newer
    assert Feedback.objects.count() == 1
