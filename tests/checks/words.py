"""No package registry's host, index option or download address in a committed file."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
PUBLIC_REGISTRIES = (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("yarnpkg", "com"))
DOWNLOAD = (
    r"--(?:extra-)?index-url|--find-links|https?://[^\s\"'<>]*(?:/simple/|/packages/[0-9a-f]{2}/|\.whl\b|\.tgz\b)"
)
BINARY = {".png", ".mo", ".webp", ".ico"}


def committed_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [path for name in listing.decode().split("\0") if name and (path := ROOT / name).is_file()]


@cache
def registry_pattern() -> re.Pattern[str]:
    """Public registries (written in parts, so that this file passes its own rule) and those this machine is set to."""
    hosts = {".".join(parts) for parts in PUBLIC_REGISTRIES} | set(_configured_hosts())
    return re.compile("|".join([DOWNLOAD, *(rf"\b{re.escape(host)}\b" for host in sorted(hosts))]))


def _configured_hosts() -> Iterator[str]:
    for command in (["pip", "config", "list"], ["npm", "config", "get", "registry"]):
        try:
            output = subprocess.run(command, capture_output=True, check=False, text=True, timeout=20).stdout
        except (OSError, subprocess.TimeoutExpired):
            continue  # that package manager is not here, so nothing is configured for it
        for url in re.findall(r"https?://[^\s\"',]+", output):
            if (host := urlsplit(url).hostname) and "." in host and not host.startswith("127."):
                yield host


def findings(paths: Iterable[Path] | None = None) -> Iterator[str]:
    for path in committed_files() if paths is None else paths:
        if path.suffix in BINARY or path.name == Path(__file__).name:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if registry_pattern().search(line):
                yield f"{path}:{number}: names a package registry or a download address"
