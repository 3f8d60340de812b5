"""What each target begins with: files in `corpus/<target>/`, one input each. A finding becomes such a file."""

import random
from collections.abc import Iterator
from pathlib import Path

from tests.checks.words import ROOT

FOLDER = Path(__file__).parent / "corpus"
# Files that are there anyway.
SHIPPED = {
    "byte_file": sorted((ROOT / "fixtures/bytes").glob("*/byte.yaml")),
    "drawing": sorted((ROOT / "fixtures/bytes").glob("*/**/*.svg"))[:2],
}
ODD = (b"\0", b"\xff", b"\\ud800", b"9" * 400, b"[" * 400, b'"', b"<", b"%", b"\n", b"://", b"null", b"\xe2\x80\xae")


def seeds(target: str) -> list[Path]:
    return sorted((FOLDER / target).glob("*")) + SHIPPED.get(target, [])


def mutated(target: str, number: int) -> Iterator[bytes]:
    """So many inputs near the seeds, the same in each run."""
    dice = random.Random(target)
    kept = [path.read_bytes() for path in seeds(target)] or [b""]
    for _ in range(number):
        data = bytearray(dice.choice(kept)[:4000])
        for _again in range(dice.randint(1, 4)):
            start = dice.randint(0, len(data))
            end = min(len(data), start + dice.choice((0, 1, 2, 8, 64)))
            data[start:end] = dice.choice((b"", dice.choice(ODD), dice.randbytes(dice.randint(1, 4))))
        yield bytes(data)
