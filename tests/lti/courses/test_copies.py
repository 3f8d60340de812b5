"""Which link a new one was copied from (OTH-08): the order of the clues, and histories as LMSs write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti.courses.copies import By, Candidate, Clues, Origin, clues, history, in_old_course, resolve

OLD = Candidate(1, "link-old", "course-old", "IT Project Manager", pick="pick-1")
OLDER = Candidate(2, "link-older", "course-older", "IT Project Manager")
OTHER = Candidate(3, "link-other", "course-old", "Something else")
ALL = [OLD, OLDER, OTHER]


def found(*, candidates=ALL, **known):
    return resolve(Clues(**{"title": "IT Project Manager", "context_id": "course-new", **known}), candidates)


def test_the_pick_goes_before_every_history():
    origin = found(pick="pick-1", link_history=("link-older",), context_history=("course-older",))
    assert origin == Origin(1, By.PICK)
    assert origin.is_certain


def test_the_link_history_goes_before_the_course_history():
    origin = found(link_history=("link-other",), context_history=("course-older",))
    assert origin == Origin(3, By.LINK_HISTORY)
    assert origin.is_certain


def test_of_a_link_history_the_nearest_ancestor_that_is_known_counts():
    """OTH-07: newest first."""
    assert found(link_history=("unknown", "link-old", "link-older")).key == 1


def test_a_course_history_with_the_same_title_only_suggests():
    origin = found(context_history=("course-older", "course-old"))
    assert origin == Origin(2, By.COURSE_HISTORY)
    assert not origin.is_certain


@pytest.mark.parametrize("title", ["IT Project Manager (copy)", "  it project  MANAGER ", "Copy of IT Project Manager"])
def test_titles_that_differ_as_lmss_mark_copies_are_the_same(title):
    assert found(title=title, context_history=("course-older",)).key == 2


@pytest.mark.parametrize("title", ["", "IT Project Managers", "IT"])
def test_other_titles_are_not(title):
    assert found(title=title, context_history=("course-old",)) is None


def test_two_links_without_titles_are_not_alike():
    untitled = Candidate(4, "l", "course-old", "")
    assert found(candidates=[untitled], title="", context_history=("course-old",)) is None


def test_without_clues_nothing_is_a_copy():
    assert found() is None
    assert found(pick="pick-2") is None


@pytest.mark.parametrize(
    ("known", "nearest"),
    [
        ({"link_history": ("link-b",)}, 2),
        ({"context_history": ("course-b",)}, 2),
        ({"context_id": "course-b"}, 2),
        ({"context_history": ("course-a", "course-b")}, 1),
        ({}, 1),
    ],
)
def test_of_several_with_the_same_pick_the_nearest_is_taken(known, nearest):
    """A pick that was copied several times: the LMS's word, the same course, an ancestor, else the oldest."""
    candidates = [Candidate(1, "link-a", "course-a", "T", "p"), Candidate(2, "link-b", "course-b", "T", "p")]
    assert found(candidates=candidates, pick="p", **known) == Origin(nearest, By.PICK)


def test_a_teacher_chooses_among_the_activities_of_the_nearest_old_course_that_has_any():
    known = Clues(context_history=("unknown", "course-old", "course-older"))
    assert in_old_course(known, ALL) == [OLD, OTHER]
    assert in_old_course(Clues(), ALL) == []


# --- what the LMS says


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("", ()),
        ("2", ("2",)),
        ("5,3,2", ("5", "3", "2")),
        ("5, 3 ,2", ("5", "3", "2")),
        ("a%2Cb,c%20d", ("a,b", "c d")),
        ("2,2,,2", ("2",)),
        ("$Context.id.history", ()),
        ("$ResourceLink.id.history", ()),
        (",".join(str(number) for number in range(200)), tuple(str(number) for number in range(50))),
        ("x" * 256 + ",2", ("2",)),
        ("a%00b,2", ("2",)),
    ],
)
def test_histories_are_read_as_lmss_write_them(said, ids):
    """OTH-07: comma-separated, URL-encoded, perhaps many; Moodle fills in no history of links at all."""
    assert history(said) == ids


def test_clues_come_from_custom_parameters_and_notices():
    known = clues(
        {"pick": "p", "link_history": "l1", "context_history": "c2,c1", "byte": "x"},
        title="T",
        context_id="c3",
        told_origins=["c1", "c0", "c3"],
    )
    assert known == Clues("T", "c3", "p", ("l1",), ("c2", "c1", "c0"))
    assert known.are_any


def test_an_original_in_moodle_has_no_clues():
    """Moodle says "" for the history of a course that is no copy, and leaves the link's variable as it was written."""
    known = clues({"context_history": "", "byte": "x"}, title="T", context_id="2")
    assert not known.are_any


@given(st.text(max_size=400))
def test_whatever_a_history_says_it_gives_ids_that_a_database_can_store(said):
    for found_id in history(said):
        assert 0 < len(found_id) <= 255
        assert "\x00" not in found_id
