"""The questions' figures as rows of a file and of the API: one row an option, the question's own figures beside it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from itpm_byte.insight.questions import Analysis, OptionFigures, QuestionFigures
from itpm_byte.insight.tables import Column, Table


@dataclass(frozen=True, slots=True)
class OptionRow:
    analysis: Analysis
    question: QuestionFigures
    option: OptionFigures


def option_rows(analysis: Analysis) -> Iterator[OptionRow]:
    for question in analysis.questions:
        for option in question.options:
            yield OptionRow(analysis, question, option)


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _end(interval: tuple[float, float] | None, side: int) -> float | None:
    return None if interval is None else round(interval[side], 4)


def _then(row: OptionRow, what: str) -> int | None:
    step = row.option.next_step
    return None if step is None else int(getattr(step, what))


QUESTIONS: Table[OptionRow] = Table(
    "questions",
    (
        Column("question", _("Question"), lambda row: row.question.key),
        Column("basis", _("Basis"), lambda row: row.analysis.basis),
        Column("first_tries", _("First tries"), lambda row: row.question.facility.n),
        Column("right_at_first", _("Right at the first try"), lambda row: row.question.facility.count),
        Column("facility", _("Share"), lambda row: _share(row.question.facility.share)),
        Column("facility_from", _("95 % from"), lambda row: _end(row.question.facility.interval, 0)),
        Column("facility_to", _("95 % to"), lambda row: _end(row.question.facility.interval, 1)),
        Column("mean_share", _("Mean share of the points"), lambda row: _share(row.question.mean_share)),
        Column(
            "discrimination",
            _("Correlation with the other questions"),
            lambda row: _share(row.question.discrimination.r) if row.question.discrimination else None,
        ),
        Column("option", _("Option"), lambda row: row.option.key),
        Column("is_right", _("Is right"), lambda row: row.option.is_correct),
        Column("chosen", _("Chosen"), lambda row: row.option.chosen.count),
        Column("n", _("Of"), lambda row: row.option.chosen.n),
        Column("chosen_share", _("Share of the option"), lambda row: _share(row.option.chosen.share)),
        Column("next_right", _("Then right"), lambda row: _then(row, "right")),
        Column("next_same", _("Then the same"), lambda row: _then(row, "same")),
        Column("next_other", _("Then another wrong one"), lambda row: _then(row, "other")),
        Column("next_none", _("Then no other try"), lambda row: _then(row, "stopped")),
        Column("computed_at", _("Computed at (UTC)"), lambda row: row.analysis.computed_at),
    ),
)
