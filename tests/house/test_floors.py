"""Rooms look down, never up or sideways; no file grows into a hall."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.walls import ROOT, modules, place

MOST_LINES = 400


def test_every_import_looks_down():
    program = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("path", [*modules()], ids=place)
def test_no_file_outgrows_its_reader(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_there_is_no_room_without_a_name():
    vague = {"utils", "helpers", "common", "manager", "misc"}
    assert [place(path) for path in modules() if path.stem in vague or path.parent.name in vague] == []


@pytest.mark.parametrize("path", [*modules("service", "mobile_api", "hq_api")], ids=place)
def test_only_the_clock_reads_the_clock(path):
    text = path.read_text(encoding="utf-8")
    if path.name != "clock.py":
        assert "datetime.now(" not in text
        assert "date.today(" not in text
        assert "utcnow(" not in text
