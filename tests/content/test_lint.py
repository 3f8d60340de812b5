import pytest

from itpm_byte.content import lint, source
from itpm_byte.content.verbs import begins_with_verb


def told(folder):
    return [str(problem) for problem in lint.warnings(source.read(folder.path))]


def test_a_good_byte_gives_no_warning(folder):
    assert told(folder) == []


def test_the_objective_is_one_sentence_that_begins_with_a_verb(folder):
    folder.data["objective"] = "Tea. It is made."
    assert told(folder) == [
        "byte.yaml line 4, objective: is more than one sentence. A Byte has one objective.",
        "byte.yaml line 4, objective: does not begin with a verb we know. "
        "Say what learners can do: name, explain, choose, decide…",
    ]


@pytest.mark.parametrize(
    ("objective", "language", "expected"),
    [
        *[("Recognize good tea.", "en", True), ("Good tea.", "en", False), ("“Make” tea.", "en-GB", True)],
        *[("Faire du thé.", "fr", True), ("Choisir un thé.", "fr-CA", True), ("Le thé.", "fr", False)],
        *[("اشرح فوائد الشاي", "ar", True), ("…", "ar", False)],
    ],
)
def test_verbs_are_known_by_language(objective, language, expected):
    assert begins_with_verb(objective, language) is expected


def test_minutes_fit_the_words(folder):
    folder.data["minutes"] = 9
    assert told(folder) == [
        "byte.yaml line 5, minutes: says 9, but by 180 words a minute and 40 seconds a question it takes 0.9."
    ]


def test_minutes_count_what_one_learner_reads(folder):
    data = source.read(folder.path).data
    read = (
        "Make a cup of tea. Tea. Tea is easy. It takes water and leaves. And it takes three minutes. Your turn. "
        "What goes in first? Water, leaves. Leaves first. Water draws the taste out of the leaves."
    )
    assert lint.reading_minutes(data) == len(read.split()) / 180 + 40 / 60


def test_a_text_has_three_to_five_sentences(folder):
    folder.opening["text"] = "Tea is easy. It takes water."
    assert told(folder) == ["byte.yaml line 16, section 'opening', text: has 2 sentences; three to five read best."]
    folder.opening["text"] = "One. Two! Three? Four. Five. Six…"
    assert told(folder) == ["byte.yaml line 16, section 'opening', text: has 6 sentences; three to five read best."]


def test_a_list_is_short(folder):
    folder.data["sections"].append(
        {"id": "many", "kind": "list", "title": "Many", "picture": folder.opening["picture"], "items": list("abcdefgh")}
    )
    assert told(folder) == ["byte.yaml line 39, section 'many', items: has 8 points; two to seven are a short list."]


def test_around_a_list_or_a_question_there_are_five_sentences_at_most(folder):
    folder.quiz["text"] = folder.quiz["explanation"] = "One. Two. Three. Four. Five. Six."
    assert told(folder) == [
        "byte.yaml line 33, section 'quiz', text: has 6 sentences, five at most read well.",
        "byte.yaml line 32, section 'quiz', explanation: is long; five sentences at most read well.",
    ]


def test_each_content_step_has_one_medium(folder):
    picture = folder.opening["picture"]
    bare = {"id": "bare", "kind": "text", "title": "Bare", "text": "One. Two. Three."}
    cards = [{"title": "Green", "picture": picture}, {"title": "Black"}]
    full = {"id": "full", "kind": "cards", "title": "Full", "picture": picture, "cards": cards}
    folder.data["sections"] += [bare, full]
    warnings = told(folder)
    assert [warning.split(", ", 1)[1] for warning in warnings] == [
        "section 'bare': has no picture that shows what the words say.",
        "section 'full': has two kinds of pictures; keep one.",
    ]


def test_options_are_similar_in_length_and_in_traits(folder):
    folder.quiz["options"][0] |= {"title": "Cold and rather salty water", "traits": ["wet"]}
    assert told(folder) == [
        "byte.yaml line 23, section 'quiz', options: differ in length (6 to 30 characters). "
        "Similar ones give nothing away.",
        "byte.yaml line 23, section 'quiz', options: have different numbers of traits. Give each the same number.",
    ]


def test_the_right_option_is_not_clearly_the_longest(folder):
    folder.quiz["options"][1]["title"] = "Green leaves"
    assert told(folder) == [
        "byte.yaml line 23, section 'quiz', options: give the answer away: what is right is clearly the longest."
    ]


def test_long_sentences_and_html_are_told(folder):
    folder.opening["text"] = f"Tea is <b>easy</b>. It is. So {'very ' * 26}easy."
    assert told(folder) == [
        "byte.yaml line 16, section 'opening', text: has a sentence of 28 words "
        "('So very very very very very very very v…'). Cut it in two.",
        "byte.yaml line 16, section 'opening', text: holds HTML, which learners would see as it stands. "
        "Use **bold** or *italic*.",
    ]


def test_alt_texts_say_what_is_there(folder):
    folder.opening["picture"]["alt"] = "A picture of tea."
    assert told(folder) == [
        "byte.yaml line 15, section 'opening', picture, alt: says that it is a picture; readers know. "
        "Say what it shows."
    ]
    folder.opening["picture"]["alt"] = "cup.svg"
    assert told(folder) == [
        "byte.yaml line 15, section 'opening', picture, alt: says too little about what the picture shows."
    ]


@pytest.mark.parametrize(("value", "display"), [(82000, "C$82,000"), (4.5, "4.5 %"), (3, "٣"), (-2, "−2")])
def test_a_figure_shows_its_value(folder, value, display):
    figure = {"label": "Cups", "value": value, "display": display, "source": "unknown", "as_of": "unknown"}
    folder.data["sections"].append({"id": "cups", "kind": "figures", "title": "Cups", "figures": [figure]})
    assert told(folder) == []
    figure["value"] = 17
    assert told(folder) == ["byte.yaml line 39, section 'cups', figure 'Cups', display: does not show the value 17."]
