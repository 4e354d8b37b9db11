"""A rebuild mends whatever does not agree with the visits, and says how much that was."""

from datetime import date

import pytest
import sqlalchemy as sa

from service.visits.ledger import recount
from service.visits.recounting import rebuild, recount_programme, verify
from tests.factories.visits import add_enterprise, add_visit
from tests.support.counting_model import expected, held


@pytest.fixture
def visited(session, world):
    day = date(world.programme.year, 3, 2)
    visits = [add_visit(session, world.field1, add_enterprise(session), day) for _ in range(3)]
    recount(session, [visit.id for visit in visits])
    return visits


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM visit_credits",
        "UPDATE visit_credits SET status = 'pending'",
        "DELETE FROM city_ledger",
        "UPDATE unit_ledger SET counted = 7",
        "UPDATE city_ledger SET first_counted_on = '2020-01-01'",
        "DELETE FROM ledger_tallies",
        "UPDATE ledger_tallies SET counted = counted + 1",
        "UPDATE visits SET review_state = 'voided'",
    ],
)
def test_it_finds_and_mends_any_damage(session, visited, damage):
    session.execute(sa.text(damage))
    assert not verify(session).clean
    assert not rebuild(session).clean
    assert verify(session).clean
    assert rebuild(session).clean
    assert held(session) == expected(session)


def test_it_finds_nothing_where_all_is_right(session, visited):
    assert verify(session).clean
    assert rebuild(session).clean


def test_it_logs_what_became_known_by_a_rebuild(session, visited):
    session.execute(sa.text("DELETE FROM visit_credits WHERE visit_id = :id"), {"id": visited[0].id})
    before = session.scalar(sa.text("SELECT count(*) FROM ledger_changes"))
    session.execute(
        sa.text("UPDATE visits SET review_state = 'voided' WHERE id = :id"), {"id": visited[0].id}
    )
    rebuild(session)
    gone = session.execute(
        sa.text("SELECT counted, unit_id FROM ledger_changes ORDER BY id OFFSET :n"), {"n": before}
    )
    assert sorted((row.counted, row.unit_id is None) for row in gone) == [(0, False), (0, True)]


def test_it_leaves_other_programmes_alone(session, world, visited):
    other = add_visit(session, world.field1, add_enterprise(session), date(world.programme.year, 3, 3))
    assert recount_programme(session, world.city.id).clean
    assert not recount_programme(session, world.programme.id).clean
    assert explain_counts(session, other) == 1


def explain_counts(session, visit):
    return session.scalar(
        sa.text("SELECT count(*) FROM visit_credits WHERE visit_id = :id"), {"id": visit.id}
    )
