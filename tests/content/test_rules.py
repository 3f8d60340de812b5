import pytest

from itpm_byte.content import rules, source


def told(folder):
    return [str(problem) for problem in rules.problems(source.read(folder.path))]


def test_a_good_byte_breaks_no_rule(folder):
    assert told(folder) == []


def test_a_byte_without_a_question_is_refused(folder):
    del folder.data["sections"][1]
    assert told(folder) == ["byte.yaml line 9, sections: has no question. Add a section of kind question."]


def test_the_opening_has_a_cover_and_no_other_medium(folder):
    words = "the opening is a text with one picture, its cover, and nothing else."
    del folder.opening["picture"]
    assert told(folder) == [f"byte.yaml line 10, section 'opening': {words}"]
    folder.data["sections"].reverse()
    assert told(folder) == [f"byte.yaml line 10, section 'quiz': {words}"]


def test_ids_and_keys_are_not_repeated(folder):
    folder.quiz["id"] = "opening"
    folder.quiz["options"][1]["key"] = "water"
    assert told(folder) == [
        "byte.yaml line 17, section 'opening', id: 'opening' is taken. Give each its own id.",
        "byte.yaml line 28, section 'opening', option 'water', key: 'water' is taken. Give each its own key.",
    ]


def test_the_number_of_right_options_is_the_declared_one(folder):
    folder.quiz["right_options"] = 2
    assert told(folder) == [
        "byte.yaml line 22, section 'quiz', right_options: says 2, but right: true stands 1×.",
        "byte.yaml line 22, section 'quiz', right_options: says 2, but answers: single means one right option. "
        "Write answers: multiple.",
    ]


def test_some_option_must_be_wrong(folder):
    folder.quiz.update(answers="multiple", right_options=2)
    folder.quiz["options"][0]["right"] = True
    assert told(folder) == ["byte.yaml line 23, section 'quiz', options: at least one option must be wrong."]


def test_feedback_and_support_stand_once_at_most(folder):
    support = {"kind": "support", "title": "Help", "text": "Ask."}
    folder.data["sections"] += [support | {"id": "help"}, support | {"id": "more"}]
    assert told(folder) == ["byte.yaml line 37, section 'more': there is a section of kind support before. Keep one."]


def test_links_are_https_in_texts_and_in_actions(folder):
    folder.opening["text"] += " Read [more](http://example.org)."
    action = {"title": "Go", "link": {"url": "https://ada:secret@example.org", "text": "See ![nothing]"}}
    folder.data["sections"].append({"id": "act", "kind": "actions", "title": "Act", "actions": [action]})
    assert told(folder) == [
        "byte.yaml line 39, section 'act', action 'Go', link, url: is not a web address that begins with https://.",
        "byte.yaml line 16, section 'opening', text: the link to 'http://example.org' does not begin with https://.",
    ]


def test_pictures_do_not_stand_in_texts(folder):
    folder.quiz["options"][0]["feedback"] = "![Leaves](leaves.svg)"
    (message,) = [problem for problem in told(folder) if "picture" in problem]
    assert message == (
        "byte.yaml line 27, section 'quiz', option 'water', feedback: a picture can't stand in a text. "
        "Use the section's picture field."
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        *[("https://example.org", True), ("https://example.org:8443/a?b#c", True), ("HTTPS://EXAMPLE.ORG/", True)],
        *[("http://example.org", False), ("https://", False), ("https://localhost", False), ("//example.org", False)],
        *[("https://ada@example.org", False), ("https://[", False), ("https://example.org:port", False)],
        *[("javascript:alert(1)", False), ("mailto:ada@example.org", False), ("", False)],
    ],
)
def test_https_addresses_are_told_from_others(url, expected):
    assert rules.is_https(url) is expected
