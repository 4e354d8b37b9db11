from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import time_machine

from service.programmes.models import TargetList, TargetListEntry
from service.submissions.review_states import ReviewState
from service.visits.known import take_moment
from service.visits.ledger import recount
from tests.factories.visits import add_enterprise, add_visit

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PROGRESS = "/api/hq/v1/progress"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-10-20T04:00:00+00:00", tick=False) as travelling:
        yield travelling


@pytest.fixture
def visit(session, world):
    def make(name):
        made = add_visit(session, world.field1, add_enterprise(session, name), date(2026, 3, 2))
        recount(session, [made.id])
        session.commit()

    return make


def test_it_answers_as_it_was_known_then_on_all_three(client, world, session, visit):
    visit("先")
    moment = take_moment(session).taken_at.isoformat()
    session.commit()
    visit("后")
    for door in ("overview", "units", "weekly"):
        then, now = (
            client.as_(world.hq1).get(f"{PROGRESS}/{door}", query_string=asked).json
            for asked in ({"known_at": moment}, {})
        )
        rows = {"overview": "lines"}.get(door, "items")
        counts = {"weekly": "first_counted"}.get(door, "counted")
        assert [sum(row[counts] for row in whole[rows]) for whole in (then, now)] == [1, 2], door
        where = then if door == "overview" else then["items"][0]
        assert where["known_at"] == "2026-10-20T04:00:00Z"


@pytest.fixture
def listed(session, world):
    """Two enterprises of one chain on the list of 东昌府, one without a chain that no unit is to visit."""
    chained, other, nobodys = (
        add_enterprise(session, name, chain=chain)
        for name, chain in (("甲", "轴承"), ("乙", "轴承"), ("丙", None))
    )
    made = TargetList(id=uuid4(), programme_id=world.programme.id, name="目标", created_at=NOW)
    session.add(made)
    session.flush()
    for enterprise, unit in ((chained, world.dongchangfu.id), (other, world.dongchangfu.id), (nobodys, None)):
        session.add(TargetListEntry(list_id=made.id, enterprise_id=enterprise.id, unit_id=unit, added_at=NOW))
    session.commit()
    return chained, other, nobodys


def visited(session, person, enterprise, on, **changed):
    made = add_visit(session, person, enterprise, on, **changed)
    recount(session, [made.id])
    session.commit()
    return made


def test_coverage_and_what_is_left_of_the_lists_answer_as_it_was_known_then(client, world, session, listed):
    chained, other, nobodys = listed
    early = visited(session, world.field1, chained, date(2026, 3, 2))
    waits = visited(session, world.field1, other, date(2026, 3, 3), review_state=ReviewState.SUBMITTED)
    moment = take_moment(session).taken_at.isoformat()
    session.commit()
    questions = [
        (who, f"{PROGRESS}/{door}", by)
        for who in (world.hq1, world.unit1)
        for door, by in (
            ("coverage", {"by": "county"}),
            ("coverage", {"by": "chain"}),
            ("coverage", {"by": "both"}),
            ("unvisited", {}),
        )
    ]

    def answers(**asked):
        found = [
            client.as_(who).get(door, query_string=by | asked).json["items"] for who, door, by in questions
        ]
        return [
            [{key: told for key, told in row.items() if key != "known_at"} for row in rows] for rows in found
        ]

    before = answers()
    assert sum(row["counted"] for row in before[1]) == sum(row["pending"] for row in before[1]) == 1
    early.review_state, waits.review_state = ReviewState.RETURNED, ReviewState.APPROVED
    session.flush()
    recount(session, [early.id, waits.id])
    visited(session, world.field2, nobodys, date(2026, 4, 1))
    assert answers(known_at=moment) == before
    assert all(then != now for then, now in zip(before, answers(), strict=True))


@pytest.mark.parametrize(
    ("asked", "code"),
    [("2026-10-20T04:00:01Z", "known_too_late"), ("2026-10-19T00:00:00Z", "known_too_early")],
)
def test_it_refuses_what_is_not_settled_and_what_was_before(client, world, session, asked, code):
    take_moment(session)
    session.commit()
    answer = client.as_(world.hq1).get(f"{PROGRESS}/overview", query_string={"known_at": asked})
    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_a_report_s_moment_answers_its_figures_for_ever(client, world, visit):
    visit("先")
    report = (
        client.as_(world.hq1).post("/api/hq/v1/reports", json={"kind": "monthly", "on": "2026-10-05"}).json
    )
    visit("后")
    asked = {"known_at": report["known_at"], "as_of": report["as_of"]}
    found = client.as_(world.hq1).get(f"{PROGRESS}/overview", query_string=asked)
    shown = report["figures"]["facts"]["thousand.counted"]["shown"]
    assert str(found.json["lines"][0]["counted"]) == shown == "1"
