"""Only lti/http.py speaks to other machines: all else would go past its guards (SEC-07)."""

import ast
from collections.abc import Iterator

from tests.checks.words import ROOT, committed_files

GUARDED = "lti/http.py"
CLIENTS = {"requests", "urllib3", "httpx", "aiohttp", "httplib2", "pycurl", "http.client", "urllib.request"}
# What libraries of ours would fetch by themselves.
FETCHING = {"PyJWKClient", "ServiceConnector", "urlopen", "urlretrieve"}


def findings() -> Iterator[str]:
    for path in committed_files():
        name = path.relative_to(ROOT).as_posix()
        is_ours = name.startswith(("lti/", "itpm_byte/")) and not name.startswith("itpm_byte/sandbox/")
        if is_ours and name.endswith(".py") and name != GUARDED:
            yield from file_findings(name, path.read_text(encoding="utf-8"))


def file_findings(name: str, source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        for found in sorted(_named(node)):
            yield f"{name}:{getattr(node, 'lineno', 0)}: {found}: other machines are asked through {GUARDED} alone"


def _named(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        modules = {alias.name for alias in node.names}
    elif isinstance(node, ast.ImportFrom):
        modules = {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    else:
        word = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        return {word} & FETCHING
    names = {alias.name for alias in node.names} & FETCHING
    return names | {client for client in CLIENTS if any(f"{module}.".startswith(f"{client}.") for module in modules)}
