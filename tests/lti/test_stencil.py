"""Pages with holes: rendered once, and nobody's text in anybody else's page."""

import pytest
from django.template import Context, Template
from django.utils import translation
from django.utils.safestring import SafeString

from lti import stencil
from lti.stencil import fill

BODY = """{% load i18n %}<p title="{{ name }}">{% translate "Yes" %} {{ name }} {% if is_new %}new{% endif %}
<form>{% csrf_token %}</form></p>"""


@pytest.fixture
def renderings(tmp_path, settings) -> list[int]:
    """The template note.html; counts how often it is rendered."""
    (tmp_path / "note.html").write_text(BODY)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    stencil._cut.cache_clear()
    return [0]


def html(name: str, token: str = "t", **same) -> str:
    return fill("note.html", {"name": name, "csrf_token": token}, **same)


def test_a_hole_gets_each_persons_own_text(renderings):
    assert "Lin" in html("Lin")
    other = html("Max")
    assert "Max" in other
    assert "Lin" not in other
    assert stencil._cut.cache_info().misses == 1


def test_a_hole_is_escaped_wherever_it_stands(renderings):
    text = html('"><script>alert(1)</script>')
    assert "<script>" not in text
    assert text.count("&quot;&gt;&lt;script&gt;") == 2


def test_safe_text_stays_as_it_is(renderings):
    assert "<b>Lin</b>" in html(SafeString("<b>Lin</b>"))


def test_the_form_token_is_this_requests_own(renderings):
    assert 'value="first"' in html("Lin", "first")
    assert 'value="second"' in html("Lin", "second")


def test_what_differs_otherwise_is_rendered_anew(renderings):
    assert "new" in html("Lin", is_new=True)
    assert "new" not in html("Lin", is_new=False)


def test_each_language_has_its_own(renderings):
    with translation.override("en"):
        english = html("Lin")
    with translation.override("fr"):
        french = html("Lin")
    assert ("Yes" in english, "Oui" in french) == (True, True)


def test_it_says_what_the_template_engine_says(renderings):
    with translation.override("en"):
        rendered = Template(BODY).render(Context({"name": "A & B", "csrf_token": "t", "is_new": True}))
        assert html("A & B", is_new=True) == rendered
