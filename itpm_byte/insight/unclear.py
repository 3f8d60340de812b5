"""Which questions learners find unclear, and why; without names, and only where enough of them answered."""

from collections import defaultdict
from dataclasses import dataclass

from itpm_byte.content.models import Byte
from itpm_byte.insight.answers import finished
from itpm_byte.insight.feedback import MINIMUM_GROUP
from itpm_byte.learning.models import Placement, UnclearQuestion

MOST_REASONS = 200


@dataclass(frozen=True, slots=True)
class Flagged:
    """One question of one version. `learners` have answered it; `count` of them find it unclear."""

    byte: Byte
    question: str
    prompt: str
    learners: int
    count: int
    reasons: tuple[str, ...]


def flagged(placement: Placement) -> list[Flagged]:
    """Most often told first. Below MINIMUM_GROUP learners of a version nothing shows. Three queries at most.

    Reasons come in the order of the alphabet: neither time nor person shows.
    """
    answered: dict[int, set[int]] = defaultdict(set)
    for byte, learner in finished(placement).order_by().values_list("byte_id", "learner_id").distinct():
        answered[byte].add(learner)
    enough = [byte for byte, learners in answered.items() if len(learners) >= MINIMUM_GROUP]
    if not enough:
        return []
    rows = UnclearQuestion.objects.filter(placement=placement, question__byte__in=enough).order_by("reason")
    told: dict[tuple[int, str, str], list[str]] = defaultdict(list)
    for byte, key, prompt, reason in rows.values_list(
        "question__byte_id", "question__key", "question__prompt", "reason"
    ):
        told[byte, key, prompt].append(reason)
    versions = Byte.objects.defer("document").in_bulk({byte for byte, _key, _prompt in told})
    found = [
        Flagged(
            byte=versions[byte],
            question=key,
            prompt=prompt,
            learners=len(answered[byte]),
            count=len(reasons),
            reasons=tuple(filter(None, reasons))[:MOST_REASONS],
        )
        for (byte, key, prompt), reasons in told.items()
    ]
    return sorted(found, key=lambda one: (-one.count, -one.byte.version, one.question))
