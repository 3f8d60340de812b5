from hypothesis import given
from hypothesis import strategies as st

from itpm_byte.content import markdown


def test_bold_italic_lists_and_https_links_are_rendered():
    html = markdown.blocks("A **bold** *word*, [a place](https://example.org/a?b=1&c=2).\n\n- one\n- two")
    assert html == (
        '<p>A <strong>bold</strong> <em>word</em>, <a href="https://example.org/a?b=1&amp;c=2" target="_blank" '
        'rel="noopener noreferrer">a place</a>.</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>'
    )


def test_raw_html_is_shown_as_text():
    assert markdown.inline("<img src=x onerror=alert(1)>") == "&lt;img src=x onerror=alert(1)&gt;"


def test_a_link_that_is_not_https_leads_nowhere():
    assert markdown.inline("[x](http://example.org)") == '<a target="_blank" rel="noopener noreferrer">x</a>'
    assert markdown.inline("[x](javascript:alert)") == "[x](javascript:alert)"


def test_headings_pictures_code_and_bare_addresses_are_plain_text():
    assert markdown.blocks("# One") == "<p># One</p>"
    assert markdown.blocks("`two` https://example.org") == "<p>`two` https://example.org</p>"
    assert "<img" not in markdown.blocks("![three](https://example.org/x.png)")


def test_no_text_is_no_html():
    assert (markdown.blocks(""), markdown.inline("")) == ("", "")


def test_plain_text_keeps_the_words_and_drops_the_marks():
    assert markdown.plain("A **bold** [link](https://example.org)\nof two lines.\n\n- one") == (
        "A bold link of two lines.\none"
    )


def test_all_links_are_found():
    text = "[a](https://a.example) and\n\n- [b](http://b.example)"
    assert list(markdown.links(text)) == ["https://a.example", "http://b.example"]


@given(st.text(alphabet=st.sampled_from("<>[]()*_-\\&;:/\"' \nahtpsjvcr!#"), max_size=120))
def test_whatever_is_written_only_the_allowed_tags_come_out(text):
    html = markdown.blocks(text)
    for tag in html.split("<")[1:]:
        name = tag.lstrip("/").split(">")[0].split(" ")[0]
        assert name in {"p", "strong", "em", "ul", "ol", "li", "a", "br"}
    assert 'href="' not in html.replace('href="https:', "")
