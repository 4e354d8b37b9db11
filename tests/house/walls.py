"""What the tests of this folder look at: the product's own files, as text and as syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("service", "media", "mobile_api", "hq_api", "web", "migrations")


def modules(*packages: str) -> Iterator[Path]:
    """Every Python file of the packages, in order."""
    for package in packages or PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def place(path: Path) -> str:
    """The file as people name it, from the root."""
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    """The functions that stand at the top of a file."""
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef):
            yield node


def calls(node: ast.AST) -> Iterator[ast.Call]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            yield inner


def called_name(call: ast.Call) -> str:
    """The last part of what is called: `record` for `audit.record(…)` and `record(…)`."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
