"""What is told of questions, against a reference worked out with NumPy from the plain rows."""

from decimal import Decimal

import numpy as np
import pytest
import scipy
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from itpm_byte.content.models import Byte
from itpm_byte.insight import answers, questions
from itpm_byte.insight.questions import NextStep
from itpm_byte.insight.statistics import Proportion
from itpm_byte.learning import answer_key
from itpm_byte.learning.models import Attempt, Placement
from lti.models import Membership
from tests.cast import someone
from tests.learning.casting import NOW, THREE, Ask, answer, byte, placement

RIGHT = {"fit": "samantha", "duties": "plan budget risks", "end": "yes"}


def work(at, learner, *tries):
    """Each try: the chosen option of "fit", or a dict for all three questions."""
    for number, chosen in enumerate(tries, 1):
        given = chosen if isinstance(chosen, dict) else {"fit": chosen}
        for question, choices in given.items():
            answer(at, learner, choices, question=question, attempt=number)


def analysis(at, basis="first"):
    tries = answers.read(at)
    return questions.analyse(
        tries, answers.keys_of(at.byte, tries), byte=at.byte.pk, basis=basis, placement=at, now=NOW
    )


def chosen(found, question=0):
    return {option.key: option.chosen.count for option in found.questions[question].options}


def next_step(found, option, question=0):
    return next(figures.next_step for figures in found.questions[question].options if figures.key == option)


def test_each_basis_says_which_attempts_it_is_about(people):
    at = placement(people.link)
    kai = someone(people, "Kai")
    work(at, people.lin, "peter", "rachel", "samantha", "george")
    work(at, kai, "george")

    assert chosen(analysis(at, "first")) == {"peter": 1, "samantha": 0, "rachel": 0, "george": 1}
    assert chosen(analysis(at, "last")) == {"peter": 0, "samantha": 0, "rachel": 0, "george": 2}
    assert chosen(analysis(at, "counted")) == {"peter": 0, "samantha": 1, "rachel": 0, "george": 1}
    assert chosen(analysis(at, "all")) == {"peter": 1, "samantha": 1, "rachel": 1, "george": 2}
    # Whatever the basis, the first try is the first try.
    assert {analysis(at, basis).questions[0].facility for basis in answers.BASES} == {Proportion(0, 2)}
    assert [analysis(at, basis).tries for basis in answers.BASES] == [2, 2, 2, 5]


def test_where_the_average_counts_all_attempts_do(people):
    at = placement(people.link, which_counts=Placement.WhichCounts.AVERAGE)
    work(at, people.lin, "peter", "samantha")
    assert analysis(at, "counted").tries == 2


def test_what_followed_a_wrong_first_choice_is_told_by_option(people):
    at = placement(people.link)
    stories = [
        ("peter", "samantha"),
        ("peter", "peter"),
        ("peter", "george"),
        ("peter",),
        ("george", "samantha"),
        ("samantha",),
    ]
    for number, story in enumerate(stories):
        work(at, someone(people, f"learner {number}"), *story)
    found = analysis(at)

    assert next_step(found, "peter") == NextStep(n=4, right=1, same=1, other=1, stopped=1)
    assert next_step(found, "george") == NextStep(n=1, right=1, same=0, other=0, stopped=0)
    assert next_step(found, "rachel") == NextStep(n=0, right=0, same=0, other=0, stopped=0)
    assert next_step(found, "samantha") is None


def test_staff_test_users_open_and_reset_attempts_are_left_out(people):
    at = placement(people.link, THREE)
    work(at, people.lin, RIGHT, {"fit": "peter"})  # the second one is open
    promoted, tester, reset = (someone(people, name) for name in ("Tom", "Test", "Redo"))
    for learner in (promoted, tester, reset):
        work(at, learner, {**RIGHT, "fit": "george"})
    Membership.objects.filter(user=promoted).update(role="teaching_assistant")
    Membership.objects.filter(user=tester).update(is_test_user=True)
    Attempt.objects.filter(learner=reset).update(voided_at=NOW)

    found = analysis(at, "all")
    assert (found.learners, found.tries, chosen(found)["samantha"]) == (1, 1, 1)


def test_another_placement_of_the_same_byte_is_another_matter(people):
    at = placement(people.link)
    elsewhere = placement(people.max_link)
    work(at, people.lin, "samantha")
    work(elsewhere, people.max, "peter")
    assert chosen(analysis(at)) == {"peter": 0, "samantha": 1, "rachel": 0, "george": 0}


def test_versions_are_told_apart_and_counted(people):
    at = placement(people.link)
    work(at, people.lin, "peter")
    newer = byte(version=2)
    Placement.objects.filter(pk=at.pk).update(byte=newer)
    at.refresh_from_db()
    answer(at, people.lin, "samantha", attempt=2)
    kai = someone(people, "Kai")
    work(at, kai, "samantha")

    assert [(version.version, number) for version, number in answers.versions(at)] == [(2, 2), (1, 1)]
    assert (analysis(at).learners, analysis(at).questions[0].facility) == (2, Proportion(2, 2))


