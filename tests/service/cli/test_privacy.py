"""The command that lets old positions grow coarse, run against a database that really commits."""

import os
from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from service.cli import group
from service.kernel.clock import now
from service.kernel.db import make_engine, make_sessions
from service.submissions.models import RecordRevision
from service.visits.models import Visit
from tests.factories.visits import add_enterprise, add_visit
from tests.support.postgres import fresh_database
from tests.support.world import build_world

HERE = {"lat": 36.456789, "lng": 115.987654, "datum": "wgs84", "source": "gps"}


@pytest.fixture
def run(postgres_url, tmp_path, monkeypatch):
    """Runs a command of `qianbai` on a database of its own."""
    monkeypatch.setenv("QIANBAI_DATA", str(tmp_path))
    with fresh_database(postgres_url) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        yield lambda *words: CliRunner().invoke(group, list(words), catch_exceptions=False)


@pytest.fixture
def free_sessions(run):
    run("migrate")
    engine = make_engine(os.environ["DATABASE_URL"])
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        world, at = build_world(session), now() - timedelta(days=91)
        visit = add_visit(
            session,
            world.field1,
            add_enterprise(session),
            at.date(),
            received_at=at,
            location=HERE,
            latitude=HERE["lat"],
            longitude=HERE["lng"],
        )
        session.get_one(RecordRevision, (visit.id, 1)).body = {"location": HERE}
    yield sessions
    engine.dispose()


def latitude(sessions):
    with sessions() as session:
        return session.scalar(sa.select(Visit.latitude))


def test_it_rehearses_and_then_does_it_once(run, free_sessions):
    rehearsed = run("privacy", "retention", "--dry-run")
    assert "拜访 visits: 1" in rehearsed.output
    assert "nothing was changed" in rehearsed.output
    assert latitude(free_sessions) == 36.456789

    done = run("privacy", "retention")
    assert done.exit_code == 0
    assert "90 天 days → 3 位小数 decimals" in done.output
    assert "拜访 visits: 1" in done.output
    assert latitude(free_sessions) == 36.457
    assert "拜访 visits: 0" in run("privacy", "retention").output


def test_the_operator_decides_when_and_how_far(run, free_sessions, monkeypatch):
    monkeypatch.setenv("QIANBAI_POSITION_DAYS", "0")
    assert "拜访 visits: 0" in run("privacy", "retention").output
    monkeypatch.setenv("QIANBAI_POSITION_DAYS", "30")
    monkeypatch.setenv("QIANBAI_POSITION_DECIMALS", "1")
    run("privacy", "retention")
    assert latitude(free_sessions) == 36.5
