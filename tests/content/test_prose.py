import pytest

from itpm_byte.content import prose


@pytest.mark.parametrize(
    ("text", "count"),
    [
        *[("", 0), ("One two", 2), ("It's a well-known app.", 4), ("C$82,000 a year", 4), ("… – !", 0)],
        *[("L’équipe n'a pas dormi", 4), ("مدير مشروع", 2)],
    ],
)
def test_words_are_counted_as_people_count_them(text, count):
    assert prose.words(text) == count


def test_sentences_end_with_a_mark_or_with_their_line():
    assert prose.sentences("One. Two! “Three?” Four…\nA lead:\nlast") == [
        *("One.", "Two!", "“Three?”", "Four…", "A lead:", "last")
    ]
    assert prose.sentences("يخطط. هل؟ نعم") == ["يخطط.", "هل؟", "نعم"]
    assert prose.sentences("It costs 4.50 today.") == ["It costs 4.50 today."]
    assert prose.sentences(" \n…\n") == []
