"""What teachers may choose from."""

from datetime import timedelta

import pytest

from itpm_byte.content import catalogue
from tests.learning.casting import DAY, NOW, byte

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf():
    byte(title="Zebra crossing", objective="Cross a street", slug="zebra")
    byte(title="Überblick behalten", objective="Ein Projekt überblicken", slug="overview", language="de")
    byte(title="Keep track", objective="Keep track of a project", slug="overview", language="en")
    byte(title="L’élan", objective="Garder l’élan", slug="elan", language="fr-CA")


def slugs(offers):
    return [offer.slug for offer in offers]


def test_each_byte_is_offered_once_by_title_with_all_its_languages(shelf):
    found = catalogue.offers(now=NOW)

    assert slugs(found) == ["overview", "elan", "zebra"]
    assert [offer.languages for offer in found] == [("de", "en"), ("fr-CA",), ("en",)]


def test_the_list_costs_one_query_and_reads_no_document(shelf, django_assert_num_queries):
    with django_assert_num_queries(1) as asked:
        found = catalogue.offers(now=NOW)
        assert [offer.byte.title for offer in found]
    assert '"document"' not in asked[0]["sql"]


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("de", "Überblick behalten"),
        ("de-AT", "Überblick behalten"),
        ("de_AT", "Überblick behalten"),
        ("fr", "Keep track"),
        ("", "Keep track"),
    ],
)
def test_the_reader_sees_the_language_that_fits_best(shelf, language, title):
    offer = next(offer for offer in catalogue.offers(now=NOW, language=language) if offer.slug == "overview")
    assert offer.byte.title == title


def test_versions_that_were_replaced_or_come_later_are_not_offered():
    byte(title="Old")
    byte(title="New", version=2)
    byte(title="Tomorrow", slug="tomorrow", published_at=NOW + DAY)

    assert [offer.byte.title for offer in catalogue.offers(now=NOW)] == ["New"]
    assert len(catalogue.offers(now=NOW + DAY + timedelta(seconds=1))) == 2


@pytest.mark.parametrize(
    ("words", "language", "found"),
    [
        ("", "", ["overview", "elan", "zebra"]),
        ("uberblick", "", ["overview"]),
        ("ELAN", "", ["elan"]),
        ("street cross", "", ["zebra"]),
        ("track street", "", []),
        ("", "en", ["overview", "zebra"]),
        ("project", "de", ["overview"]),
        ("", "es", []),
    ],
)
def test_words_are_looked_for_in_all_languages_whatever_case_and_accents(shelf, words, language, found):
    assert slugs(catalogue.matching(catalogue.offers(now=NOW), words, language)) == found


def test_the_only_byte_there_is():
    assert catalogue.only_slug(now=NOW) == ""
    byte()
    byte(language="fr")
    assert catalogue.only_slug(now=NOW) == "it-project-manager"
    byte(slug="other")
    assert catalogue.only_slug(now=NOW) == ""
