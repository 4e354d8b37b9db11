"""The demo city's office has brought out what is due, and nothing before the first periods are over."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from service.accounts.models import User
from service.boards.models import Board, BoardState
from service.cli import demo
from service.cli.demo_city.papers import OFFICE, bring_out
from service.kernel import clock
from service.reports.models import Report, ReportState
from tests.support.postgres import migrated_database
from tests.support.world import build_world


@pytest.fixture
def papers(session, world):
    """What is out on a day of the programme's year."""
    username = session.scalar(sa.select(User.username).where(User.id == world.hq1.user_id))

    def out_on(month, day):
        with clock.pretending(datetime(world.programme.year, month, day, 2, tzinfo=UTC)):
            bring_out(session, username)
        return session.scalars(sa.select(Report)).all(), session.scalars(sa.select(Board)).all()

    return out_on


def test_it_signs_the_last_bulletin_and_publishes_the_last_board(papers):
    reports, boards = papers(4, 20)
    assert [one.state for one in reports] == [ReportState.SIGNED]
    assert reports[0].reference.startswith(OFFICE)
    assert [one.state for one in boards] == [BoardState.PUBLISHED]


def test_what_is_out_is_brought_out_once(papers):
    papers(4, 20)
    reports, boards = papers(5, 20)
    assert (len(reports), len(boards)) == (1, 1)


def test_it_dates_nothing_later_than_now(session, world):
    username = session.scalar(sa.select(User.username).where(User.id == world.hq1.user_id))
    at_night = datetime(world.programme.year, 3, 15, 16, 30, tzinfo=UTC)
    with clock.pretending(at_night):
        bring_out(session, username)
    (report,) = session.scalars(sa.select(Report))
    assert max(report.signed_at, report.known_at) <= at_night


def test_it_leaves_a_board_out_whose_publicity_cannot_be_over(papers):
    _, boards = papers(4, 3)
    assert boards == []


def test_it_has_nothing_to_bring_out_in_the_first_days_of_a_year(papers):
    assert papers(1, 2) == ([], [])


def test_a_start_that_is_cut_short_has_told_the_password_and_the_next_one_goes_on(
    postgres_url, settings, tmp_path, monkeypatch
):
    class World:
        """A city that is filled in no time."""

        def __init__(self, session, *_):
            self._session = session

        def fill(self, _password):
            build_world(self._session)

    def cut_short(*_):
        raise ConnectionError

    said, brought_out = [], []
    monkeypatch.delenv("QIANBAI_DEMO_PASSWORD", raising=False)
    monkeypatch.setattr(demo, "DemoCity", World)
    monkeypatch.setattr(demo, "bring_out", cut_short)
    with migrated_database(postgres_url) as url:
        here = replace(settings, database_url=url, store=str(tmp_path))
        with pytest.raises(ConnectionError):
            demo.fill(here, said.append)
        assert "仅显示一次" in said[-1]
        monkeypatch.setattr(demo, "bring_out", lambda *_: brought_out.append(True))
        demo.fill(here, said.append)
    assert "密码不变" in said[-1]
    assert brought_out == [True]
