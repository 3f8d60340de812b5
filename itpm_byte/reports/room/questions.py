"""How the questions did here: first tries, option shares, what followed a wrong choice; each with its n."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from itpm_byte.content.document import Option, QuestionSection
from itpm_byte.content.models import Byte
from itpm_byte.content.reading import rendered
from itpm_byte.insight import answers, questions
from itpm_byte.insight.answers import BASES, Basis
from itpm_byte.insight.questions import Analysis, OptionFigures, QuestionFigures
from itpm_byte.insight.statistics import FEW
from itpm_byte.learning.models import Placement
from itpm_byte.reports.room.access import room_required
from lti.models import Launch

BASIS_WORDS: dict[Basis, str | Promise] = {
    "first": _("each learner's first attempt"),
    "last": _("each learner's last attempt"),
    "counted": _("the attempt that counts"),
    "all": _("all attempts"),
}


@dataclass(frozen=True)
class ShownOption:
    """An option's figures beside its words; shares in whole per cent."""

    words: Option
    figures: OptionFigures

    @property
    def title(self) -> str:
        return self.words.title or strip_tags(self.words.html)

    @property
    def per_cent(self) -> int:
        return _per_cent(self.figures.chosen.share)


@dataclass(frozen=True)
class ShownQuestion:
    words: QuestionSection
    figures: QuestionFigures
    options: tuple[ShownOption, ...]

    @property
    def facility_per_cent(self) -> int:
        return _per_cent(self.figures.facility.share)

    @property
    def low_per_cent(self) -> int:
        return _per_cent((self.figures.facility.interval or (0, 0))[0])

    @property
    def high_per_cent(self) -> int:
        return _per_cent((self.figures.facility.interval or (0, 0))[1])

    @property
    def mean_per_cent(self) -> int | None:
        return None if self.figures.mean_share is None else _per_cent(self.figures.mean_share)


@dataclass(frozen=True)
class Asked:
    """The version that is looked at, the others to choose from with their attempts, and the basis."""

    byte: Byte
    versions: list[tuple[Byte, int]]
    basis: Basis

    @classmethod
    def of(cls, request: HttpRequest, placement: Placement) -> "Asked":
        """What makes no sense is taken for not said: then the version that learners get now, and first attempts."""
        versions = answers.versions(placement)
        wanted = request.GET.get("version", "")
        byte = next((known for known, _n in versions if str(known.pk) == wanted), None)
        said = request.GET.get("basis", "first")
        basis = said if said in BASES else "first"
        return cls(byte or next(known for known, _n in versions if known.pk == placement.byte_id), versions, basis)


def analysis_of(asked: Asked, placement: Placement, *, now: datetime) -> Analysis:
    tries = answers.read(placement)
    keys = answers.keys_of(asked.byte, tries)
    return questions.analyse(tries, keys, byte=asked.byte.pk, basis=asked.basis, placement=placement, now=now)


@require_safe
@room_required
def page(request: HttpRequest, launch: Launch, placement: Placement) -> HttpResponse:
    asked = Asked.of(request, placement)
    found = analysis_of(asked, placement, now=timezone.now())
    context = {
        "launch": launch,
        "placement": placement,
        "here": "questions",
        "asked": asked,
        "bases": BASIS_WORDS.items(),
        "basis_words": BASIS_WORDS[asked.basis],
        "analysis": found,
        "shown": shown(asked.byte, found),
        "few": FEW,
        "file_query": f"?version={asked.byte.pk}&basis={asked.basis}",
    }
    return render(request, "reports/room/questions.html", context)


def shown(byte: Byte, found: Analysis) -> list[ShownQuestion]:
    """Each question's figures beside the words that learners read."""
    figures = {question.key: question for question in found.questions}
    return [_shown(section, figures[section.question_key]) for section in rendered(byte).questions]


def _shown(section: QuestionSection, figures: QuestionFigures) -> ShownQuestion:
    options = {option.key: option for option in figures.options}
    pairs = tuple(ShownOption(words, options[words.key]) for words in section.options)
    return ShownQuestion(section, figures, pairs)


def _per_cent(share: float | None) -> int:
    return round(100 * (share or 0))
