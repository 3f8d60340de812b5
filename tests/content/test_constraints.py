"""Each constraint of the shelf stands in the database: raw writes can't break it either."""

from datetime import UTC, datetime

import pytest

from itpm_byte.content.models import Byte, Choice, Picture, Question
from tests.constraints import assert_refused, named


@pytest.fixture
def byte(db) -> Byte:
    """One version with a picture and a question with two options."""
    picture = Picture.objects.create(digest="a" * 64, media_type="image/svg+xml", width=1, height=1, data=b"")
    made = version(version=1)
    made.pictures.add(picture)
    question = ask(made, key="fit", position=1)
    option(question, key="yes", position=1)
    option(question, key="no", position=2)
    return made


def version(**fields):
    values = {
        "slug": "it-project-manager",
        "language": "en",
        "title": "IT Project Manager",
        "objective": "Decide",
        "minutes": 3,
        "document": {},
        "content_hash": "0",
        "points_possible": 1,
        "licence": "CC BY 4.0",
        "author": "Somebody",
        "published_at": datetime(2026, 11, 23, tzinfo=UTC),
    }
    return Byte.objects.create(**values | fields)


def ask(byte, **fields):
    return Question.objects.create(byte=byte, prompt="?", **fields)


def option(question, **fields):
    return Choice.objects.create(question=question, text="x", is_correct=False, feedback="x", **fields)


def picture(**fields):
    values = {"digest": "a" * 64, "media_type": "image/png", "width": 1, "height": 1, "data": b""}
    return Picture.objects.create(**values | fields)


def changed(model, **fields):
    return lambda byte: model.objects.update(**fields)


BREACHES = {
    "content_picture_unique_digest": [lambda byte: picture()],
    "content_byte_unique_version": [lambda byte: version(version=1, is_current=False)],
    "content_byte_one_current": [lambda byte: version(version=2)],
    "content_byte_pass_mark_per_cent": [changed(Byte, pass_mark=101)],
    "content_byte_points_positive": [changed(Byte, points_possible=0)],
    "content_question_unique_position": [lambda byte: ask(byte, key="other", position=1)],
    "content_question_unique_key": [lambda byte: ask(byte, key="fit", position=2)],
    "content_question_points_positive": [changed(Question, points=0)],
    "content_question_kind_known": [changed(Question, kind="essay"), changed(Question, kind="")],
    "content_choice_unique_position": [lambda byte: option(byte.questions.get(), key="maybe", position=1)],
    "content_choice_unique_key": [lambda byte: option(byte.questions.get(), key="yes", position=3)],
}


@pytest.mark.parametrize(
    ("name", "breach"), [(name, breach) for name, breaches in BREACHES.items() for breach in breaches]
)
def test_the_database_refuses(byte, name, breach):
    assert_refused("content", name, lambda: breach(byte))


def test_no_constraint_is_forgotten():
    assert set(BREACHES) == named("content")


def test_what_is_allowed_is_allowed(byte):
    version(version=2, is_current=False)
    version(version=1, language="fr")
    version(version=1, slug="another")
    Byte.objects.update(pass_mark=100)
    ask(Byte.objects.get(slug="another"), key="fit", position=1)
    assert (Byte.objects.count(), Question.objects.count()) == (4, 2)
