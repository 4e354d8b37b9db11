from datetime import date

import sqlalchemy as sa

from service.visits.ledger import recount
from service.visits.recounting import verify
from service.visits.tallies import fold
from tests.factories.visits import add_enterprise, add_visit


def rows(session):
    return session.scalar(sa.text("SELECT count(*) FROM ledger_tallies"))


def test_it_folds_rows_of_one_key_and_keeps_the_figures(session, world):
    day = date(world.programme.year, 3, 2)
    for _ in range(3):
        recount(session, [add_visit(session, world.field1, add_enterprise(session), day).id])
    before = rows(session)
    fold(session)
    assert (before, rows(session)) == (9, 3)
    assert verify(session).clean


def test_it_leaves_nothing_of_what_came_to_nothing(session, world):
    visit = add_visit(session, world.field1, add_enterprise(session), date(world.programme.year, 3, 2))
    recount(session, [visit.id])
    visit.review_state = "voided"
    recount(session, [visit.id])
    fold(session)
    assert rows(session) == 0
