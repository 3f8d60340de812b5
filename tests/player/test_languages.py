"""Which language and direction the page's words are marked with."""

import pytest
from django.utils import translation

from itpm_byte.player.languages import is_leftward, marks_for


@pytest.mark.parametrize(
    ("tag", "leftward"),
    [
        ("ar", True),
        ("ar-EG", True),
        ("he", True),
        ("ur_PK", True),
        ("fr", False),
        ("az-Arab", True),
        ("ur-Latn", False),
    ],
)
def test_the_script_decides_then_the_language(tag, leftward):
    assert is_leftward(tag) is leftward


@pytest.mark.parametrize(
    ("content", "page", "inner", "outer"),
    [
        ("en", "en", "", ""),
        ("EN", "en", "", ""),
        ("en", "fr", ' lang="en"', ' lang="fr"'),
        ("fr-CA", "fr", ' lang="fr-CA"', ""),
        ("ar", "fr", ' lang="ar" dir="rtl"', ' lang="fr" dir="ltr"'),
        ("en", "ar", ' lang="en" dir="ltr"', ' lang="ar" dir="rtl"'),
        ("he", "ar", ' lang="he"', ' lang="ar"'),
        ('"><b>', "en", ' lang="&quot;&gt;&lt;b&gt;"', ' lang="en"'),
    ],
)
def test_only_what_differs_is_marked(content, page, inner, outer):
    with translation.override(page):
        marks = marks_for(content)

    assert (marks.content, marks.page) == (inner, outer)
