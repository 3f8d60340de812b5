"""What learners think of a Byte: one changeable word each, per version."""

import pytest

from itpm_byte.learning import errors, feedback
from itpm_byte.learning.models import Feedback
from tests.learning.casting import DAY, NOW, byte, placement


def give(at, learner, rating=4, comment="", now=NOW, of=None):
    return feedback.give(at, learner, of or at.byte, rating=rating, comment=comment, now=now)


def test_a_rating_is_kept_with_its_comment(people):
    at = placement(people.link)
    given = give(at, people.lin, 5, "  Short and\nfriendly. ")
    assert given == Feedback.objects.get()
    assert (given.rating, given.comment, given.byte) == (5, "Short and\nfriendly.", at.byte)
    assert (given.created_at, given.updated_at) == (NOW, NOW)


def test_it_can_be_changed(people):
    at = placement(people.link)
    give(at, people.lin, 5, "Good")
    give(at, people.lin, 1, now=NOW + DAY)
    row = Feedback.objects.get()
    assert (row.rating, row.comment, row.created_at, row.updated_at) == (1, "", NOW, NOW + DAY)


def test_each_version_and_each_learner_has_its_own(people):
    at, there = placement(people.link), placement(people.max_link)
    give(at, people.lin, 1)
    give(there, people.max, 2)
    give(at, people.lin, 3, of=byte(version=2))
    assert list(Feedback.objects.order_by("pk").values_list("learner__name", "byte__version", "rating")) == [
        ("Lin", 1, 1),
        ("Max", 1, 2),
        ("Lin", 2, 3),
    ]


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_the_scale_has_five_points(people, rating):
    with pytest.raises(errors.RatingInvalid):
        give(placement(people.link), people.lin, rating)
    assert Feedback.objects.count() == 0


def test_a_comment_has_an_end(people):
    at = placement(people.link)
    give(at, people.lin, comment="x" * feedback.LONGEST_COMMENT)
    with pytest.raises(errors.TextTooLong):
        give(at, people.lin, comment="x" * (feedback.LONGEST_COMMENT + 1))
    assert len(Feedback.objects.get().comment) == feedback.LONGEST_COMMENT


def test_a_comment_that_no_database_takes_is_cleaned(people):
    assert give(placement(people.link), people.lin, comment="a\0b").comment == "ab"


def test_another_byte_can_not_be_rated_here(people):
    with pytest.raises(errors.VersionChanged):
        give(placement(people.link), people.lin, of=byte(slug="gardener"))
    assert Feedback.objects.count() == 0


def test_nobody_anonymous_rates(people):
    people.lin.is_anonymous = True
    with pytest.raises(errors.AnonymousLearner):
        give(placement(people.link), people.lin)
    assert Feedback.objects.count() == 0
