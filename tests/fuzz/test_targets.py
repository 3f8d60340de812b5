"""The readers of what comes from outside, on the corpus and on inputs near it. `make fuzz` looks for new ones."""

import pytest

from tests.fuzz import corpora
from tests.fuzz.targets import TARGETS

MUTATIONS = 40


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_from_outside_raises_what_nobody_announced(name):
    target = TARGETS[name]
    inputs = [path.read_bytes() for path in corpora.seeds(name)]
    assert inputs, f"tests/fuzz/corpus/{name}/ holds nothing to begin with."

    for data in (b"", *inputs, *corpora.mutated(name, MUTATIONS)):
        try:
            target(data)
        except Exception as problem:
            raise AssertionError(f"{name} on {data[:500]!r}") from problem


def test_each_folder_of_the_corpus_belongs_to_a_target():
    assert {folder.name for folder in corpora.FOLDER.iterdir()} <= TARGETS.keys()
