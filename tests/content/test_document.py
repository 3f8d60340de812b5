import json

import pytest

from itpm_byte.content import loading
from itpm_byte.content.document import (
    ActionsSection,
    CardsSection,
    Document,
    FeedbackSection,
    Figure,
    FiguresSection,
    ListSection,
    PictureRef,
    PictureSection,
    QuestionSection,
    SupportSection,
    TextSection,
)
from itpm_byte.content.draft import PUBLIC_FIELDS, PUBLIC_OPTION_FIELDS
from itpm_byte.content.models import Byte
from tests.content.conftest import NOW, SECOND, SHIPPED


def document_of(path):
    draft, _warnings = loading.check(path)
    return Document.from_json(json.loads(json.dumps(draft.document)))


def test_sections_are_typed_and_in_the_order_of_the_file():
    second = document_of(SECOND)
    assert [type(section) for section in second.sections] == [
        *(PictureSection, CardsSection, TextSection, QuestionSection, QuestionSection, QuestionSection),
        *(FiguresSection, FeedbackSection),
    ]
    assert second.section_ids == (
        *("cover", "columns", "why", "one-place", "good-habits", "history", "numbers", "rate"),
    )
    assert [question.question_key for question in second.questions] == ["one-place", "good-habits", "history"]
    shipped = document_of(SHIPPED)
    assert [type(section) for section in shipped.sections] == [
        *(TextSection, ListSection, ListSection, ListSection, ListSection, ListSection),
        *(QuestionSection, FiguresSection, ActionsSection, FeedbackSection, SupportSection),
    ]
    assert [section.kind for section in shipped.sections[-5:]] == [
        *("question", "figures", "actions", "feedback", "support"),
    ]


def test_texts_are_safe_html_and_titles_are_plain():
    cover, columns, why = document_of(SECOND).sections[:3]
    assert cover.html == "<p>Everybody sees what is waiting, what is going on and what is finished.</p>"
    assert columns.cards[0].html == "<p>Work that <strong>nobody</strong> has begun.</p>"
    assert columns.cards[2].traits == ("tested", "shown to others")
    assert columns.cards[1].picture is None
    assert 'href="https://en.wikipedia.org/wiki/Kanban_board"' in why.html
    assert why.title == "Why it works"


def test_pictures_carry_address_alt_text_and_size():
    draft, _warnings = loading.check(SECOND)
    (file,) = draft.pictures
    cover = Document.from_json(draft.document).sections[0]
    assert cover.picture == PictureRef(
        url=f"/p/{file.digest}.svg", alt="A board with three columns and two sticky notes.", width=64, height=36
    )


def test_questions_say_how_many_to_choose_and_offer_their_options():
    one, several, without_points = document_of(SECOND).questions
    assert (one.answers, one.choose, one.points) == ("single", 1, 1)
    assert (several.answers, several.choose, several.points) == ("multiple", 2, 4)
    assert without_points.points == 1
    assert several.prompt == "Which habits keep a board useful? Choose two."
    assert [(option.key, option.title) for option in one.options] == [
        *(("to-do", "To do"), ("doing", "Doing"), ("done", "Done")),
    ]


def test_lists_figures_actions_and_the_scale_keep_their_parts():
    shipped = {section.id: section for section in document_of(SHIPPED).sections}
    assert shipped["contribute"].items[2] == (
        "communicate with <em>stakeholders</em>: all the people who care how the project turns out"
    )
    assert shipped["contribute"].closing.startswith("<p>In short, they herd the cats.")
    canada = shipped["salary"].figures[0]
    assert canada == Figure(
        label="Canada", display="C$82,000", unit="a year", source="", as_of="", picture=canada.picture
    )
    assert (canada.picture.alt, canada.picture.width, canada.picture.height) == ("Flag of Canada", 200, 100)
    assert [action.url for action in shipped["action"].actions] == [*("", "", ""), "https://www.pmi.org/certifications"]
    assert shipped["feedback"].scale[0] == "Strongly disagree"
    known = document_of(SECOND).sections[6].figures[0]
    assert (known.source, known.as_of, known.picture) == ("This Byte", "2026-01", None)


@pytest.mark.django_db
@pytest.mark.parametrize("path", [SHIPPED, SECOND])
def test_what_pages_get_tells_neither_right_answers_nor_feedback_nor_explanations(path):
    byte = Byte.objects.get(pk=loading.load(path, now=NOW).byte.pk)
    given = [json.dumps(byte.document, ensure_ascii=False), repr(Document.from_json(byte.document))]
    secrets = ["is_correct", '"right"', "right_options", "explanation"]
    for question in byte.questions.all():
        secrets.append(question.explanation)
        secrets += question.choices.values_list("feedback", flat=True)
    assert len(secrets) > 6
    for secret in secrets:
        for text in given:
            assert secret not in text


def test_a_field_is_secret_until_somebody_lists_it():
    assert {"right", "feedback"}.isdisjoint(PUBLIC_OPTION_FIELDS)
    assert {"right_options", "explanation"}.isdisjoint(PUBLIC_FIELDS["question"])
