import pytest
from django.db import IntegrityError, transaction

from itpm_byte.content import loading
from itpm_byte.content.models import Byte, Choice, Picture, Question
from tests.content.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def byte(folder):
    return loading.load(folder.path, now=NOW).byte


def refused(constraint, change):
    """The database refuses; SQLite names the columns of a unique constraint, PostgreSQL the constraint itself."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        change()
    message = str(caught.value)
    assert constraint in message or message.startswith("UNIQUE constraint failed"), message


def copied(row, **changes):
    row.pk = None
    row._state.adding = True
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()


def test_a_version_number_is_given_once_per_language(byte):
    refused("content_byte_unique_version", lambda: copied(byte, is_current=False))
    copied(byte, is_current=False, version=2)
    copied(byte, is_current=True, version=1, language="fr")
    assert Byte.objects.count() == 3


def test_one_version_is_current_per_language(byte):
    refused("content_byte_one_current", lambda: copied(byte, version=2))


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("content_byte_pass_mark_per_cent", {"pass_mark": 101}),
        ("content_byte_points_positive", {"points_possible": 0}),
    ],
)
def test_numbers_of_a_byte_stay_in_range(byte, constraint, change):
    refused(constraint, lambda: Byte.objects.update(**change))


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("content_question_unique_position", {"key": "other"}),
        ("content_question_unique_key", {"position": 2}),
        ("content_question_points_positive", {"key": "other", "position": 2, "points": 0}),
        ("content_question_kind_known", {"key": "other", "position": 2, "kind": "essay"}),
    ],
)
def test_questions_have_place_key_points_and_a_known_kind(byte, constraint, change):
    refused(constraint, lambda: copied(Question.objects.get(), **change))


@pytest.mark.parametrize(
    ("constraint", "change"),
    [("content_choice_unique_position", {"key": "other"}), ("content_choice_unique_key", {"position": 3})],
)
def test_choices_have_a_place_and_a_key_of_their_own(byte, constraint, change):
    refused(constraint, lambda: copied(Choice.objects.get(key="water"), **change))


def test_a_picture_is_stored_once(byte):
    refused("content_picture_unique_digest", lambda: copied(Picture.objects.get()))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        *[("fr-CA", "fr-CA"), ("FR-ca", "fr-CA"), ("fr", "fr"), ("fr-BE", "fr")],
        *[("de", "en"), ("", "en"), ("en-GB", "en")],
    ],
)
def test_the_closest_language_is_shown(byte, wanted, found):
    for language in ("fr", "fr-CA", "ar"):
        copied(byte, language=language)
    assert Byte.objects.current("tea", wanted).language == found


def test_without_english_any_language_is_better_than_none(byte):
    Byte.objects.update(language="fr")
    assert Byte.objects.current("tea", "ar").language == "fr"


def test_only_published_versions_are_found(byte):
    Byte.objects.update(is_current=False)
    with pytest.raises(Byte.DoesNotExist, match="^no Byte 'tea' is published$"):
        Byte.objects.current("tea", "en")
    with pytest.raises(Byte.DoesNotExist):
        Byte.objects.current("coffee", "en")


def test_finding_the_current_version_takes_one_query(byte, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert Byte.objects.current("tea", "fr") == byte
