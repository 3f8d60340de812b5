"""What answers and attempts are worth: rules that hold for all of them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itpm_byte.learning.scoring import Counted, Result, counted, in_words, question_points, round_points

OPTIONS = "abcdefgh"
option_sets = st.sets(st.sampled_from(OPTIONS), min_size=1).map(frozenset)
any_choice = st.sets(st.sampled_from(OPTIONS)).map(frozenset)
points_of_a_question = st.integers(1, 20)
kinds = st.sampled_from(["single", "multiple"])


@st.composite
def results(draw, min_size=1):
    """Submitted attempts in any order, some about versions with other maxima."""
    numbers = draw(st.lists(st.integers(1, 50), min_size=min_size, max_size=8, unique=True))
    possible = st.integers(1, 12)
    made = []
    for number in numbers:
        maximum = draw(possible)
        points = draw(st.integers(0, maximum * 10_000))
        made.append(Result(number, Decimal(points).scaleb(-4), maximum))
    return made


which = st.sampled_from(["best", "last", "first", "average"])


@pytest.mark.parametrize(
    ("kind", "right", "chosen", "points", "worth"),
    [
        ("single", "a", "a", 1, "1.0000"),
        ("single", "a", "b", 1, "0.0000"),
        ("single", "a", "", 1, "0.0000"),
        ("multiple", "abc", "abc", 3, "3.0000"),
        ("multiple", "abc", "ab", 3, "2.0000"),
        ("multiple", "abc", "abd", 3, "1.0000"),
        ("multiple", "abc", "ad", 3, "0.0000"),
        ("multiple", "abc", "de", 3, "0.0000"),
        ("multiple", "abc", "abcd", 1, "0.6667"),
        ("multiple", "abc", "a", 1, "0.3333"),
        ("multiple", "abc", "abcdef", 3, "0.0000"),
        ("multiple", "", "", 2, "2.0000"),
        ("multiple", "", "a", 2, "0.0000"),
    ],
)
def test_points_of_one_question(kind, right, chosen, points, worth):
    assert str(question_points(kind, points, frozenset(right), frozenset(chosen))) == worth


@given(kinds, points_of_a_question, option_sets, any_choice)
def test_points_lie_between_nothing_and_all(kind, points, correct, chosen):
    worth = question_points(kind, points, correct, chosen)
    assert (worth >= 0, worth <= points, worth.as_tuple().exponent) == (True, True, -4)


@given(kinds, points_of_a_question, option_sets, any_choice)
def test_all_points_are_given_for_exactly_the_right_options_only(kind, points, correct, chosen):
    assert (question_points(kind, points, correct, chosen) == points) == (chosen == correct)


@given(points_of_a_question, option_sets, any_choice, st.sampled_from(OPTIONS))
def test_one_more_right_option_never_costs_and_one_more_wrong_option_never_pays(points, correct, chosen, option):
    before = question_points("multiple", points, correct, chosen - {option})
    after = question_points("multiple", points, correct, chosen | {option})
    assert (after >= before) if option in correct else (after <= before)


@given(points_of_a_question, option_sets)
def test_choosing_everything_does_not_pay_when_half_of_it_is_wrong(points, correct):
    everything = frozenset(OPTIONS)
    is_half_wrong = 2 * len(correct) <= len(everything)
    assert (question_points("multiple", points, correct, everything) == 0) == is_half_wrong


def test_without_attempts_there_is_no_grade():
    for which_counts in ("best", "last", "first", "average"):
        assert counted([], which_counts=which_counts, grade_on="quiz") is None
    assert counted([], which_counts="best", grade_on="completion") is None


THREE = [Result(1, Decimal("1.0000"), 3), Result(2, Decimal("3.0000"), 3), Result(3, Decimal("0.0000"), 3)]


@pytest.mark.parametrize(
    ("which_counts", "grade"),
    [
        ("best", Counted(Decimal("3.0000"), 3, 2)),
        ("last", Counted(Decimal("0.0000"), 3, 3)),
        ("first", Counted(Decimal("1.0000"), 3, 1)),
        ("average", Counted(Decimal("1.3333"), 3, None)),
    ],
)
def test_the_setting_says_which_attempt_counts(which_counts, grade):
    assert counted(THREE, which_counts=which_counts, grade_on="quiz") == grade


def test_completion_gives_all_points_for_the_first_attempt_whatever_the_answers():
    attempts = [Result(2, Decimal("0.0000"), 5), Result(1, Decimal("0.0000"), 3)]
    assert counted(attempts, which_counts="last", grade_on="completion") == Counted(Decimal("3.0000"), 3, 1)


def test_both_gives_half_for_completing_and_half_for_the_answers():
    assert counted(THREE, which_counts="best", grade_on="both") == Counted(Decimal("3.0000"), 3, 2)
    assert counted(THREE, which_counts="last", grade_on="both") == Counted(Decimal("1.5000"), 3, 3)
    assert counted(THREE, which_counts="first", grade_on="both") == Counted(Decimal("2.0000"), 3, 1)
    assert counted(THREE, which_counts="average", grade_on="both") == Counted(Decimal("2.1667"), 3, None)
    assert counted([], which_counts="best", grade_on="both") is None


def test_the_best_is_the_best_share_when_versions_have_other_maxima():
    attempts = [Result(1, Decimal("4.0000"), 5), Result(2, Decimal("1.0000"), 1), Result(3, Decimal("4.5000"), 5)]
    assert counted(attempts, which_counts="best", grade_on="quiz") == Counted(Decimal("1.0000"), 1, 2)


def test_the_best_of_equals_is_the_earliest():
    attempts = [Result(3, Decimal("2.0000"), 4), Result(1, Decimal("1.0000"), 2)]
    assert counted(attempts, which_counts="best", grade_on="quiz") == Counted(Decimal("1.0000"), 2, 1)


def test_the_average_of_shares_is_shown_on_the_newest_maximum():
    attempts = [Result(1, Decimal("1.0000"), 1), Result(2, Decimal("0.0000"), 3)]
    assert counted(attempts, which_counts="average", grade_on="quiz") == Counted(Decimal("1.5000"), 3, None)


@given(results(), which, st.sampled_from(["quiz", "completion", "both"]))
def test_a_grade_lies_between_nothing_and_its_own_maximum(attempts, which_counts, grade_on):
    grade = counted(attempts, which_counts=which_counts, grade_on=grade_on)
    assert (grade.points >= 0, grade.points <= grade.possible, grade.points.as_tuple().exponent) == (True, True, -4)


@given(results(), which, st.sampled_from(["quiz", "completion", "both"]), st.randoms())
def test_the_order_in_which_attempts_are_read_does_not_matter(attempts, which_counts, grade_on, chance):
    shuffled = list(attempts)
    chance.shuffle(shuffled)
    settings = {"which_counts": which_counts, "grade_on": grade_on}
    assert counted(shuffled, **settings) == counted(attempts, **settings)


@given(results(), which)
def test_perfect_attempts_make_a_perfect_grade(attempts, which_counts):
    perfect = [Result(one.number, Decimal(one.possible), one.possible) for one in attempts]
    grade = counted(perfect, which_counts=which_counts, grade_on="quiz")
    assert grade.points == grade.possible


@given(results(), st.integers(51, 60), st.integers(1, 12), st.integers(0, 10_000))
def test_one_more_attempt_never_makes_the_best_worse_nor_changes_the_first(attempts, number, possible, share):
    more = [*attempts, Result(number, round_points(Fraction(share, 10_000) * possible), possible)]

    def grade(made, which_counts):
        return counted(made, which_counts=which_counts, grade_on="quiz")

    before, after = grade(attempts, "best"), grade(more, "best")
    assert Fraction(after.points) / after.possible >= Fraction(before.points) / before.possible
    assert grade(more, "first") == grade(attempts, "first")
    assert grade(more, "last").number == number


@given(results())
def test_the_average_lies_between_the_worst_and_the_best_share(attempts):
    grade = counted(attempts, which_counts="average", grade_on="quiz")
    shares = [one.share for one in attempts]
    rounding = Fraction(1, 20_000)
    assert min(shares) * grade.possible - rounding <= grade.points <= max(shares) * grade.possible + rounding


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("1/3", "0.3333"), ("2/3", "0.6667"), ("1/20000", "0.0001"), ("3/20000", "0.0002"), ("0", "0.0000")],
)
def test_points_are_rounded_half_up_to_four_places(value, rounded):
    assert str(round_points(Fraction(value))) == rounded


@pytest.mark.parametrize(
    ("points", "words"),
    [("1.0000", "1"), ("0.0000", "0"), ("10.0000", "10"), ("0.5000", "0.5"), ("0.6667", "0.67"), ("0.0050", "0.01")],
)
def test_points_in_words_are_short(points, words):
    assert in_words(Decimal(points)) == words
