"""Link headers as LMSs really write them (AGS-16)."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti.paging import EndlessPages, header, link, pages

NEXT = "https://lms.example/items?cursor=AbC%3D&type_id=9"
TYPOGRAPHIC = "<https://lms.example/items?cursor=AbC%3D&amp;type_id=9>; rel=“next”"


@pytest.mark.parametrize(
    "value",
    [
        f'<{NEXT}>; rel="next"',
        f"<{NEXT}>; rel=next",
        f"<{NEXT}>;rel='next'",
        f'<{NEXT}>; title="a, b; rel"; rel="next"',
        f'<{NEXT}>; type="application/json" ; REL="NEXT"',
        f'<{NEXT}>; rel="last next"',
        f'<https://lms.example/first>; rel="first", <{NEXT}>; rel="next", <https://lms.example/last>; rel="last"',
        f"<https://lms.example/first>; rel=first,<{NEXT}>; rel=next,<https://lms.example/last>; rel=last",
        TYPOGRAPHIC,
        # As an HTTP client hands it over: bytes read as Latin-1.
        TYPOGRAPHIC.encode().decode("latin-1"),
    ],
)
def test_the_next_page_is_found_however_the_lms_quotes_it(value):
    assert link(value) == NEXT


@pytest.mark.parametrize(
    "value",
    [
        "",
        "next",
        f"{NEXT}; rel=next",
        f'<{NEXT}>; rel="prev"',
        f'<{NEXT}>; relation="next"',
        f'<{NEXT}>; rel="nextone"',
    ],
)
def test_what_is_no_next_page_is_not_followed(value):
    assert link(value) == ""


def test_the_case_of_the_address_is_kept_where_pylti1p3_lowers_it():
    assert link('<https://LMS.example/Path?Cursor=XyZ>; rel="next"') == "https://LMS.example/Path?Cursor=XyZ"


def test_differences_are_found_beside_next():
    both = f'<{NEXT}>; rel="next", <https://lms.example/d?since=1>; rel="differences"'

    assert link(both, "differences") == "https://lms.example/d?since=1"


@given(st.text(max_size=200))
def test_no_header_breaks_the_parser(value):
    assert isinstance(link(value), str)


ADDRESS = st.text(st.characters(codec="ascii", exclude_characters='<>&"; \r\n', min_codepoint=33), min_size=1)
REST = st.lists(st.tuples(ADDRESS, st.sampled_from(["prev", "first", "last", "self"])), max_size=4)
QUOTES = st.sampled_from(['"%s"', "'%s'", "%s", "“%s”"])


@given(ADDRESS, REST, QUOTES, st.integers(0, 4))
def test_one_next_among_others_is_found_letter_for_letter(address, others, quotes, place):
    links = [f"<{other}>; rel={quotes % rel}" for other, rel in others]
    links.insert(place, f"<{address}>; rel={quotes % 'next'}")

    assert link(", ".join(links)) == address


@dataclass
class Sheet:
    number: int
    headers: dict[str, str] = field(default_factory=dict)


def test_pages_are_fetched_one_after_the_other_and_relative_addresses_resolved():
    shelf = {
        "https://lms.example/a/items": Sheet(1, {"link": "<?p=2>; rel=next"}),
        "https://lms.example/a/items?p=2": Sheet(2, {"Link": "</b/items>; rel=next"}),
        "https://lms.example/b/items": Sheet(3),
    }

    assert [sheet.number for sheet in pages(shelf.__getitem__, "https://lms.example/a/items")] == [1, 2, 3]


def test_a_loop_of_pages_ends():
    shelf = {
        "https://lms.example/1": Sheet(1, {"Link": "<https://lms.example/2>; rel=next"}),
        "https://lms.example/2": Sheet(2, {"Link": "<https://lms.example/1>; rel=next"}),
    }
    found = []

    with pytest.raises(EndlessPages):
        found.extend(sheet.number for sheet in pages(shelf.__getitem__, "https://lms.example/1"))


def test_pages_without_end_end_at_the_limit():
    fetched: list[str] = []

    def fetch(url: str) -> Sheet:
        fetched.append(url)
        return Sheet(len(fetched), {"Link": f"<https://lms.example/{len(fetched)}>; rel=next"})

    with pytest.raises(EndlessPages):
        list(pages(fetch, "https://lms.example/0", limit=5))
    assert len(fetched) == 5


def test_headers_are_found_in_any_case():
    assert (header({"LINK": "x"}, "Link"), header({}, "Link")) == ("x", "")