def test_each_attempt_is_judged_by_the_key_that_gave_its_points(people):
    at = placement(people.link, {"fit": Ask(right="peter")})
    kai, mia = someone(people, "Kai"), someone(people, "Mia")
    work(at, people.lin, "samantha", "peter")
    work(at, kai, "peter", "samantha")
    work(at, mia, "samantha")

    def told(basis="first"):
        fit = analysis(at, basis).questions[0]
        share = round(fit.mean_share * fit.n)
        return fit.facility, share, [option.key for option in fit.options if option.is_correct]

    assert told() == (Proportion(1, 3), 1, ["peter"])
    assert next_step(analysis(at), "samantha") == NextStep(n=2, right=1, same=0, other=0, stopped=1)
    newer = byte(version=2)
    # Kai's second one was still open when the others were marked anew.
    Attempt.objects.exclude(learner=kai, number=2).update(marked_with=newer)

    assert told() == (Proportion(2, 3), 2, ["samantha"])
    assert told("last") == (Proportion(2, 3), 1, ["samantha"])
    assert next_step(analysis(at), "peter") == NextStep(n=1, right=0, same=0, other=1, stopped=0)


def test_a_byte_with_one_question_has_no_discrimination_and_nobody_no_share(people):
    at = placement(people.link)
    figures = analysis(at).questions[0]
    assert (figures.discrimination, figures.mean_share, figures.facility.share) == (None, None, None)


def test_the_number_of_queries_does_not_grow(people):
    at = placement(people.link)
    answer_key.of(at.byte)
    work(at, people.lin, "peter", "samantha")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            analysis(at)
        return len(captured)

    one = queries()
    for number in range(3):
        work(at, someone(people, f"learner {number}"), "peter")
    assert queries() == one == 2


# --- Against NumPy


POINTS = {"fit": 1, "duties": 3, "end": 2}
OPTIONS = {
    "fit": st.sampled_from(["peter", "samantha", "rachel", "george"]).map(lambda one: {one}),
    "duties": st.sets(st.sampled_from(["plan", "code", "budget", "cook", "risks"]), min_size=1),
    "end": st.sampled_from(["yes", "no"]).map(lambda one: {one}),
}
TRY = st.fixed_dictionaries(OPTIONS)
CLASSES = st.lists(st.lists(TRY, min_size=1, max_size=3), min_size=1, max_size=25)


@pytest.fixture(scope="module")
def key():
    """The answer key of THREE, without a database."""
    from itpm_byte.learning.answer_key import KeyChoice, KeyQuestion

    return {
        name: KeyQuestion(
            id=number, key=name, kind=ask.kind_name, points=ask.points, explanation="",
            choices={o: KeyChoice(0, o, o in ask.right.split(), "") for o in ask.options.split()},
        )
        for number, (name, ask) in enumerate(THREE.items())
    }  # fmt: skip


def marks(name, chosen):
    """Points by the rule in words: right minus wrong, of the number right; all or nothing where one is right."""
    right = set(RIGHT[name].split())
    if len(right) == 1:
        return float(chosen == right) * POINTS[name]
    net = max(len(chosen & right) - len(chosen - right), 0)
    return round(net / len(right) * POINTS[name], 4)


@given(CLASSES)
def test_all_figures_are_numpys(key, learners):
    tries = [
        answers.Try(learner, number, Decimal(0), 6, 1, {name: frozenset(one[name]) for name in one})
        for learner, own in enumerate(learners)
        for number, one in enumerate(own, 1)
    ]
    at = Placement(byte=Byte(pk=1))
    found = questions.analyse(tries, answers.Keys(key), byte=1, basis="last", placement=at, now=NOW)

    table = np.array([[marks(name, own[-1][name]) for name in POINTS] for own in learners])
    for column, figures in enumerate(found.questions):
        name = figures.key
        firsts = np.array([own[0][name] == set(RIGHT[name].split()) for own in learners])
        assert (figures.facility.count, figures.facility.n) == (int(firsts.sum()), len(learners))
        assert figures.mean_share == pytest.approx(table[:, column].mean() / POINTS[name], abs=1e-4)
        for option in figures.options:
            assert option.chosen.count == sum(option.key in own[-1][name] for own in learners)
            if option.next_step:
                step = option.next_step
                assert step.right + step.same + step.other + step.stopped == step.n
                assert step.n == sum(option.key in own[0][name] for own in learners)
        rest = np.delete(table, column, axis=1).sum(axis=1)
        if len(learners) >= 3 and np.ptp(table[:, column]) > 0 and np.ptp(rest) > 0:
            reference = scipy.stats.pearsonr(table[:, column], rest).statistic
            assert figures.discrimination.r == pytest.approx(reference, abs=1e-4)
        else:
            assert figures.discrimination.r is None
