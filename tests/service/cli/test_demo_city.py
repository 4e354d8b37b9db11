"""The demo city is filled by the commands of phones and offices, on any day of the year, near its time progress."""

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from service.accounts.models import Unit, User
from service.cli.demo_city.filling import CITY_TARGETS, DemoCity
from service.cli.people import first_administrator
from service.enterprises.models import Enterprise, EnterpriseAlias, ListMembership
from service.evidence.models import VisitExplanation
from service.evidence.queries import assess_visits
from service.kernel import clock
from service.kernel.calendar import elapsed_share, local_date
from service.programmes.models import Line
from service.visits.models import CityLedgerRow, ReviewState, UnitLedgerRow, Visit

SECOND_OF_JANUARY = datetime(2026, 1, 2, 1, tzinfo=UTC)
IN_MARCH = datetime(2026, 3, 12, 3, tzinfo=UTC)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def filled(session, settings, store):
    """Fills an empty house as of a moment."""
    first_administrator(session, settings, "a-Passphrase-of-the-test-7")

    def fill(now):
        with clock.pretending(now):
            DemoCity(session, store, settings, lambda _: None).fill("another-Passphrase-of-the-test-8")
        return session

    return fill


def counted(session, line):
    seen = CityLedgerRow.counted + CityLedgerRow.pending > 0
    return session.scalar(
        sa.select(sa.func.count()).select_from(CityLedgerRow).where(CityLedgerRow.line == line, seen)
    )


def test_it_is_near_its_time_progress_with_doubts_of_many_kinds(filled):
    session = filled(IN_MARCH)
    on = local_date(IN_MARCH)
    elapsed = elapsed_share(on.replace(month=1, day=1), on.replace(month=12, day=31), on)
    for line in (Line.THOUSAND, Line.HUNDRED):
        due = CITY_TARGETS[line][1] * elapsed
        assert due * 3 / 4 <= counted(session, line) <= due * 5 / 4
    _some_unit_has_nothing(session)
    _waiting_visits_are_doubted(session)
    assert session.scalar(sa.select(sa.func.count()).select_from(VisitExplanation)) == 2


def _some_unit_has_nothing(session):
    last = session.scalars(sa.select(Unit.id).where(Unit.name == "聊城高铁新区")).one()
    lines = session.scalars(sa.select(UnitLedgerRow.line).where(UnitLedgerRow.unit_id == last).distinct())
    assert set(lines) == {Line.THOUSAND}


def _waiting_visits_are_doubted(session):
    waiting = session.scalars(
        sa.select(Visit.id).where(Visit.review_state.in_((ReviewState.SUBMITTED, ReviewState.UNIT_APPROVED)))
    ).all()
    with clock.pretending(IN_MARCH):
        doubts = {kind for one in assess_visits(session, waiting).values() for kind in one.doubts}
    assert doubts >= {
        "distance", "speed", "photo_bytes", "photo_source", "recording", "mock", "datum", "duration", "hours",
        "other_team", "similar_visit",
    }  # fmt: skip


def test_it_can_be_filled_on_the_second_of_january(filled):
    session = filled(SECOND_OF_JANUARY)
    newest = session.scalar(sa.select(sa.func.max(Visit.visited_at)))
    assert newest is None or newest <= SECOND_OF_JANUARY
    assert session.scalar(sa.select(sa.exists().where(User.username == "hq1")))
    names = session.scalars(sa.select(Enterprise.name)).all()
    assert [name for name in names if not CHINESE.search(name)] == []
    bank = session.scalars(sa.select(Enterprise).where(Enterprise.name == "中国工商银行股份有限公司")).one()
    aliases = session.scalars(
        sa.select(EnterpriseAlias.name).where(EnterpriseAlias.enterprise_id == bank.id)
    ).all()
    assert "ICBC" in aliases
    listed = session.scalar(
        sa.select(ListMembership.listed_name).where(ListMembership.enterprise_id == bank.id)
    )
    assert listed == "中国工商银行"
