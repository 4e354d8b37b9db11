"""Commands for whoever looks after an installation, run against a database that really commits."""

import os

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from service.audit.commands import record
from service.cli import group
from service.kernel.actor import Actor
from service.kernel.db import make_engine, make_sessions
from tests.support.postgres import fresh_database


@pytest.fixture
def run(postgres_url, tmp_path, monkeypatch):
    """Runs a command of `qianbai` on an empty database of its own."""
    monkeypatch.setenv("QIANBAI_DATA", str(tmp_path))
    with fresh_database(postgres_url) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        yield lambda *words: CliRunner().invoke(group, list(words), catch_exceptions=False)


@pytest.fixture
def free_sessions(run):
    run("migrate")
    engine = make_engine(os.environ["DATABASE_URL"])
    yield make_sessions(engine)
    engine.dispose()


def test_it_migrates_an_empty_database(run):
    answer = run("migrate")

    assert answer.exit_code == 0
    assert "up to date" in answer.output


def test_it_rebuilds_what_is_right_without_mending_anything(run):
    answer = run("rebuild")

    assert answer.exit_code == 0
    assert "were right" in answer.output


def test_it_seals_and_gives_the_anchor_to_note_elsewhere(run, free_sessions):
    with free_sessions.begin() as session:
        record(session, Actor.system(), "a.b", "a", "1")
    anchor = run("audit", "seal").output.strip()
    answer = run("audit", "verify", "--anchor", anchor)

    assert answer.exit_code == 0, answer.output
    assert "the chain is whole" in answer.output
    assert anchor in answer.output


def test_it_says_so_when_there_is_nothing_to_seal(run):
    answer = run("audit", "seal")

    assert answer.exit_code == 0
    assert "no audit entries yet" in answer.output


def test_it_exits_with_one_and_says_what_is_wrong(run, free_sessions):
    with free_sessions.begin() as session:
        record(session, Actor.system(), "a.b", "a", "1")
    anchor = run("audit", "seal").output.strip()
    with free_sessions.begin() as session:
        session.execute(sa.text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
        session.execute(sa.text("UPDATE audit_entries SET actor_name = 'another'"))
    answer = run("audit", "verify", "--anchor", anchor)

    assert answer.exit_code == 1
    assert "被改动" in answer.output
    assert "seal 1 does not fit its entries" in answer.output


def test_it_warns_that_a_check_without_an_anchor_cannot_see_everything(run):
    answer = run("audit", "verify")

    assert answer.exit_code == 0
    assert "without --anchor" in answer.output


def test_it_refuses_an_anchor_that_is_none(run):
    assert run("audit", "verify", "--anchor", "17").exit_code == 2


def test_it_tries_the_photo_store(run):
    answer = run("store", "check")

    assert answer.exit_code == 0, answer.output
    assert "pass" in answer.output
    assert "FAIL" not in answer.output


def test_it_writes_the_contract_and_sees_when_it_is_stale(run, tmp_path):
    file = tmp_path / "openapi.yaml"
    assert run("contract", "--check", str(file)).exit_code == 1
    assert run("contract", str(file)).exit_code == 0
    assert run("contract", "--check", str(file)).exit_code == 0
    file.write_text(file.read_text() + "\n")
    assert run("contract", "--check", str(file)).exit_code == 1
