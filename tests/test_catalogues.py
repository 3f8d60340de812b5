"""What learners read is there in every language that the site offers, and the compiled catalogues are up to date."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize

from tests.checks.words import ROOT

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
CATALOGUES = ["lti", "itpm_byte"]
# What learners read, and teachers inside their course. Texts for staff may stay English.
LEARNERS = [
    *("lti/login_pages.py", "lti/refusals.py", "lti/grades/advice.py", "itpm_byte/learning/errors.py"),
    *("itpm_byte/learning/grades.py", "itpm_byte/player/**/*.py", "itpm_byte/templates/player/**/*.html"),
    *("itpm_byte/templates/error.html", "itpm_byte/templates/landing.html", "lti/templates/lti/_retry.html"),
    *("lti/templates/lti/_words.html", "lti/templates/lti/confirm.html", "lti/templates/lti/expiry.html"),
    *("lti/templates/lti/login.html", "lti/templates/lti/shell.html"),
    *("itpm_byte/authoring/*.py", "itpm_byte/authoring/views/*.py", "itpm_byte/templates/authoring/*.html"),
]
FUNCTIONS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
# The beginning of a call, up to its first text; a context comes before the text.
CALL = re.compile(r"""\b(?:n?gettext|_)\(u?'(?:[^'\\]|\\.)*'|\bpgettext\(u?'(?:[^'\\]|\\.)*', *u?'(?:[^'\\]|\\.)*'""")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?\w+(?:%\(\w+\)s)?>")


def path_of(app: str, language: str, kind: str) -> Path:
    return ROOT / app / "locale" / language / "LC_MESSAGES" / f"django.{kind}"


def entries(path: Path) -> Iterator[dict[str, str]]:
    """The fields of each entry of a .po file: msgctxt, msgid, msgid_plural, msgstr, msgstr[0] …"""
    entry: dict[str, str] = {}
    field = ""
    for line in [*path.read_text().splitlines(), "msgid"]:
        found = re.match(r'(msg\w+(?:\[\d\])?)(?: ("[^\n]*"))?$', line)
        if found and found[1] in {"msgctxt", "msgid"} and "msgstr" in "".join(entry):
            yield entry
            entry = {}
        if found:
            field = found[1]
            entry[field] = ast.literal_eval(found[2]) if found[2] else ""
        elif line.startswith('"'):
            entry[field] += ast.literal_eval(line)


def by_key(path: Path) -> dict[object, str]:
    """As Python's gettext keeps them."""
    kept: dict[object, str] = {}
    for entry in entries(path):
        key = "\x04".join(filter(None, [entry.get("msgctxt"), entry["msgid"]]))
        if "msgid_plural" not in entry:
            kept[key] = entry["msgstr"]
            continue
        forms = [name for name in entry if name.startswith("msgstr[")]
        kept.update({(key, number): entry[f"msgstr[{number}]"] for number in range(len(forms))})
    return {key: words for key, words in kept.items() if words}


def said(path: Path) -> set[str]:
    """The texts that are marked for translation in a module or a template."""
    source = path.read_text()
    if path.suffix == ".html":
        source = "\n".join(f"{call})" for call in CALL.findall(templatize(source)))
    texts = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
            place = 1 if node.func.id.startswith("p") else 0
            if len(node.args) > place and isinstance(node.args[place], ast.Constant):
                texts.add(str(ast.literal_eval(node.args[place])))
    return texts


def learners_files() -> list[Path]:
    return sorted({path for pattern in LEARNERS for path in ROOT.glob(pattern)})


def test_no_file_that_learners_read_has_moved_away_unnoticed():
    assert [pattern for pattern in LEARNERS if not list(ROOT.glob(pattern))] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", learners_files(), ids=lambda path: path.name)
def test_everything_that_learners_read_is_translated(path, language):
    known = {entry["msgid"] for app in CATALOGUES for entry in entries(path_of(app, language, "po"))}

    assert sorted(said(path) - known) == []


def test_the_texts_are_found_in_modules_and_in_templates():
    assert "Choose an answer first." in said(ROOT / "itpm_byte" / "learning" / "errors.py")
    assert "Back to the course" in said(ROOT / "lti" / "login_pages.py")
    assert {"Check my answer", "Saving …"} <= said(ROOT / "itpm_byte/templates/player/question_form.html")
    assert "A %(minutes)s-minute Byte" in said(ROOT / "itpm_byte/templates/player/sections/opening.html")


@pytest.mark.parametrize("app", CATALOGUES)
@pytest.mark.parametrize("language", LANGUAGES)
class TestCatalogue:
    def test_is_compiled_as_it_is_written(self, app, language):
        with path_of(app, language, "mo").open("rb") as compiled:
            kept = gettext.GNUTranslations(compiled)._catalog  # type: ignore[attr-defined]

        assert dict(kept) == by_key(path_of(app, language, "po"))

    def test_leaves_no_word_empty_and_no_placeholder_out(self, app, language):
        for entry in entries(path_of(app, language, "po")):
            if not entry["msgid"]:
                continue
            allowed = set(PLACEHOLDER.findall(entry["msgid"] + entry.get("msgid_plural", "")))
            for name, words in entry.items():
                if name.startswith("msgstr"):
                    assert words.strip() != "", entry["msgid"]
                    # A form that is for one number only may leave the number out.
                    missing = allowed - set(PLACEHOLDER.findall(words))
                    assert missing == set() or name != "msgstr" and len(missing) == 1, (entry["msgid"], missing)
                    assert set(PLACEHOLDER.findall(words)) <= allowed, entry["msgid"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_is_offered_without_its_words(language):
    with translation.override(language):
        assert translation.gettext("Check my answer") != "Check my answer"
