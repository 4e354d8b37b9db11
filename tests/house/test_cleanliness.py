"""The project names no machine, no registry, and nothing about how or where it was made."""

import re

import pytest

from tests.house.walls import ROOT, place

KINDS = {
    ".py",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".html",
    ".css",
    ".sql",
    ".mako",
    ".sh",
    ".txt",
    ".lock",
    ".example",
    "",
}
SKIPPED = {
    ".git",
    ".venv",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    ".import_linter_cache",
    ".s3emu",
    ".swift",
    "var",
    "node_modules",
    "__pycache__",
    "build",
    "dist",
    "fonts",
}

MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+|mnt)/")
REGISTRY = re.compile(
    r"(?:--index-url|--extra-index-url|files\.pythonhosted\.org|pypi\.org/simple|artifactory|nexus\.)"
)
SECRET = re.compile(r"-----BEGIN (?:RSA |EC )?PRIVATE KEY-----\n[A-Za-z0-9+/]{40}|AKIA[0-9A-Z]{16}")


def files():
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        is_ours = not SKIPPED & set(parts) and not parts[0].startswith(".venv")
        if is_ours and path.suffix in KINDS and path.is_file():
            yield path


@pytest.mark.parametrize("what", [MACHINE_PATH, REGISTRY, SECRET], ids=["machine path", "registry", "secret"])
def test_no_file_names_a(what):
    here = place(ROOT / "tests/house/test_cleanliness.py")
    found = [
        f"{place(path)}: {match.group()}"
        for path in files()
        if place(path) != here
        for match in what.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_no_todo_is_left_without_a_number():
    found = [
        place(path)
        for path in files()
        if path.suffix == ".py" and place(path) != place(ROOT / "tests/house/test_cleanliness.py")
        if re.search(r"#\s*(?:TODO|FIXME|XXX)(?!\(#\d+\))", path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_pages_load_nothing_from_another_host():
    for path in (ROOT / "web").rglob("*"):
        if path.suffix in {".html", ".css"} and "node_modules" not in path.parts:
            assert not re.search(
                r"(?:src|href|url)\s*[=(]\s*[\"']?(?:https?:)?//", path.read_text(encoding="utf-8")
            ), path
