"""`python -m tests.fuzz [SECONDS] [TARGET …]`: each target under atheris for so long; what it found, in a table.

An input that broke something is kept in var/fuzz/; put it into tests/fuzz/corpus/<target>/ with the mending.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.checks.words import ROOT
from tests.fuzz import corpora

SECONDS = 20
FOUND = ROOT / "var" / "fuzz"
TARGETS = sorted(folder.name for folder in corpora.FOLDER.iterdir())


def run(target: str, seconds: int) -> tuple[int, str]:
    """How many inputs were tried, and what became of it: "ok", or where the broken input lies."""
    artifacts = FOUND / f"{target}-"
    with tempfile.TemporaryDirectory() as work:
        for number, seed in enumerate(corpora.seeds(target)):
            (Path(work) / str(number)).write_bytes(seed.read_bytes())
        command = [
            sys.executable, "-m", "tests.fuzz.drive", target, f"-max_total_time={seconds}", "-timeout=10",
            "-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={artifacts}", work,
        ]  # fmt: skip
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    tried = re.search(r"number_of_executed_units:\s*(\d+)", ended.stderr)
    if ended.returncode == 0:
        return int(tried[1]) if tried else 0, "ok"
    kept = re.search(r"Test unit written to (\S+)", ended.stderr)
    stack = re.findall(
        r"^(?:\w+\.)*\w+(?:Error|Exception|Failed|Refused)\b.*$", ended.stdout + ended.stderr, re.MULTILINE
    )
    return int(
        tried[1]
    ) if tried else 0, f"{stack[-1] if stack else ended.stderr[-500:]} ({kept[1] if kept else 'not kept'})"


def main(arguments: list[str]) -> int:
    seconds = int(arguments.pop(0)) if arguments and arguments[0].isdigit() else SECONDS
    FOUND.mkdir(parents=True, exist_ok=True)
    broken = 0
    for target in arguments or TARGETS:
        tried, result = run(target, seconds)
        broken += result != "ok"
        print(f"{target:22} {tried:>9} inputs  {result}", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
