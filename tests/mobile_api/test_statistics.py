"""A person's own figures on a phone: what they did themselves, and nobody else's beside it."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from service.indicators.own import DIVISIONS, OWN_MEASURES
from service.visits.ledger import recount
from service.visits.models import Intention, ReviewState
from tests.factories.visits import add_edition, add_enterprise, add_membership, add_visit

STATISTICS = "/api/v1/statistics"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-10-20T04:00:00+00:00", tick=False) as travelling:
        yield travelling


@pytest.fixture
def story(session, world):
    """What one person did in two units and two years, beside what others did."""
    known = add_enterprise(session, "浪潮集团", industry="信息", chain="算力", province="山东")
    top = add_enterprise(session, "国企", industry="化工")
    add_membership(session, add_edition(session, date(2026, 1, 1)), enterprise_id=top.id)
    me, two = world.field1, [{"name": "张三"}, {"name": "李四"}]
    intended = {"amount_wan": Decimal("120.5"), "intention": Intention.INTERESTED}
    visits = [
        add_visit(session, me, known, date(2025, 3, 2)),
        add_visit(session, me, known, date(2026, 3, 2), participants=two, **intended),
        add_visit(session, me, top, date(2026, 4, 2), method="exhibition", unit_id=world.chiping.id),
        add_visit(session, me, top, date(2026, 4, 3), review_state=ReviewState.VOIDED),
        add_visit(session, me, None, date(2026, 4, 4), free_enterprise={"name": "手填"}),
        add_visit(session, world.field2, known, date(2026, 5, 2), recorded_by=me.person_id),
        add_visit(session, world.unit1, known, date(2026, 5, 2)),
    ]
    recount(session, [visit.id for visit in visits])
    session.commit()


def asked(client, who, **query):
    answer = client.as_(who).get(STATISTICS, query_string=query)
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def test_it_shows_nothing_to_a_stranger(client):
    assert client.get(STATISTICS).status_code == 401


def test_it_counts_what_i_paid_in_whatever_unit_and_nobody_else_s(client, world, story):
    (row,) = asked(client, world.field1)
    assert (row["value"], row["last_year"]) == ("3", "1")
    (row,) = asked(client, world.department1)
    assert row["value"] == "0"


def test_it_says_nothing_about_others_nor_how_i_compare(client, world, story):
    (row,) = asked(client, world.field1)
    assert not {"rank", "group", "unit_id", "target", "light"} & set(row)


@pytest.mark.parametrize("by", ["unit", "group"])
def test_it_does_not_divide_by_units(client, world, by):
    assert client.as_(world.field1).get(STATISTICS, query_string={"by": by}).status_code == 422


@pytest.mark.parametrize("measure", ["listed", "covered", "unvisited"])
def test_it_has_no_measure_of_what_the_city_is_to_do(client, world, measure):
    answer = client.as_(world.field1).get(STATISTICS, query_string={"measure": measure})
    assert answer.status_code == 422


@pytest.mark.parametrize("measure", OWN_MEASURES)
@pytest.mark.parametrize("by", DIVISIONS)
def test_every_figure_opens_exactly_its_records(client, world, story, measure, by):
    for row in asked(client, world.field1, measure=measure, by=by.value, period="year"):
        answer = client.as_(world.field1).get(row["url"])
        assert answer.status_code == 200, answer.json
        records = answer.json["items"]
        if measure == "person_times":
            assert sum(len(one["participants"]) for one in records) == int(row["value"])
        elif measure == "intended_amount":
            assert sum(Decimal(one["amount_wan"]) for one in records) == Decimal(row["value"])
        else:
            assert len(records) == int(row["value"]), (row, records)


def test_it_takes_a_stretch_of_days(client, world, story):
    (row,) = asked(client, world.field1, **{"from": "2026-03-01", "until": "2026-04-03"})
    assert row["value"] == "2"
    answer = client.as_(world.field1).get(STATISTICS, query_string={"from": "2026-03-01"})
    assert answer.status_code == 422


def test_a_list_without_filters_stays_what_i_paid_or_wrote(client, world, story):
    assert len(client.as_(world.field1).get("/api/v1/visits").json["items"]) == 6
