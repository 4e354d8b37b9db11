from datetime import date
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.kernel.clock import now
from service.programmes.models import TargetList, TargetListEntry
from service.visits.ledger import recount
from service.visits.merging import merge_enterprises, unmerge_enterprises
from service.visits.models import CityLedgerRow
from service.visits.recounting import rebuild
from tests.factories.visits import add_enterprise, add_visit


@pytest.fixture
def day(world):
    return date(world.programme.year, 3, 2)


@pytest.fixture
def pair(session, world, day):
    """Two enterprises that are one, each visited once."""
    kept, merged = add_enterprise(session, "浪潮集团有限公司"), add_enterprise(session, "浪潮集团")
    visits = [add_visit(session, world.field1, kept, day), add_visit(session, world.field2, merged, day)]
    recount(session, [visit.id for visit in visits])
    return kept, merged, *visits


def subjects(session):
    return set(session.scalars(sa.select(CityLedgerRow.subject_id)))


def test_it_moves_visits_and_figures_to_the_one_that_is_kept(session, world, pair):
    kept, merged, _own, moved = pair
    merge_enterprises(session, world.hq1, kept.id, merged.id)
    session.refresh(moved)
    assert moved.enterprise_id == kept.id
    assert subjects(session) == {kept.id}
    assert rebuild(session).clean


def test_it_gives_visits_back_and_leaves_later_ones(session, world, day, pair):
    kept, merged, own, moved = pair
    merge = merge_enterprises(session, world.hq1, kept.id, merged.id)
    later = add_visit(session, world.field1, kept, day)
    recount(session, [later.id])
    unmerge_enterprises(session, world.hq1, merge.id)
    for visit in (own, moved, later):
        session.refresh(visit)
    assert (own.enterprise_id, moved.enterprise_id, later.enterprise_id) == (kept.id, merged.id, kept.id)
    assert subjects(session) == {kept.id, merged.id}
    assert rebuild(session).clean


def test_it_gives_visits_back_through_a_later_merge(session, world, day, pair):
    kept, merged, _own, moved = pair
    top = add_enterprise(session, "浪潮")
    first = merge_enterprises(session, world.hq1, kept.id, merged.id)
    merge_enterprises(session, world.hq1, top.id, kept.id)
    unmerge_enterprises(session, world.hq1, first.id)
    session.refresh(moved)
    assert moved.enterprise_id == merged.id
    assert subjects(session) == {top.id, merged.id}


def test_it_counts_a_visit_that_a_phone_still_sends_for_the_merged_one(session, world, day, pair):
    kept, merged, *_visits = pair
    merge_enterprises(session, world.hq1, kept.id, merged.id)
    late = add_visit(session, world.field1, merged, day)
    recount(session, [late.id])
    assert subjects(session) == {kept.id}


def test_it_puts_the_kept_one_on_the_merged_ones_target_lists_and_takes_it_off_again(session, world, day):
    kept, merged = (add_enterprise(session, name, well_known=False) for name in ("甲公司", "乙公司"))
    visit = add_visit(session, world.field1, kept, day)
    recount(session, [visit.id])
    targets = TargetList(id=uuid4(), programme_id=world.programme.id, name="目标", created_at=now())
    session.add(targets)
    session.flush()
    session.add(TargetListEntry(list_id=targets.id, enterprise_id=merged.id, added_at=now()))
    merge = merge_enterprises(session, world.hq1, kept.id, merged.id)
    assert subjects(session) == {kept.id}
    unmerge_enterprises(session, world.hq1, merge.id)
    assert subjects(session) == set()
