"""`qianbai backup` and `qianbai restore` as a person at a terminal meets them."""

import os
import tempfile
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from service.backup.place import Place
from service.cli import group
from service.kernel.data_folder import locked, prepare
from service.kernel.embedded import EmbeddedPostgres
from tests.service.backup.conftest import installation
from tests.support.postgres import fresh_database, migrated_database


@pytest.fixture
def run(monkeypatch):
    """Runs a command of `qianbai` with nothing of its environment but what a test sets."""
    for name in ("DATABASE_URL", "QIANBAI_DATA", "QIANBAI_STORE", "QIANBAI_SECRET"):
        monkeypatch.delenv(name, raising=False)
    return lambda *words: CliRunner().invoke(group, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture
def house(postgres_url, tmp_path, monkeypatch, run):
    """An installation on a given database, with one photo and its secret in the data folder."""
    with migrated_database(postgres_url) as url, installation(url, tmp_path / "data") as made:
        made.add_photo(b"a picture")
        monkeypatch.setenv("DATABASE_URL", url)
        yield made


@pytest.fixture
def elsewhere(postgres_url, monkeypatch):
    """From here on DATABASE_URL names an empty database."""
    with fresh_database(postgres_url) as url:
        yield lambda: monkeypatch.setenv("DATABASE_URL", url)


def test_it_takes_checks_and_restores(run, house, elsewhere, tmp_path):
    made = run("backup", tmp_path / "b", "--data", tmp_path / "data")
    assert made.exit_code == 0, made.output
    assert "备份完成" in made.output
    assert "audit seal, note it elsewhere: 1:" in made.output

    assert "备份完好" in run("backup", tmp_path / "b", "--verify").output

    elsewhere()
    restored = run("restore", tmp_path / "b", "--data", tmp_path / "new", "--check-ledgers")
    assert restored.exit_code == 0, restored.output
    assert "已恢复" in restored.output
    assert "the ledgers are right" in restored.output
    assert (tmp_path / "new" / "secret").read_bytes() == (tmp_path / "data" / "secret").read_bytes()
    assert (tmp_path / "new" / "secret").stat().st_mode & 0o777 == 0o600

    again = run("restore", tmp_path / "b", "--data", tmp_path / "new")
    assert again.exit_code == 1
    assert "needs an empty one" in again.output


def test_it_removes_the_older_ones_and_says_so(run, house, tmp_path):
    run("backup", tmp_path / "b", "--data", tmp_path / "data")
    second = run("backup", tmp_path / "b", "--data", tmp_path / "data", "--keep", 1)
    assert "old backups removed: 1" in second.output
    assert len(Place(tmp_path / "b").backups()) == 1


def test_it_exits_with_one_and_names_what_the_store_has_lost(run, house, tmp_path):
    gone = house.add_photo(b"soon gone")
    house.store.delete([gone.object_key])
    answer = run("backup", tmp_path / "b", "--data", tmp_path / "data")
    assert answer.exit_code == 1
    assert f"MISSING FROM THE STORE (missing): {gone.object_key}" in answer.output
    assert run("backup", tmp_path / "b", "--verify").exit_code == 0


def test_it_touches_nothing_when_the_backup_is_damaged(run, house, elsewhere, tmp_path):
    run("backup", tmp_path / "b", "--data", tmp_path / "data")
    dump = Place(tmp_path / "b").backup(None).folder / "database.dump"
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 1
    dump.write_bytes(content)

    assert run("backup", tmp_path / "b", "--verify").exit_code == 1
    elsewhere()
    answer = run("restore", tmp_path / "b", "--data", tmp_path / "new")
    assert answer.exit_code == 1
    assert "不可用于恢复" in answer.output
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_it_makes_anew_what_an_interrupted_restore_left_and_nothing_else(run, house, tmp_path, monkeypatch):
    run("backup", tmp_path / "b", "--data", tmp_path / "data")
    monkeypatch.delenv("DATABASE_URL")
    with tempfile.TemporaryDirectory(prefix="qb-restore-") as place:
        data = prepare(Path(place) / "data")
        with EmbeddedPostgres(data / "pg") as database, psycopg.connect(_libpq(database.url)) as connection:
            connection.execute(
                "CREATE TABLE restore_unfinished AS SELECT 'x' AS backup; CREATE TABLE visits ()"
            )
        restored = run("restore", tmp_path / "b", "--data", data)
        assert restored.exit_code == 0, restored.output
        again = run("restore", tmp_path / "b", "--data", data)
        assert again.exit_code == 1
        assert "needs an empty one" in again.output


def _libpq(url):
    return url.replace("postgresql+psycopg://", "postgresql://")


def test_it_refuses_a_data_folder_that_a_server_uses(run, house, elsewhere, tmp_path):
    run("backup", tmp_path / "b", "--data", tmp_path / "data")
    elsewhere()
    with locked(prepare(tmp_path / "busy")):
        answer = run("restore", tmp_path / "b", "--data", tmp_path / "busy")
    assert answer.exit_code == 1
    assert "is in use by process" in answer.output


def test_it_refuses_a_data_folder_with_the_secret_of_another(run, house, elsewhere, tmp_path):
    run("backup", tmp_path / "b", "--data", tmp_path / "data")
    elsewhere()
    (prepare(tmp_path / "other") / "secret").write_text("of somebody else")
    answer = run("restore", tmp_path / "b", "--data", tmp_path / "other")
    assert answer.exit_code == 1
    assert "the secret of another installation" in answer.output


def test_a_secret_that_the_operator_keeps_is_in_no_backup(run, house, elsewhere, tmp_path, monkeypatch):
    monkeypatch.setenv("QIANBAI_SECRET", "kept in a safe")
    made = run("backup", tmp_path / "b", "--data", tmp_path / "data")
    assert "keep it elsewhere" in made.output
    assert not (Place(tmp_path / "b").backup(None).folder / "secret").exists()

    elsewhere()
    monkeypatch.delenv("QIANBAI_SECRET")
    assert (
        "run with the same QIANBAI_SECRET" in run("restore", tmp_path / "b", "--data", tmp_path / "n").output
    )
    monkeypatch.setenv("QIANBAI_SECRET", "another")
    restored = run("restore", tmp_path / "b", "--data", tmp_path / "n")
    assert restored.exit_code == 0
    assert "every phone has to sign in again" in restored.output


def test_it_says_so_when_there_is_nothing_to_back_up(run, tmp_path):
    answer = run("backup", tmp_path / "b", "--data", tmp_path / "nowhere")
    assert answer.exit_code == 1
    assert not (tmp_path / "nowhere").exists()


def test_it_says_so_when_there_is_no_backup(run, tmp_path):
    for words in (("backup", tmp_path, "--verify"), ("restore", tmp_path, "--data", tmp_path / "new")):
        answer = run(*words)
        assert answer.exit_code == 1
        assert "holds no backup" in answer.output


def test_it_says_so_when_the_database_does_not_answer(run, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody@/none?host={tmp_path}")
    answer = run("backup", tmp_path / "b", "--data", tmp_path / "data")
    assert answer.exit_code == 1
    assert "the database does not answer" in answer.output


def test_it_refuses_an_anchor_that_is_none(run, tmp_path):
    assert run("restore", tmp_path, "--anchor", "17").exit_code == 2
    assert os.environ.get("DATABASE_URL") is None
