"""A small valid Byte that tests change and load again."""

import copy
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

SECOND = Path(__file__).parent / "bytes" / "second" / "byte.yaml"
SHIPPED = Path(__file__).resolve().parents[2] / "fixtures" / "bytes" / "it-project-manager" / "byte.yaml"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 36"><circle cx="9" cy="9" r="5"/></svg>'
SMALL = {
    "slug": "tea",
    "language": "en",
    "title": "Making tea",
    "objective": "Make a cup of tea.",
    "minutes": 3,
    "licence": "CC0 1.0",
    "author": "Ada",
    "attribution": "By Ada.",
    "sections": [
        {
            "id": "opening",
            "kind": "text",
            "title": "Tea",
            "picture": {"file": "cup.svg", "alt": "A cup of tea that steams."},
            "text": "Tea is easy. It takes water and leaves. And it takes three minutes.",
        },
        {
            "id": "quiz",
            "kind": "question",
            "title": "Your turn",
            "prompt": "What goes in first?",
            "answers": "single",
            "right_options": 1,
            "options": [
                {"key": "water", "title": "Water", "right": False, "feedback": "Leaves first."},
                {"key": "leaves", "title": "Leaves", "right": True, "feedback": "Yes."},
            ],
            "explanation": "Water draws the taste out of the leaves.",
        },
    ],
}


class Plain(yaml.SafeDumper):
    """One line per field, nothing said by reference."""

    def ignore_aliases(self, data):
        return True


class Folder:
    """A folder with one Byte in it. `data` may be changed before `path` is read."""

    def __init__(self, where: Path) -> None:
        self.where = where
        self.data = copy.deepcopy(SMALL)
        (where / "cup.svg").write_bytes(DRAWING)

    @property
    def opening(self):
        return self.data["sections"][0]

    @property
    def quiz(self):
        return self.data["sections"][1]

    @property
    def path(self) -> Path:
        path = self.where / "byte.yaml"
        text = yaml.dump(self.data, Dumper=Plain, sort_keys=False, allow_unicode=True, width=10_000)
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)
