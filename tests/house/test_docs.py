"""What the documents say is there."""

import re

import pytest

from tests.house.walls import ROOT, modules

LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)")


def documents():
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "bench" / "README.md"]
    return [path for path in found if path.exists()]


@pytest.fixture(scope="module")
def all_code():
    return "\n".join(path.read_text(encoding="utf-8") for path in modules()).lower()


def test_every_word_of_the_glossary_is_in_the_code(all_code):
    rows = re.findall(
        r"^\|[^|]+\|[^|]+\|([^|]+)\|$", (ROOT / "docs/glossary.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    words = [word for row in rows for word in re.findall(r"`([a-z0-9_]+)`", row)]
    assert len(words) > 60
    assert [word for word in words if word not in all_code] == []


def test_no_word_of_the_glossary_stands_for_two_things():
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|[^|]+\|[^|]+\|([^|]+)\|$", text, re.MULTILINE)
    words = [word for row in rows for word in re.findall(r"`([a-z0-9_]+)`", row)]
    assert sorted({word for word in words if words.count(word) > 1}) == []


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(path):
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_every_command_the_documents_name_exists():
    import click

    from service.cli import group

    there = set(group.list_commands(click.Context(group)))
    text = "\n".join(path.read_text(encoding="utf-8") for path in documents())
    named = set(re.findall(r"(?:`|\./|^)qianbai ([a-z]+)", text, re.MULTILINE))
    assert named - {"test", "dev"} <= there


def test_decision_records_are_numbered_in_one_line():
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
