"""A job exists exactly when its transaction commits, and outlives the worker that was doing it."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.background import run_worker
from service.jobs.queue import defer
from service.jobs.worker import Pace
from service.kernel.clock import now
from service.kernel.db import make_engine, make_sessions
from service.settings import Settings
from tests.service.jobs import sample_jobs  # noqa: F401 registers the jobs
from tests.support.postgres import migrated_database

QUICK = Pace(threads=2, heartbeat_s=0.2, look_s=0.2, grace_s=2)


@pytest.fixture
def installation(postgres_url, tmp_path):
    """Settings of a database where transactions really commit."""
    with migrated_database(postgres_url) as url:
        yield Settings(database_url=url, store=str(tmp_path / "photos"), secret=b"test secret", data=tmp_path)


@pytest.fixture
def free_sessions(installation):
    engine = make_engine(installation.database_url)
    yield make_sessions(engine)
    engine.dispose()


def waiting(session):
    return session.scalars(
        sa.text("SELECT task_name FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
    ).all()


def test_it_makes_no_job_when_the_transaction_is_undone(free_sessions):
    with free_sessions() as session:
        defer(session, "photos.develop", photo_id=uuid4())
        assert waiting(session) == ["photos.develop"]
        session.rollback()
        assert waiting(session) == []


def test_it_begins_what_a_person_waits_for_before_what_nobody_does(free_sessions):
    with free_sessions() as session:
        for number in range(3):
            defer(session, "photos.develop", photo_id=str(number))
        defer(session, "exports.make", waited_for=True, export_id="1")
        worker = "SELECT worker_id FROM procrastinate_register_worker_v1()"
        taken = "SELECT task_name FROM procrastinate_fetch_job_v2(NULL, (" + worker + "))"
        assert session.scalars(sa.text(taken)).all() == ["exports.make"]


def test_it_makes_no_job_when_the_savepoint_is_undone(free_sessions):
    with free_sessions() as session:
        defer(session, "kept", number=1)
        with session.begin_nested() as point:
            defer(session, "undone", number=2)
            point.rollback()
        session.commit()
        assert waiting(session) == ["kept"]


def test_it_shows_the_job_to_nobody_before_the_commit(free_sessions):
    with free_sessions() as session, free_sessions() as another:
        defer(session, "photos.develop", photo_id=uuid4())
        assert waiting(another) == []
        another.rollback()
        session.commit()
        assert waiting(another) == ["photos.develop"]


def test_it_refuses_an_argument_that_json_cannot_hold(session):
    with pytest.raises(TypeError):
        defer(session, "photos.develop", photo=object())


def test_it_runs_a_job_and_forgets_it(installation, free_sessions):
    with free_sessions.begin() as session:
        defer(session, "jobs.note", path=str(installation.data / "note"), text="done")
    run_worker(installation, pace=QUICK, until_idle=True)

    assert (installation.data / "note").read_text() == "done\n"
    with free_sessions() as session:
        assert (
            session.scalar(sa.text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'jobs.note'"))
            == 0
        )


def test_it_tries_a_job_again_after_it_failed(installation, free_sessions):
    with free_sessions.begin() as session:
        defer(session, "jobs.fail")
    began = now()
    run_worker(installation, pace=QUICK, until_idle=True)

    with free_sessions() as session:
        row = session.execute(
            sa.text(
                "SELECT status, attempts, scheduled_at FROM procrastinate_jobs WHERE task_name = 'jobs.fail'"
            )
        ).one()
    assert row.status == "todo"
    # Four seconds after the first failure; sixteen after the second, should a slow worker have lived to see one.
    assert row.scheduled_at >= began + timedelta(seconds=4**row.attempts)


def test_it_runs_a_job_again_whose_worker_was_killed(installation, free_sessions):
    note = installation.data / "note"
    with free_sessions.begin() as session:
        defer(session, "jobs.hang_once", path=str(note))
    victim = _worker(installation)
    try:
        assert victim.stdout.readline() == b"begun\n"
    finally:
        victim.send_signal(signal.SIGKILL)
        victim.communicate()
    with free_sessions() as session:
        assert (
            session.scalar(
                sa.text("SELECT status::text FROM procrastinate_jobs WHERE task_name = 'jobs.hang_once'")
            )
            == "doing"
        )
        _long_ago(session)
        session.commit()
    run_worker(installation, pace=QUICK, until_idle=True)

    assert note.read_text() == "begun\nagain\n"


def _long_ago(session):
    """Nothing has been heard of any worker for longer than one is waited for."""
    session.execute(
        sa.text("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 hour'")
    )


def test_it_stops_cleanly_when_told_to(installation, free_sessions):
    with free_sessions.begin() as session:
        defer(session, "jobs.say", text="running")
    worker = _worker(installation)
    try:
        assert worker.stdout.readline() == b"running\n"
        worker.send_signal(signal.SIGTERM)
        _out, errors = worker.communicate(timeout=120)
    finally:
        worker.kill()
    assert worker.returncode == 0, errors.decode()
    with free_sessions() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM procrastinate_workers")) == 0


def _worker(installation):
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.service.jobs.sample_worker",
            installation.database_url,
            str(installation.data),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
