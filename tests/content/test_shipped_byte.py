"""The Byte that we ship says all that it must, in order, and follows every rule of a good Byte."""

import json
import re
from functools import cache

import pytest
import yaml

from itpm_byte.content import lint, loading, source, svg
from itpm_byte.content.document import Document
from itpm_byte.content.draft import Draft
from tests.content.conftest import SHIPPED

# Per section, word stems that each of its facts needs.
FACTS = {
    "opening": [
        *("information technology project manager", "ITPM", "plans", "coordinates", "monitors", "information"),
        *("technology", "application", "software", "hardware"),
    ],
    "contribute": [
        *("decide if it needs an IT project", "manage the team", "goals", "on time and within budget"),
        *("communicate with", "stakeholders", "herd the cats"),
    ],
    "day": [
        *("team members", "on track", "help", "minutes", "send", "Update the plan", "new or have changed", "budget"),
        *("costs", "change together with the developers", "risks", "status report", "executives"),
    ],
    "skills": [
        *(
            "Leading",
            "motivated",
            "good times and bad",
            "Listening",
            "actively",
            "presenting",
            "on behalf of your team",
        ),
        *("Negotiating", "influencing", "stakeholders", "organized", "where things stand at any moment"),
    ],
    "love-it": [
        *("leading", "motivating", "organized", "having a plan", "start", "end", "creative solutions"),
        *("complex problems", "data and technology"),
    ],
    "other-career": [
        *("independently of others", "meetings", "go with the flow", "not make a plan", "annoyed"),
        *("people change things", "overtime", "deadline"),
    ],
    "quiz": [
        *("Who is the best fit for the role of an IT project manager?", "Peter", "Samantha", "Rachel", "George"),
        *("developing apps", "creative", "on his own", "organized", "outgoing", "meet people", "plan before"),
        *("work with others", "degree in engineering", "developing to documentation", "great communicator"),
        *("visionary", "build before planning"),
    ],
    "salary": ["Canada", "C$82,000", "a year", "United States", "US$88,980", "average", "not a starting salary"],
    "action": ["Talk to an ITPM", "Lead a small project", "entry certificates", "planning tool"],
    "feedback": ["This Byte helped me better understand the topic", "Strongly disagree", "Strongly agree"],
    "support": ["Get support to take action on this Byte", "person"],
}


@cache
def shipped() -> tuple[Draft, tuple[str, ...]]:
    draft, warnings = loading.check(SHIPPED)
    return draft, tuple(map(str, warnings))


def sections():
    return {section["id"]: section for section in shipped()[0].document["sections"]}


def test_it_has_no_warning():
    assert shipped()[1] == ()


def test_all_eleven_parts_are_there_in_order():
    assert list(sections()) == list(FACTS)


@pytest.mark.parametrize("part", FACTS)
def test_all_facts_are_in(part):
    words = re.sub(r"[*\s]+", " ", json.dumps(sections()[part], ensure_ascii=False)).lower()
    assert [fact for fact in FACTS[part] if fact.lower() not in words] == []


def test_each_part_has_one_illustration_and_each_person_a_portrait():
    parts = sections()
    assert all((part["picture"]["width"], part["picture"]["height"]) == (640, 360) for part in parts.values())
    portraits = [option["picture"] for option in parts["quiz"]["options"]]
    assert [(picture["width"], picture["height"]) for picture in portraits] == [(240, 240)] * 4
    flags = [figure["picture"] for figure in parts["salary"]["figures"]]
    assert [picture["alt"] for picture in flags] == ["Flag of Canada", "Flag of the United States"]
    every = [part["picture"] for part in parts.values()] + portraits + flags
    assert len({picture["digest"] for picture in every}) == len({picture["alt"] for picture in every}) == 17


def test_the_drawings_are_ours_to_the_last_byte():
    """Nothing had to be taken out of them: no script, no link, no font or picture from elsewhere."""
    files = sorted(SHIPPED.parent.glob("*.svg"))
    assert len(files) == 17
    for file in files:
        drawing = svg.sanitised(file.read_bytes())
        assert (file.name, drawing.removed) == (file.name, ())
        assert len(drawing.data) < 20_000
        assert b"http" not in drawing.data.replace(b'xmlns="http://www.w3.org/2000/svg"', b"")


def test_four_people_have_three_traits_each_and_samantha_is_right():
    (question,) = shipped()[0].questions
    assert [(option["key"], option["right"], len(option["traits"])) for option in question["options"]] == [
        *(("peter", False, 3), ("samantha", True, 3), ("rachel", False, 3), ("george", False, 3)),
    ]


def test_no_card_stands_out_by_its_length():
    (question,) = shipped()[0].questions
    lengths = {option["key"]: lint._length(option) for option in question["options"]}
    assert max(lengths, key=lengths.get) != "samantha"
    assert max(lengths.values()) < 1.25 * min(lengths.values())


def test_each_answer_has_its_own_feedback_that_names_the_traits():
    (question,) = shipped()[0].questions
    feedback = {option["key"]: option["feedback"] for option in question["options"]}
    traits = {
        "peter": ["creative", "developing apps", "on his own"],
        "samantha": ["organized", "meeting people", "plans before"],
        "rachel": ["with others", "degree", "document"],
        "george": ["visionary", "communicator", "build before"],
    }
    assert {key: [trait for trait in traits[key] if trait not in text] for key, text in feedback.items()} == {
        "peter": [],
        "samantha": [],
        "rachel": [],
        "george": [],
    }
    assert len(set(feedback.values())) == 4
    assert "Samantha" in question["explanation"]


def test_salaries_say_openly_that_source_and_date_are_unknown():
    salary = Document.from_json(shipped()[0].document).sections[7]
    assert [(figure.label, figure.display, figure.source, figure.as_of) for figure in salary.figures] == [
        *(("Canada", "C$82,000", "", ""), ("United States", "US$88,980", "", "")),
    ]
    assert "We don't know yet where these numbers come from or how old they are" in salary.html
    written = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["sections"][7]["figures"]
    assert [(figure["value"], figure["currency"]) for figure in written] == [(82000, "CAD"), (88980, "USD")]


def test_licence_author_and_attribution_are_given():
    fields = shipped()[0].fields
    assert (fields["licence"], fields["author"]) == ("CC BY 4.0", "The ITPM Byte authors")
    assert "CC BY 4.0" in fields["attribution"]


def test_it_is_read_in_the_six_minutes_it_declares():
    data = source.read(SHIPPED).data
    assert data["minutes"] == 6
    assert 3 < lint.reading_minutes(data) <= 6
