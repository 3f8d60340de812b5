"""A learner's receipt for a completed Byte: when there is one, and what it says."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from itpm_byte.learning import receipts
from itpm_byte.learning.errors import NotCompleted
from itpm_byte.learning.models import Attempt, Progress, Receipt
from lti.models import Context
from tests.cast import someone
from tests.learning import casting
from tests.learning.casting import DAY, NOW, ONE, THREE


@pytest.fixture
def placement(people):
    return casting.placement(people.link, ONE)


def row_of(placement, learner):
    return Progress.objects.get(placement=placement, learner=learner)


def test_a_receipt_says_what_was_completed_when_and_where_and_no_name(people, placement):
    casting.answer(placement, people.lin, "peter", now=NOW)
    casting.answer(placement, people.lin, "samantha", attempt=2, now=NOW + DAY)
    given = receipts.give(placement, people.lin, shows_name=False, now=NOW + 2 * DAY)

    proof = receipts.look_up(given.code)
    assert proof is not None
    assert (proof.byte.title, proof.byte.version, proof.completed_at) == ("IT Project Manager", 1, NOW)
    assert (proof.course, proof.school, proof.name) == (
        str(people.context),
        people.deployment.institution.name,
        "",
    )


def test_the_learner_chooses_whether_it_names_them_and_the_code_stays(people, placement):
    casting.answer(placement, people.lin)
    first = receipts.give(placement, people.lin, shows_name=True, now=NOW)
    assert receipts.look_up(first.code).name == people.lin.name

    second = receipts.give(placement, people.lin, shows_name=False, now=NOW)
    assert receipts.look_up(first.code).name == ""
    assert (second.code, Receipt.objects.count()) == (first.code, 1)


def test_nobody_gets_a_receipt_before_all_questions_are_answered(people):
    placement = casting.placement(people.link, THREE)
    with pytest.raises(NotCompleted):
        receipts.give(placement, people.lin, shows_name=True, now=NOW)
    casting.answer(placement, people.lin)
    with pytest.raises(NotCompleted):
        receipts.give(placement, people.lin, shows_name=True, now=NOW)
    assert Receipt.objects.count() == 0


def test_it_names_the_version_that_was_completed_also_after_a_new_one(people, placement):
    casting.answer(placement, people.lin)
    casting.byte(ONE, version=2, title="Another title", published_at=NOW)
    again = casting.found(people.link)
    casting.answer(again, people.lin, attempt=2, now=NOW + DAY)

    given = receipts.give(again, people.lin, shows_name=False, now=NOW + DAY)
    assert (receipts.look_up(given.code).byte.version, receipts.look_up(given.code).byte.title) == (
        1,
        "IT Project Manager",
    )


def test_a_withdrawn_receipt_is_gone_and_the_next_one_has_another_code(people, placement):
    casting.answer(placement, people.lin)
    old = receipts.give(placement, people.lin, shows_name=True, now=NOW)
    receipts.withdraw(placement, people.lin)
    assert receipts.look_up(old.code) is None

    new = receipts.give(placement, people.lin, shows_name=True, now=NOW)
    assert new.code != old.code
    assert receipts.look_up(old.code) is None


def test_it_ends_with_what_it_proves_when_a_person_is_erased_or_an_attempt_is_reset(people, placement):
    casting.answer(placement, people.lin)
    code = receipts.give(placement, people.lin, shows_name=True, now=NOW).code
    Attempt.objects.update(voided_at=NOW)
    assert receipts.look_up(code) is None
    Attempt.objects.update(voided_at=None)
    assert receipts.look_up(code) is not None

    people.lin.delete()
    assert receipts.look_up(code) is None
    assert Receipt.objects.count() == 0


def test_a_course_that_got_another_name_shows_it(people, placement):
    casting.answer(placement, people.lin)
    code = receipts.give(placement, people.lin, shows_name=False, now=NOW).code
    Context.objects.filter(pk=people.context.pk).update(title="Careers 102")
    assert receipts.look_up(code).course == "Careers 102"


def test_two_learners_never_share_a_receipt(people, placement):
    for learner in (people.lin, someone(people, "Kai")):
        casting.answer(placement, learner)
        receipts.give(placement, learner, shows_name=True, now=NOW)
    codes = list(Receipt.objects.values_list("code", flat=True))
    assert {receipts.look_up(code).name for code in codes} == {"Lin", "Kai"}

    with pytest.raises(IntegrityError), transaction.atomic():
        Receipt.objects.update(code=codes[0])


def test_a_code_is_long_and_can_be_read_from_paper(people, placement):
    casting.answer(placement, people.lin, now=NOW - timedelta(minutes=1))
    code = receipts.give(placement, people.lin, shows_name=False, now=NOW).code
    assert len(receipts.LETTERS) ** receipts.LENGTH == 2**100

    typed = receipts.in_groups(code).lower().replace("0", "o").replace("1", "l")
    assert receipts.as_kept(f" {typed} ") == code
    assert receipts.look_up(typed) == receipts.look_up(code)
    assert [receipts.as_kept(wrong) for wrong in ("", code[:-1], code + "A", "U" * 20, "\0" * 20)] == [""] * 5
    assert receipts.look_up("") is None
