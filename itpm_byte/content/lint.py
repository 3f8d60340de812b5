"""What makes a Byte worse than it could be. Warnings: the author decides.

The rules are those of a good Byte: one objective that begins with a verb, a length that fits the minutes, short steps,
one picture per step, options that don't give themselves away by their looks.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from itpm_byte.content import markdown, prose
from itpm_byte.content.problems import Place, Problem, shortened
from itpm_byte.content.rules import markdown_texts
from itpm_byte.content.source import Source
from itpm_byte.content.verbs import begins_with_verb

SENTENCES_PER_STEP = range(3, 6)
ITEMS_PER_LIST = range(2, 8)
LONGEST_SENTENCE = 25
# The longest option may be this many times as long as the shortest, and a right one so much longer than any other.
OPTION_RATIO = 1.5
RIGHT_OPTION_RATIO = 1.2
# The estimate may miss the declared step of three minutes by this much.
MINUTES_TOLERANCE = 0.5

type Section = Mapping[str, Any]


def warnings(source: Source) -> Iterator[Problem]:
    """Everything worth a second look. `source` fits the schema."""
    yield from _objective(source)
    yield from _minutes(source)
    for position, section in enumerate(source.data["sections"]):
        place: Place = ("sections", position)
        yield from _step(source, section, place)
        yield from _media(source, section, place)
        if section["kind"] == "question":
            yield from _options(source, section, place)
        for number, figure in enumerate(section.get("figures", ())):
            if _digits(figure["display"]) != _digits(written(figure["value"])):
                message = f"does not show the value {written(figure['value'])}."
                yield source.problem((*place, "figures", number, "display"), message)
    for where, text in markdown_texts(source.data):
        yield from _text(source, where, text)
    yield from _alt_texts(source, source.data, ())


def reading_minutes(data: Any) -> float:
    """Minutes for everything that one learner reads: each question with one feedback, the longest, and explanation."""
    words = prose.words(data["objective"])
    questions = 0
    for section in data["sections"]:
        words += sum(prose.words(markdown.plain(text)) for text in _read_texts(section))
        if section["kind"] == "question":
            questions += 1
            words += max(prose.words(markdown.plain(option["feedback"])) for option in section["options"])
    return words / prose.WORDS_PER_MINUTE + questions * prose.SECONDS_PER_QUESTION / 60


_NOT_READ = {"id", "kind", "key", "answers", "picture", "url", "feedback", "currency"}


def _read_texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, list):
        for entry in data:
            yield from _read_texts(entry)
    elif isinstance(data, dict):
        for name, value in data.items():
            if name not in _NOT_READ:
                yield from _read_texts(value)


def _objective(source: Source) -> Iterator[Problem]:
    objective: str = source.data["objective"]
    if len(prose.sentences(objective)) != 1 or ";" in objective:
        yield source.problem(("objective",), "is more than one sentence. A Byte has one objective.")
    if not begins_with_verb(objective, source.data["language"]):
        message = "does not begin with a verb we know. Say what learners can do: name, explain, choose, decide…"
        yield source.problem(("objective",), message)


def _minutes(source: Source) -> Iterator[Problem]:
    estimate, declared = reading_minutes(source.data), source.data["minutes"]
    if not declared - 3 - MINUTES_TOLERANCE < estimate <= declared + MINUTES_TOLERANCE:
        rate = f"{prose.WORDS_PER_MINUTE} words a minute and {prose.SECONDS_PER_QUESTION} seconds a question"
        yield source.problem(("minutes",), f"says {declared}, but by {rate} it takes {estimate:.1f}.")


def _step(source: Source, section: Section, place: Place) -> Iterator[Problem]:
    text = markdown.plain(section.get("text", ""))
    closing = markdown.plain(section.get("closing", ""))
    count = len(prose.sentences(text)) + len(prose.sentences(closing))
    if section["kind"] == "text" and count not in SENTENCES_PER_STEP:
        yield source.problem((*place, "text"), f"has {count} sentences; three to five read best.")
    elif count > SENTENCES_PER_STEP[-1]:
        yield source.problem((*place, "text"), f"has {count} sentences, five at most read well.")
    if section["kind"] == "list" and len(section["items"]) not in ITEMS_PER_LIST:
        yield source.problem((*place, "items"), f"has {len(section['items'])} points; two to seven are a short list.")
    if section["kind"] == "question" and len(prose.sentences(markdown.plain(section["explanation"]))) > 5:
        yield source.problem((*place, "explanation"), "is long; five sentences at most read well.")


def _media(source: Source, section: Section, place: Place) -> Iterator[Problem]:
    """Each content step has one medium: a picture of its own or pictures on its cards."""
    own = "picture" in section
    on_cards = any("picture" in card for card in section.get("cards", ()))
    if section["kind"] in {"text", "list", "picture", "cards"} and own + on_cards != 1:
        message = "has two kinds of pictures; keep one." if own else "has no picture that shows what the words say."
        yield source.problem(place, message)


def _options(source: Source, question: Section, place: Place) -> Iterator[Problem]:
    lengths = [_length(option) for option in question["options"]]
    if max(lengths) > max(min(lengths) * OPTION_RATIO, min(lengths) + 10):
        message = f"differ in length ({min(lengths)} to {max(lengths)} characters). Similar ones give nothing away."
        yield source.problem((*place, "options"), message)
    if len({len(option.get("traits", ())) for option in question["options"]}) > 1:
        yield source.problem((*place, "options"), "have different numbers of traits. Give each the same number.")
    pairs = list(zip(lengths, question["options"], strict=True))
    wrong = max((length for length, option in pairs if not option["right"]), default=0)
    right = [length for length, option in pairs if option["right"]]
    if right and min(right) > max(wrong * RIGHT_OPTION_RATIO, wrong + 5):
        yield source.problem((*place, "options"), "give the answer away: what is right is clearly the longest.")


def _length(option: Mapping[str, Any]) -> int:
    texts = [option["title"], option.get("text", ""), *option.get("traits", ())]
    return sum(len(markdown.plain(text)) for text in texts)


def _text(source: Source, place: Place, text: str) -> Iterator[Problem]:
    for sentence in prose.sentences(markdown.plain(text)):
        if (count := prose.words(sentence)) > LONGEST_SENTENCE:
            message = f"has a sentence of {count} words ('{shortened(sentence, 40)}'). Cut it in two."
            yield source.problem(place, message)
    if re.search(r"</?[a-zA-Z][^<>]*>", text):
        yield source.problem(place, "holds HTML, which learners would see as it stands. Use **bold** or *italic*.")


def _alt_texts(source: Source, data: Any, place: Place) -> Iterator[Problem]:
    if isinstance(data, list):
        for position, value in enumerate(data):
            yield from _alt_texts(source, value, (*place, position))
    elif isinstance(data, dict):
        for name, value in data.items():
            yield from _alt_texts(source, value, (*place, name))
        if isinstance(alt := data.get("alt"), str):
            if re.match(r"(?:an? |the )?(?:picture|image|photo|illustration|drawing)\b", alt, re.IGNORECASE):
                yield source.problem((*place, "alt"), "says that it is a picture; readers know. Say what it shows.")
            if len(alt) < 5 or alt.lower().startswith(str(data.get("file")).lower()):
                yield source.problem((*place, "alt"), "says too little about what the picture shows.")


def written(value: float) -> str:
    """A number without an exponent or needless zeros: 82000, 4.5."""
    return f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _digits(text: str) -> str:
    """Only the digits, those of every script alike."""
    return "".join(str(unicodedata.digit(sign)) for sign in text if unicodedata.digit(sign, None) is not None)
