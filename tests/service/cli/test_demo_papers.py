"""The demo city's office has brought out what is due, and nothing before the first periods are over."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from service.accounts.models import User
from service.boards.models import Board, BoardState
from service.cli.demo_city.papers import OFFICE, bring_out
from service.kernel import clock
from service.reports.models import Report, ReportState


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


def test_it_leaves_a_board_out_whose_publicity_cannot_be_over(papers):
    _, boards = papers(4, 3)
    assert boards == []


def test_it_has_nothing_to_bring_out_in_the_first_days_of_a_year(papers):
    assert papers(1, 2) == ([], [])
