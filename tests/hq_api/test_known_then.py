from datetime import date

import pytest
import time_machine

from service.visits.known import take_moment
from service.visits.ledger import recount
from tests.factories.visits import add_enterprise, add_visit

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
