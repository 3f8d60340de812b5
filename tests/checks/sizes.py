"""Files to 300 lines, functions to 40 (decorators and docstring not counted), migrations named by intent."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.checks.words import ROOT, committed_files

MAX_FILE, MAX_FUNCTION = 300, 40


def findings() -> Iterator[str]:
    for path in committed_files():
        relative = path.relative_to(ROOT)
        if path.suffix != ".py" or relative.parts[0] not in {"itpm_byte", "lti"}:
            continue
        if "migrations" in relative.parts:
            if "_auto_" in path.name:
                yield f"{relative}: name the migration by what it is for"
            continue
        yield from file_findings(relative, path.read_text(encoding="utf-8"))


def file_findings(name: Path, source: str) -> Iterator[str]:
    lines = len(source.splitlines())
    if lines > MAX_FILE:
        yield f"{name}: {lines} lines, {MAX_FILE} at most"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (size := function_size(node)) > MAX_FUNCTION:
            yield f"{name}:{node.lineno}: {node.name} has {size} lines, {MAX_FUNCTION} at most"


def function_size(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body, without the docstring."""
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
