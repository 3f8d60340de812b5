"""How the questions of a Byte did in one course: figures with their n, their basis and the time of counting.

`analyse` works on tries that are read already (see `answers`); nothing here asks the database.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from itpm_byte.insight.answers import Basis, Keys, Try, on_basis
from itpm_byte.insight.statistics import Correlation, Proportion, correlation
from itpm_byte.learning.answer_key import KeyQuestion
from itpm_byte.learning.marking import points_of
from itpm_byte.learning.models import Placement


@dataclass(frozen=True, slots=True)
class NextStep:
    """What those did whose first try chose one wrong option: counts of learners, adding up to `n`."""

    n: int
    right: int
    same: int
    other: int
    stopped: int


@dataclass(frozen=True, slots=True)
class OptionFigures:
    """How often one option was chosen on the basis, and what followed a wrong first choice (None for right options)."""

    key: str
    is_correct: bool
    chosen: Proportion
    next_step: NextStep | None


@dataclass(frozen=True, slots=True)
class QuestionFigures:
    """One question. `facility`: all right at the first try, of all first tries. `mean_share`: of its points, 0 … 1.

    `discrimination` is the correlation of this question's points with those of all the others (corrected item–total
    correlation) on the basis; None where the Byte has no other question.
    """

    key: str
    facility: Proportion
    n: int
    mean_share: float | None
    options: tuple[OptionFigures, ...]
    discrimination: Correlation | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """Of one version at one placement. `learners` finished at least one attempt of it."""

    basis: Basis
    learners: int
    tries: int
    questions: tuple[QuestionFigures, ...]
    computed_at: datetime


def analyse(
    tries: Sequence[Try],
    keys: Keys,
    *,
    byte: int,
    basis: Basis,
    placement: Placement,
    now: datetime,
) -> Analysis:
    """`tries` of all versions as `answers.read` gives them; `byte` says which version is looked at, `keys` are its.

    Each try is judged by the key that gave its points; which options are shown as right, the newest of these says.

    A learner's first try is the first of this version: who met an older one before comes with another knowledge, and is
    counted all the same.
    """
    of_version = [attempt for attempt in tries if attempt.byte == byte]
    chosen = [attempt for attempt in on_basis(tries, basis, placement=placement) if attempt.byte == byte]
    if basis in {"first", "last"}:
        chosen = on_basis(of_version, basis, placement=placement)
    points = {name: [_points(name, attempt, keys) for attempt in chosen] for name in keys.own}
    return Analysis(
        basis=basis,
        learners=len({attempt.learner for attempt in of_version}),
        tries=len(chosen),
        questions=tuple(_figures(name, keys, of_version, chosen, points, placement) for name in keys.own),
        computed_at=now,
    )


def _figures(
    name: str,
    keys: Keys,
    of_version: Sequence[Try],
    chosen: Sequence[Try],
    points: Mapping[str, Sequence[float]],
    placement: Placement,
) -> QuestionFigures:
    firsts = on_basis(of_version, "first", placement=placement)
    question, own = keys.newest[name], points[name]
    right = sum(_is_right(name, attempt, keys) for attempt in firsts)
    return QuestionFigures(
        key=name,
        facility=Proportion(right, len(firsts)),
        n=len(chosen),
        mean_share=sum(own) / len(own) / question.points if own else None,
        options=tuple(_options(question, keys, of_version, chosen)),
        discrimination=_discrimination(name, points),
    )


def _options(
    question: KeyQuestion, keys: Keys, of_version: Sequence[Try], chosen: Sequence[Try]
) -> list[OptionFigures]:
    times = Counter(option for attempt in chosen for option in _answer(attempt, question.key))
    return [
        OptionFigures(
            key=choice.key,
            is_correct=choice.is_correct,
            chosen=Proportion(times[choice.key], len(chosen)),
            next_step=None if choice.is_correct else _next_step(question.key, choice.key, keys, of_version),
        )
        for choice in question.choices.values()
    ]


def _next_step(name: str, option: str, keys: Keys, of_version: Sequence[Try]) -> NextStep:
    """From the first try of this version to the second. `of_version` is in the order of learners and numbers."""
    by_learner: dict[int, list[Try]] = {}
    for attempt in of_version:
        by_learner.setdefault(attempt.learner, []).append(attempt)
    followed = Counter(
        _kind_of(own[1] if len(own) > 1 else None, name, option, keys)
        for own in by_learner.values()
        if option in _answer(own[0], name)
    )
    return NextStep(followed.total(), followed["right"], followed["same"], followed["other"], followed["stopped"])


def _kind_of(attempt: Try | None, name: str, option: str, keys: Keys) -> str:
    if attempt is None:
        return "stopped"
    if _is_right(name, attempt, keys):
        return "right"
    return "same" if option in _answer(attempt, name) else "other"


def _discrimination(name: str, points: Mapping[str, Sequence[float]]) -> Correlation | None:
    others = [row for key, row in points.items() if key != name]
    if not others:
        return None
    return correlation(points[name], [sum(rest) for rest in zip(*others, strict=True)])


def _is_right(name: str, attempt: Try, keys: Keys) -> bool:
    return _answer(attempt, name) == keys.of(attempt)[name].correct


def _points(name: str, attempt: Try, keys: Keys) -> float:
    return float(points_of(keys.of(attempt)[name], _answer(attempt, name)))


def _answer(attempt: Try, name: str) -> frozenset[str]:
    return attempt.answers.get(name, frozenset())
