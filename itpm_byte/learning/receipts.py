"""Receipts: a learner shows others that they completed a Byte, by an address that only they can give away.

A receipt is the code and whether it names the learner; all else is read from what is kept anyway, so it never says
more or other than that. Who is erased, or has no submitted attempt any more, has no receipt.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from itpm_byte.content.models import Byte
from itpm_byte.learning.errors import NotCompleted
from itpm_byte.learning.models import Attempt, Placement, Progress, Receipt
from lti.models import PlatformUser

# Crockford's: nothing in it looks like something else. Twenty of them are 100 bits: nobody guesses one.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 20
_AS_READ = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True, slots=True)
class Proof:
    """What others see. `name` is empty unless the learner chose to be named; `course` and `school` may be empty."""

    byte: Byte
    completed_at: datetime
    course: str
    school: str
    name: str


def in_groups(code: str) -> str:
    """For reading out and typing in: ABCD-EFGH-…"""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def as_kept(typed: str) -> str:
    """A code as somebody typed it from paper; "" for what can't be one."""
    code = typed.upper().translate(_AS_READ)
    return code if len(code) == LENGTH and set(code) <= set(LETTERS) else ""


def of(progress: Progress) -> Receipt | None:
    return Receipt.objects.filter(progress=progress).first()


def give(placement: Placement, learner: PlatformUser, *, shows_name: bool, now: datetime) -> Receipt:
    """The learner's receipt, made if there is none yet, naming them or not. Raises NotCompleted."""
    with transaction.atomic():
        mine = Progress.objects.select_for_update().filter(placement=placement, learner=learner)
        progress = mine.filter(completed_at__isnull=False).first()
        if progress is None:
            raise NotCompleted
        chosen = {"shows_name": shows_name}
        new = {**chosen, "code": "".join(secrets.choice(LETTERS) for _ in range(LENGTH)), "created_at": now}
        receipt, _is_new = Receipt.objects.update_or_create(progress=progress, defaults=chosen, create_defaults=new)
    return receipt


def withdraw(placement: Placement, learner: PlatformUser) -> None:
    """The code leads nowhere from now on; a receipt that is made later gets another one."""
    Receipt.objects.filter(progress__placement=placement, progress__learner=learner).delete()


def proof_of(progress: Progress, *, shows_name: bool) -> Proof:
    """What a receipt for this row says. Raises NotCompleted."""
    first = (
        Attempt.objects.filter(placement=progress.placement_id, learner=progress.learner_id)
        .filter(submitted_at__isnull=False, voided_at__isnull=True)
        .select_related("byte")
        .defer("byte__document")
        .order_by("submitted_at", "number")
        .first()
    )
    if first is None or progress.completed_at is None:
        raise NotCompleted
    link = progress.placement.resource_link
    return Proof(
        byte=first.byte,
        completed_at=progress.completed_at,
        course=str(link.context or ""),
        school=link.deployment.institution.name,
        name=progress.learner.display_name if shows_name else "",
    )


def look_up(code: str) -> Proof | None:
    """What the receipt with this code says; None where there is none, or none any more."""
    found = (
        Receipt.objects.filter(code=as_kept(code) or None)
        .select_related(
            "progress__learner",
            "progress__placement__resource_link__context",
            "progress__placement__resource_link__deployment__institution",
        )
        .first()
    )
    if found is None:
        return None
    try:
        return proof_of(found.progress, shows_name=found.shows_name)
    except NotCompleted:
        return None
