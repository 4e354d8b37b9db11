"""What waited, counted and came late before the places and sums were kept is in them afterwards."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.evidence.models import VisitAssessment
from service.kernel.db import make_engine
from service.kernel.migrate import downgrade, upgrade
from service.kernel.pages import PageRequest
from service.submissions.models import RecordType
from service.submissions.review_places import first_places
from service.visits.ledger import recount
from service.visits.models import ReviewState
from service.visits.recounting import verify
from tests.factories.sites import add_checkin, add_site
from tests.factories.visits import add_enterprise, add_visit
from tests.support.postgres import fresh_database
from tests.support.world import build_world

DAY = date(2026, 3, 2)
MOMENT = datetime(2026, 3, 20, tzinfo=UTC)


@pytest.fixture
def url(postgres_url):
    with fresh_database(postgres_url) as made:
        upgrade(made)
        yield made


@pytest.fixture
def engine_of(url):
    engine = make_engine(url, pool_size=1)
    yield engine
    engine.dispose()


def test_it_puts_in_what_was_there_before_and_may_be_run_again(url, engine_of):
    with Session(engine_of, expire_on_commit=False) as session:
        world = build_world(session)
        world.programme.starts_on, world.programme.ends_on = date(2026, 1, 1), date(2026, 12, 31)
        flag = {"code": "far", "severity": "warning"}
        enterprises = [add_enterprise(session, f"企业{n}", chain="绿色化工" if n else None) for n in range(2)]
        waiting = [
            add_visit(
                session,
                world.field1,
                one,
                DAY,
                review_state=ReviewState.SUBMITTED,
                received_at=MOMENT,
                flags=flags,
            )
            for one, flags in zip(enterprises, ([flag], []), strict=True)
        ]
        decided = add_visit(session, world.field2, enterprises[1], DAY)
        checkin = add_checkin(session, world.commissioner1, add_site(session, world.dongchangfu), MOMENT)
        session.add(
            VisitAssessment(record_id=waiting[1].id, rev=1, weight=110, doubts=["far"], assessed_at=MOMENT)
        )
        recount(session, [*(one.id for one in waiting), decided.id])
        session.commit()
        expected = _told(session, world)
    assert [one[1] for one in expected[RecordType.VISIT]] == [110, 10]
    assert [one[0] for one in expected[RecordType.CHECKIN]] == [checkin.id]
    downgrade(url, "0029")
    upgrade(url)
    with Session(engine_of) as session:
        assert _told(session, world) == expected
        assert verify(session).clean
        # Where it was broken off before its number was written, it begins from the start.
        session.execute(sa.text("UPDATE alembic_version SET version_num = '0029'"))
        session.commit()
    upgrade(url)
    with Session(engine_of) as session:
        assert _told(session, world) == expected
        assert verify(session).clean


def _told(session, world):
    return {
        kind: [(one.id, one.suspicion) for one in first_places(session, world.hq1, kind, PageRequest(10))]
        for kind in (RecordType.VISIT, RecordType.CHECKIN)
    }
