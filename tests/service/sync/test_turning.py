"""With a day nobody writes a row, and phones hear of what the day has changed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from service.issues.models import EventKind
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.sync.models import SyncEpoch
from service.sync.turning import turn_to
from tests.factories.issues import add_issue, happen
from tests.factories.sites import add_site


@pytest.fixture
def marked_by_tomorrow(session):
    """The problems that the next day marks, each with who hears of it."""

    def turn():
        session.execute(sa.update(SyncEpoch).values(turned_on=local_date(now())))
        last = session.scalar(sa.text("SELECT coalesce(max(seq), 0) FROM sync_marks"))
        assert turn_to(session, local_date(now()) + timedelta(days=1))
        found = sa.text("SELECT subject, audience FROM sync_marks WHERE seq > :last AND type = 'issue'")
        return {tuple(row) for row in session.execute(found, {"last": last})}

    return turn


def test_it_tells_whoever_raised_an_open_problem_how_much_time_is_left(session, world, marked_by_tomorrow):
    site, raiser = add_site(session, world.dongchangfu), world.commissioner1
    waiting = add_issue(session, raiser, site)
    called, solved = (add_issue(session, raiser, site, call=[world.department]) for _ in range(2))
    happen(session, world.department1, solved, EventKind.REPORT_IN)
    happen(session, world.department1, solved, EventKind.RESOLVE)
    assert marked_by_tomorrow() == {(one, raiser.user_id) for one in (waiting, called)}
