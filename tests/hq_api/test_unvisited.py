from datetime import date, timedelta

import pytest
import time_machine

from service.kernel.pages import write_cursor
from service.programmes.models import TargetList, TargetListEntry
from service.visits.ledger import recount
from service.visits.models import ReviewState
from service.visits.recounting import recount_enterprises
from tests.factories.visits import add_enterprise, add_visit

MARCH = date(2026, 3, 2)
DOOR = "/api/hq/v1/progress/unvisited"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-21T04:00:00+00:00", tick=True):
        yield


@pytest.fixture
def listed(session, world):
    """Four enterprises on a target list: one visited, one that waits, two nobody went to; the last is nobody's."""
    chains = {"甲公司": "轴承", "乙公司": "轴承", "丙公司": None, "丁公司": "轴承"}
    found = {name: add_enterprise(session, name, chain=chain) for name, chain in chains.items()}
    visits = [
        add_visit(session, world.field1, found["甲公司"], MARCH),
        add_visit(
            session, world.field1, found["乙公司"], MARCH + timedelta(1), review_state=ReviewState.SUBMITTED
        ),
    ]
    at = visits[0].captured_at
    targets = TargetList(id=world.city.id, programme_id=world.programme.id, name="目标", created_at=at)
    session.add(targets)
    session.flush()
    units = {"甲公司": world.town.id, "乙公司": world.town.id, "丙公司": world.chiping.id, "丁公司": None}
    for name, unit_id in units.items():
        session.add(
            TargetListEntry(list_id=targets.id, enterprise_id=found[name].id, unit_id=unit_id, added_at=at)
        )
    session.flush()
    recount(session, [visit.id for visit in visits])
    recount_enterprises(session, [one.id for one in found.values()])
    session.commit()
    return found


def names(answer):
    assert answer.status_code == 200, answer.json
    return {one["name"] for one in answer.json["items"]}


def test_it_lists_what_is_left_with_who_is_to_visit_and_what_waits(client, world, listed):
    items = client.as_(world.hq1).get(DOOR).json["items"]
    told = {one["name"]: (one["waits"], [unit["name"] for unit in one["units"]]) for one in items}
    assert told == {"乙公司": (True, ["东昌府区"]), "丙公司": (False, ["茌平区"]), "丁公司": (False, [])}


@pytest.mark.parametrize("by", ["county", "chain", "both"])
def test_it_lists_exactly_what_coverage_says_is_left(client, world, listed, by):
    hq = client.as_(world.hq1)
    rows = [one for one in hq.get(f"/api/hq/v1/progress/coverage?by={by}").json["items"] if one["listed"]]
    assert rows
    for row in rows:
        asked = {} if by == "county" else {"chain": row["chain"] or ""}
        if by != "chain":
            asked |= {"unit": row["unit"]["id"]} if row["unit"] else {"unassigned": "true"}
        left = hq.get(DOOR, query_string=asked).json["items"]
        assert len(left) == row["listed"] - row["listed_counted"], row


def test_it_tells_of_an_earlier_day(client, world, listed):
    answer = client.as_(world.hq1).get(f"{DOOR}?as_of={MARCH - timedelta(1)}")
    assert names(answer) == {"甲公司", "乙公司", "丙公司", "丁公司"}
    assert not any(one["waits"] for one in answer.json["items"])


def test_it_shows_a_units_office_its_own(client, world, listed):
    assert names(client.as_(world.unit1).get(DOOR)) == {"乙公司"}
    other = client.as_(world.unit1).get(f"{DOOR}?unit={world.chiping.id}")
    assert other.status_code == 404


def test_it_turns_pages_by_key(client, world, listed):
    hq, found, cursor = client.as_(world.hq1), [], None
    while True:
        answer = hq.get(DOOR, query_string={"limit": 1} | ({"cursor": cursor} if cursor else {}))
        found += [one["name"] for one in answer.json["items"]]
        cursor = answer.json["next_cursor"]
        if cursor is None:
            break
    assert sorted(found) == sorted({"乙公司", "丙公司", "丁公司"})
    assert len(found) == 3


def test_it_refuses_a_cursor_of_another_list(client, world, listed):
    answer = client.as_(world.hq1).get(f"{DOOR}?cursor={write_cursor(['甲', 'nobody'])}")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/cursor")
