"""What answers and attempts are worth. Pure: numbers in, numbers out.

Points are Decimals with four places, rounded half up; what is possible is a whole number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.utils.formats import number_format

FOUR_PLACES = Decimal("0.0001")
TWO_PLACES = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Result:
    """One submitted attempt. 0 ≤ points ≤ possible, possible ≥ 1."""

    number: int
    points: Decimal
    possible: int

    @property
    def share(self) -> Fraction:
        return Fraction(self.points) / self.possible

    @property
    def is_perfect(self) -> bool:
        return self.points == self.possible


@dataclass(frozen=True, slots=True)
class Counted:
    """What goes to the gradebook. `number` is the attempt that counts; None when all do (average)."""

    points: Decimal
    possible: int
    number: int | None


def question_points(kind: str, points: int, correct: frozenset[str], chosen: frozenset[str]) -> Decimal:
    """Points for one question, from 0 to `points`.

    'single': all or nothing. 'multiple': (right chosen minus wrong chosen) of the number right, never below 0, so that
    choosing everything doesn't pay.
    """
    if chosen == correct:
        return round_points(Fraction(points))
    if kind == "single" or not correct:
        return round_points(Fraction(0))
    net = len(chosen & correct) - len(chosen - correct)
    return round_points(Fraction(max(net, 0), len(correct)) * points)


def counted(results: Sequence[Result], *, which_counts: str, grade_on: str) -> Counted | None:
    """The grade that these submitted attempts make; None without any. Order does not matter, numbers do.

    Attempts may be about versions with different maxima, so they compare by their share of the points. The best of
    equals is the earliest. The average of shares is shown on the newest attempt's maximum.
    grade_on 'completion': all points for the first attempt that was submitted, whatever the answers. 'both': half of
    the points for that, the other half by the answers.
    """
    if not results:
        return None
    in_order = sorted(results, key=lambda result: result.number)
    first = in_order[0]
    if grade_on == "completion":
        return Counted(round_points(Fraction(first.possible)), first.possible, first.number)
    by_answers = _by_answers(in_order, which_counts)
    if grade_on == "both":
        share = (1 + Fraction(by_answers.points) / by_answers.possible) / 2
        return replace(by_answers, points=round_points(share * by_answers.possible))
    return by_answers


def _by_answers(in_order: Sequence[Result], which_counts: str) -> Counted:
    first, last = in_order[0], in_order[-1]
    if which_counts == "average":
        mean = sum((result.share for result in in_order), Fraction(0)) / len(in_order)
        return Counted(round_points(mean * last.possible), last.possible, None)
    best = max(in_order, key=lambda result: (result.share, -result.number))
    chosen = {"best": best, "last": last, "first": first}[which_counts]
    return Counted(chosen.points, chosen.possible, chosen.number)


def round_points(value: Fraction) -> Decimal:
    """Four places, half up."""
    return (Decimal(value.numerator) / value.denominator).quantize(FOUR_PLACES, ROUND_HALF_UP)


def in_words(points: Decimal) -> str:
    """Points as people read them: '1', '0.5', '0.67', and '0,67' in French."""
    return number_format(f"{points.quantize(TWO_PLACES, ROUND_HALF_UP).normalize():f}")
