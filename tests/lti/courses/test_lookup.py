"""Who is meant by a pasted list."""

import pytest

from lti.courses import lookup
from lti.courses.lookup import ListTooLong, Match
from lti.models import PlatformUser, Role
from tests.cast import Cast, cast, someone
from tests.learning.casting import statements


@pytest.fixture
def people(db) -> Cast:
    people = cast()
    PlatformUser.objects.filter(pk=people.lin.pk).update(name="Lin Tran", email="Lin@school.example")
    for number, name in enumerate(("Kai Jensen", "Noor", "Noor", "Émile Zola")):
        PlatformUser.objects.filter(pk=someone(people, f"{name} {number}").pk).update(name=name)
    return people


def found(people, pasted):
    return [
        (entry.text, entry.match.value, [person.name for person in entry.people])
        for entry in lookup.look(people.context, pasted)
    ]


@pytest.mark.parametrize(
    "pasted",
    [
        *("Lin Tran", " lin  TRAN ", "lin@SCHOOL.example", "sub-lin", "Tran, Lin", '"Lin Tran"', "Lin Tran\n\n"),
        *("Lin Tran <lin@school.example>", "Somebody Else <lin@school.example>", "Lin Tran <unknown@x.example>"),
        *("Lin Tran\tlin@school.example\t12", "Tran\tLin\tsub-lin"),
    ],
)
def test_one_person_in_all_ways_to_name_one(people, pasted):
    assert [row[1:] for row in found(people, pasted)] == [("found", ["Lin Tran"])]


@pytest.mark.parametrize(
    "pasted", ["Lin Tran\nKai Jensen", "Lin Tran, Kai Jensen", "Lin Tran;Kai Jensen;", "sub-lin,kai jensen"]
)
def test_several_in_all_ways_to_part_them(people, pasted):
    assert [row[1:] for row in found(people, pasted)] == [("found", ["Lin Tran"]), ("found", ["Kai Jensen"])]


def test_what_is_not_clear_is_said(people):
    assert found(people, "Noor\nNobody\nAda\nLin Tran\nsub-lin\nMax") == [
        ("Noor", "several", ["Noor", "Noor"]),
        ("Nobody", "nobody", []),
        ("Ada", "no_learner", []),
        ("Lin Tran", "found", ["Lin Tran"]),
        ("sub-lin", "twice", ["Lin Tran"]),
        ("Max", "nobody", []),
    ]


def test_accents_written_in_two_ways_are_the_same(people):
    assert found(people, "E\u0301mile zola")[0][1] == Match.FOUND


def test_somebody_elses_course_is_nobodys(people):
    other = cast("other")
    assert found(other, "Lin Tran\nsub-lin")[0][1] == "nobody"
    assert lookup.look(other.context, "sub-lin")[0].people == (other.lin,)


def test_a_list_has_an_end(people):
    for pasted in ("x" * 40_001, "x\n" * 501):
        with pytest.raises(ListTooLong):
            lookup.look(people.context, pasted)
    assert len(lookup.look(people.context, "x\n" * 500)) == 500


def test_a_long_list_costs_one_query(people):
    someone(people, "Tom", Role.TEACHING_ASSISTANT)
    with statements() as sent:
        lookup.look(people.context, "Lin Tran\nKai Jensen\nNoor\nTom")
    assert len(sent) == 1
