import json

import pytest
from jsonschema import Draft202012Validator

from itpm_byte.content import shape, source
from itpm_byte.content.problems import LoadFailed
from tests.content.conftest import SHIPPED


def told(folder):
    return [str(problem) for problem in LoadFailed(shape.problems(source.read(folder.path))).problems]


def test_the_published_schema_is_valid_and_names_no_place_to_fetch():
    schema = json.loads(shape.SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    references = [line.split('"')[3] for line in shape.SCHEMA.read_text().splitlines() if '"$ref":' in line]
    assert all(reference.startswith("#/$defs/") for reference in references)
    assert {reference.removeprefix("#/$defs/") for reference in references} == set(schema["$defs"])


def test_every_field_of_the_schema_says_what_to_write():
    def silent(schema, path):
        for name, field in schema.get("properties", {}).items():
            if "description" not in field and set(field) not in ({"const"}, {"$ref"}):
                yield f"{path}.{name}"
            yield from silent(field, f"{path}.{name}")
        for name, definition in schema.get("$defs", {}).items():
            yield from silent(definition, name)

    assert list(silent(shape.validator().schema, "")) == []


def test_the_shipped_byte_and_the_small_one_fit(folder):
    assert list(shape.problems(source.read(SHIPPED))) == []
    assert told(folder) == []


def test_a_missing_field_is_told_with_section_option_and_what_to_write(folder):
    del folder.quiz["options"][0]["feedback"]
    assert told(folder) == [
        "byte.yaml line 24, section 'quiz', option 'water': feedback is missing. "
        "Write one or two sentences that tell why this answer is right or wrong."
    ]


def test_several_missing_fields_are_told_one_by_one(folder):
    del folder.data["title"], folder.data["licence"]
    assert told(folder) == [
        "byte.yaml line 1: title is missing. Write the title.",
        "byte.yaml line 1: licence is missing. Say under which licence others may use it, such as CC BY 4.0.",
    ]


def test_a_mistyped_field_is_told_with_the_one_meant(folder):
    folder.quiz["promt"] = folder.quiz.pop("prompt")
    assert told(folder) == [
        "byte.yaml line 17, section 'quiz': prompt is missing. Write the question.",
        "byte.yaml line 32, section 'quiz', promt: there is no field 'promt' here. Did you mean 'prompt'?",
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"title": ""}, "line 3, title: is empty. Write the title."),
        ({"title": None}, "line 3, title: is empty. Write the title."),
        ({"title": 7}, "line 3, title: must be text. Put it in quotes. Write the title."),
        ({"title": ["a"]}, "line 3, title: must be text. Write the title."),
        ({"title": "a" * 201}, "line 3, title: has 201 characters, 200 at most. Write the title."),
        ({"minutes": 5}, "line 5, minutes: is '5'; it must be 3, 6 or 9. Say how long it takes."),
        (
            {"language": "English"},
            "line 2, language: is 'English', which does not fit. Write the language's code, such as en or fr-CA.",
        ),
        (
            {"objective": ["Make tea.", "Drink tea."]},
            "line 4, objective: must be text. Write the one thing learners can do afterwards; begin with a verb.",
        ),
        ({"sections": []}, "line 9, sections: has 0 entries, 1 at least. List the sections in reading order."),
        ({"sections": "none"}, "line 9, sections: must be a list. List the sections in reading order."),
        (
            {"pass_mark": 101},
            "line 33, pass_mark: is 101, 100 at most. Say how many per cent of the points are enough.",
        ),
        (
            {"pass_mark": 0.5},
            "line 33, pass_mark: must be a whole number. Say how many per cent of the points are enough.",
        ),
    ],
)
def test_what_does_not_fit_is_told_in_plain_words(folder, change, message):
    folder.data |= change
    assert told(folder) == [f"byte.yaml {message}"]


def test_an_unknown_kind_of_section_is_told(folder):
    folder.opening["kind"] = "video"
    assert told(folder) == [
        "byte.yaml line 11, section 'opening', kind: is 'video'; it must be text, list, picture, cards, question, "
        "figures, actions, feedback or support. Say what kind of section this is."
    ]


def test_a_picture_needs_alt_text_and_stays_in_the_folder(folder):
    folder.opening["picture"] = {"file": "../secret.svg"}
    assert told(folder) == [
        "byte.yaml line 13, section 'opening', picture: alt is missing. "
        "Say in one sentence what the picture shows, for people who can't see it.",
        "byte.yaml line 14, section 'opening', picture, file: is '../secret.svg', which does not fit. "
        "Name an svg, png, jpg or webp file in the same folder as this file.",
    ]


def test_a_figure_needs_a_source_and_a_date_or_the_word_unknown(folder):
    figure = {"label": "Cups", "value": 2, "display": "2", "as_of": "last year"}
    folder.data["sections"].append({"id": "cups", "kind": "figures", "title": "Cups", "figures": [figure]})
    assert told(folder) == [
        "byte.yaml line 37, section 'cups', figure 'Cups': source is missing. "
        "Say where the number comes from, or unknown.",
        "byte.yaml line 40, section 'cups', figure 'Cups', as_of: is 'last year', which does not fit. "
        "Write the date as in '2026-05-31', '2026-05' or '2026', or unknown.",
    ]


def test_a_file_that_is_no_group_of_fields_is_told():
    assert [str(problem) for problem in shape.problems(source.parse("- a\n", file="byte.yaml"))] == [
        "byte.yaml line 1: must be a group of fields. A micro-learning page: one objective, under ten minutes. "
        "Texts may use a little Markdown: **bold**, *italic*, lists, https links."
    ]
