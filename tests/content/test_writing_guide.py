"""docs/writing-a-byte.md tells authors the truth."""

import re
from pathlib import Path

from itpm_byte.content import loading, shape
from tests.content.conftest import DRAWING

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "writing-a-byte.md").read_text(encoding="utf-8")


def test_its_example_can_be_published_without_a_warning(tmp_path):
    (example,) = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
    (tmp_path / "byte.yaml").write_text(example, encoding="utf-8")
    (tmp_path / "clock.svg").write_bytes(DRAWING)
    _draft, warnings = loading.check(tmp_path / "byte.yaml")
    assert list(map(str, warnings)) == []


def test_it_names_every_kind_of_section():
    kinds = re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE)
    assert kinds == shape.validator().schema["$defs"]["section"]["properties"]["kind"]["enum"]
