"""The reference phone stands alone: an app's author can take it as it is, without the server's code."""

import ast
import sys
from pathlib import Path

import pytest

import tests.support.phone

FILES = sorted(Path(tests.support.phone.__file__).parent.glob("*.py"))
ALLOWED = {"rfc8785"}
HERE = "tests.support.phone"


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_needs_nothing_but_the_standard_library_and_the_canonical_form(path):
    foreign = {name for name in imported(path) if not name.startswith(HERE)}
    assert {name.split(".")[0] for name in foreign} <= ALLOWED | sys.stdlib_module_names


def test_the_document_names_every_part_of_it():
    text = (Path(__file__).parents[2] / "docs" / "phone.md").read_text(encoding="utf-8")
    unnamed = {path.name for path in FILES if f"/{path.name})" not in text}
    assert unnamed == {"__init__.py", "report.py"}
