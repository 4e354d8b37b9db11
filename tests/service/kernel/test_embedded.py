import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from service.kernel import durability, embedded, leftover
from service.kernel.embedded import EmbeddedPostgres, EmbeddedPostgresError

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with EmbeddedPostgres(tmp_path_factory.mktemp("durable") / "pg") as database:
        yield database


def one(url, statement):
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return connection.execute(sa.text(statement)).scalar_one()


def write(url, statement):
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text(statement))


@pytest.mark.parametrize("name", ["fsync", "synchronous_commit", "full_page_writes"])
def test_it_starts_durable(database, name):
    assert one(database.url, f"SHOW {name}") == "on"


def test_it_keeps_its_folder_and_socket_to_itself(database):
    assert database.folder.stat().st_mode & 0o777 == 0o700
    assert (database.folder / ".s.PGSQL.5432").stat().st_mode & 0o777 == 0o700
    assert one(database.url, "SHOW listen_addresses") == ""


def test_it_gives_a_folder_above_the_right_to_pass_at_most(tmp_path):
    parent = tmp_path / "parent"
    parent.mkdir(mode=0o700)
    with EmbeddedPostgres(parent / "pg", durable=False):
        assert parent.stat().st_mode & 0o777 in {0o700, 0o701}


def test_it_sorts_and_folds_alike_on_every_system(database):
    assert one(database.url, "SELECT lower('ÄЖ')") == "äж"
    assert one(database.url, "SELECT string_agg(c, '' ORDER BY c) FROM unnest(ARRAY['b','A','a']) c") == "Aab"


def test_it_finds_everything_as_it_was(tmp_path):
    database = EmbeddedPostgres(tmp_path / "pg", durable=False)
    write(database.start(), "CREATE TABLE kept AS SELECT 7 AS n")
    database.stop()
    with database:
        assert one(database.url, "SELECT n FROM kept") == 7


def test_it_takes_a_place_whose_path_is_too_long_for_a_socket(tmp_path):
    with EmbeddedPostgres(tmp_path / ("长" * 40) / "pg", durable=False) as database:
        assert one(database.url, "SELECT 1") == 1


def test_it_begins_anew_where_making_a_cluster_was_interrupted(tmp_path):
    half = tmp_path / "pg.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(tmp_path / "pg", durable=False) as database:
        assert one(database.url, "SELECT 1") == 1


def test_it_stops_a_server_that_outlived_its_starter(tmp_path):
    lost = EmbeddedPostgres(tmp_path / "pg", durable=False)
    lost.start()
    with EmbeddedPostgres(tmp_path / "pg", durable=False) as database:
        assert not lost.is_running
        assert one(database.url, "SELECT 1") == 1


def test_it_recovers_from_a_server_killed_with_sessions_open(tmp_path):
    killed = EmbeddedPostgres(tmp_path / "pg")
    write(killed.start(), "CREATE TABLE kept AS SELECT 7 AS n")
    with psycopg.connect(killed.url.replace("+psycopg", "")):
        os.kill(int((tmp_path / "pg" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        with EmbeddedPostgres(tmp_path / "pg") as database:
            assert one(database.url, "SELECT n FROM kept") == 7
    killed.stop()


def test_it_is_not_stopped_by_a_pid_file_that_names_somebody_else(tmp_path):
    database = EmbeddedPostgres(tmp_path / "pg", durable=False)
    database.start()
    lines = (tmp_path / "pg" / "postmaster.pid").read_text().splitlines()
    database.stop()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        (tmp_path / "pg" / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        with database:
            assert one(database.url, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.communicate(b"\n")


def test_it_is_not_stopped_by_a_pid_file_that_a_power_cut_left_empty(tmp_path):
    database = EmbeddedPostgres(tmp_path / "pg", durable=False)
    write(database.start(), "CREATE TABLE kept AS SELECT 7 AS n")
    database.stop()
    (tmp_path / "pg" / "postmaster.pid").touch()
    with database:
        assert one(database.url, "SELECT n FROM kept") == 7


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells a child of its parent's death"
)
def test_it_ends_when_its_starter_is_killed(tmp_path):
    code = (
        "import sys, pathlib; from service.kernel.embedded import EmbeddedPostgres\n"
        "EmbeddedPostgres(pathlib.Path(sys.argv[1]), durable=False).start(); print('up', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "pg")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as starter:
        assert starter.stdout.readline() == b"up\n"
        pid = int((tmp_path / "pg" / "postmaster.pid").read_text().split()[0])
        server = os.pidfd_open(pid)
        starter.kill()
    assert wait_for_end(server, seconds=60)
    os.close(server)


def wait_for_end(pidfd, *, seconds):
    import select

    return bool(select.select([pidfd], [], [], seconds)[0])


def test_it_refuses_the_data_of_another_version(tmp_path):
    with EmbeddedPostgres(tmp_path / "pg", durable=False):
        pass
    (tmp_path / "pg" / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedPostgresError, match="PostgreSQL 17"):
        EmbeddedPostgres(tmp_path / "pg", durable=False).start()


def test_it_says_what_postgres_said_when_it_does_not_start(tmp_path):
    with EmbeddedPostgres(tmp_path / "pg", durable=False):
        pass
    (tmp_path / "pg" / "global" / "pg_control").write_bytes(b"")
    with pytest.raises(EmbeddedPostgresError, match="pg_control"):
        EmbeddedPostgres(tmp_path / "pg", durable=False).start()


def test_it_recognises_only_a_server_of_its_own_folder(database):
    pid = int((database.folder / "postmaster.pid").read_text().split()[0])
    assert leftover.serves(pid, database.folder)
    assert not leftover.serves(pid, database.folder / "other")
    assert not leftover.serves(os.getpid(), database.folder)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"fsync": "off"}, "fsync = off"),
        ({"synchronous_commit": "off"}, "synchronous_commit = off"),
        ({"full_page_writes": "off"}, "full_page_writes = off"),
        ({"server_version_num": "130011", "server_version": "13.11"}, "13.11"),
    ],
)
def test_it_refuses_a_database_that_may_forget(settings, named):
    good = {
        "server_version_num": "140000",
        "fsync": "on",
        "synchronous_commit": "local",
        "full_page_writes": "on",
    }
    with pytest.raises(durability.UnfitDatabaseError, match=named):
        durability.check_settings((good | settings).__getitem__)


def test_it_checks_durability_as_the_session_sees_it(database):
    engine = sa.create_engine(database.url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        durability.check_durability(connection)
        connection.execute(sa.text("SET synchronous_commit = off"))
        with pytest.raises(durability.UnfitDatabaseError, match="synchronous_commit"):
            durability.check_durability(connection)


def test_it_refuses_a_socket_folder_that_somebody_else_put_there(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "trap").symlink_to(elsewhere)
    with pytest.raises((EmbeddedPostgresError, FileExistsError)):
        embedded._make_private(tmp_path / "trap", os.geteuid())


def test_it_listens_on_a_socket_that_answers(database):
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(database.folder / ".s.PGSQL.5432"))
