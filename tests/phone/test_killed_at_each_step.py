"""A phone may die at any moment: what it had kept arrives, once."""

import json
import subprocess
import sys

import pytest

from tests.support.live import PASSWORD, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("killed_at_each_step")]
LEAST_STEPS = 40


@pytest.fixture(scope="module")
def lives(house, tmp_path_factory):
    """What each phone that died could prove in the end."""
    folder = tmp_path_factory.mktemp("dying")
    command = [sys.executable, "-m", "tests.phone.killed_at_each_step", f"http://127.0.0.1:{house.port}"]
    told = subprocess.run(
        [*command, str(folder), "field1", PASSWORD],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        timeout=900,
    )
    assert told.returncode == 0, told.stderr[-3000:]
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert "through_at" in lines.pop()
    return lines


def test_it_dies_often_enough_to_tell(lives):
    assert len(lives) > LEAST_STEPS
    assert [one["step"] for one in lives] == list(range(1, len(lives) + 1))


def test_its_outbox_empties_after_every_death(lives):
    assert [one["step"] for one in lives if not one["is_empty"]] == []


def test_it_holds_a_receipt_for_everything(lives):
    for one in lives:
        assert set(one["acknowledged"]) == {one["visit"], *one["photos"]}, one["step"]


def test_the_house_has_every_visit_once_with_its_edit(house, lives):
    rows = house.ask("SELECT id::text, rev, summary FROM visits WHERE summary IN ('第一稿', '第二稿')")
    found = {row.id: (row.rev, row.summary) for row in rows}
    assert {one["visit"]: (2, "第二稿") for one in lives}.items() <= found.items()
    assert len(found) == len(rows) == len(lives) + 1, "one of each that died, and of the one that got through"


def test_the_house_has_the_very_bytes(house, lives):
    rows = house.ask("SELECT id::text, sha256 FROM photos WHERE received_at IS NOT NULL")
    there = {row.id: row.sha256 for row in rows}
    for one in lives:
        assert {photo: one["acknowledged"][photo] for photo in one["photos"]}.items() <= there.items()


def test_nothing_waits_for_a_person(house, lives):
    assert house.ask("SELECT code FROM kept_submissions WHERE settled_at IS NULL") == []
