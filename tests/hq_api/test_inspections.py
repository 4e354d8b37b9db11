from datetime import date

import pytest

from service.evidence.models import DrawnAs
from service.evidence.rules import Drawable, draw
from service.visits.models import ReviewState
from tests.factories.visits import add_enterprise, add_visit

PATH = "/api/hq/v1/inspections"
FLAG = {"code": "mock_location", "severity": "serious", "value": 1, "limit": 0, "zh": "模拟", "en": "mock"}


@pytest.fixture
def month(world):
    return date(world.programme.year, 3, 1)


@pytest.fixture
def visits(session, world, month):
    enterprise = add_enterprise(session)
    made = [
        add_visit(session, by, enterprise, month.replace(day=2 + n), flags=[FLAG] if n == 3 else [])
        for by in (world.field1, world.field2)
        for n in range(5)
    ]
    add_visit(session, world.field1, enterprise, month, review_state=ReviewState.VOIDED)
    add_visit(session, world.field1, enterprise, month.replace(month=4))
    session.commit()
    return made


def drawn(client, month, random=4, weighted=2):
    told = {"month": month.isoformat(), "random_count": random, "weighted_count": weighted}
    answer = client.post(PATH, json=told)
    assert answer.status_code == 201, answer.json
    return answer.json


def items(client, inspection, query=""):
    return client.get(f"{PATH}/{inspection['id']}/visits{query}").json["items"]


def test_the_outsider_draws_and_sees_nothing(client, world, month, visits):
    told = {"month": month.isoformat(), "random_count": 1}
    one = drawn(client.as_(world.inspector1), month)
    assert client.get(PATH).status_code == 401
    for outsider in (world.field1, world.unit1):
        assert client.as_(outsider).get(PATH).status_code == 403
        assert client.as_(outsider).post(PATH, json=told).status_code == 403
    leader = client.as_(world.leader1)
    assert leader.get(f"{PATH}/{one['id']}").status_code == 200
    assert leader.post(PATH, json=told).status_code == 403


def test_a_draw_of_none_is_no_draw(client, world, month, visits):
    told = {"month": month.isoformat(), "random_count": 0}
    assert client.as_(world.inspector1).post(PATH, json=told).status_code == 422


def test_it_draws_from_the_visits_that_stand_of_the_month_and_can_be_repeated(client, world, month, visits):
    inspector = client.as_(world.inspector1)
    one = drawn(inspector, month)
    found = items(inspector, one)
    assert (one["population"], len(found)) == (10, 6)
    assert [item["drawn_as"] for item in found] == ["random"] * 4 + ["weighted"] * 2
    population = [Drawable(v.id, v.unit_id, 100 if v.flags else 0) for v in visits]
    again = draw(population, one["seed"], random_count=4, weighted_count=2)
    assert [item["visit_id"] for item in found] == [str(a.one.visit_id) for a in again]
    assert [item["drawn_as"] for item in found] == [a.drawn_as for a in again]
    assert found[-1]["drawn_as"] == DrawnAs.WEIGHTED


def test_each_item_opens_its_record(client, world, month, visits):
    inspector = client.as_(world.inspector1)
    item = items(inspector, drawn(inspector, month))[0]
    assert inspector.get(item["record_url"]).json["id"] == item["visit_id"]
    assert inspector.get(item["evidence_url"]).status_code == 200


def test_it_keeps_what_was_found_and_sums_it_up_by_unit(client, world, month, visits):
    inspector = client.as_(world.inspector1)
    one = drawn(inspector, month, random=10, weighted=0)
    for item, result in zip(items(inspector, one), ["wrong", "confirmed", "unreachable"], strict=False):
        answer = inspector.post(
            f"{PATH}/{one['id']}/findings",
            json={"visit_id": item["visit_id"], "result": result, "note": "电话核实"},
        )
        assert (answer.status_code, answer.json["result"]) == (200, result)
    units = inspector.get(f"{PATH}/{one['id']}").json["units"]
    assert [unit["unit_name"] for unit in units] == ["东昌府区", "茌平区"]
    sums = {
        name: sum(unit[name] for unit in units)
        for name in ("drawn", "confirmed", "wrong", "unreachable", "open")
    }
    assert sums == {"drawn": 10, "confirmed": 1, "wrong": 1, "unreachable": 1, "open": 7}
    for unit in units:
        assert len(inspector.get(unit["records_url"]).json["items"]) == unit["drawn"]
    (wrong,) = items(inspector, one, "?result=wrong")
    assert (wrong["note"], wrong["inspected_by_name"]) == ("电话核实", "inspector1")


def test_it_refuses_a_visit_that_was_not_drawn_and_an_empty_month(client, world, month, visits):
    inspector = client.as_(world.inspector1)
    one = drawn(inspector, month, random=1, weighted=0)
    drawn_id = items(inspector, one)[0]["visit_id"]
    other = next(str(v.id) for v in visits if str(v.id) != drawn_id)
    answer = inspector.post(f"{PATH}/{one['id']}/findings", json={"visit_id": other, "result": "wrong"})
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_inspection")
    empty = inspector.post(PATH, json={"month": f"{month.year}-08-01", "random_count": 3})
    assert (empty.status_code, empty.json["code"]) == (422, "nothing_to_inspect")


def test_it_lists_the_latest_first(client, world, month, visits):
    inspector = client.as_(world.inspector1)
    first, second = drawn(inspector, month), drawn(inspector, month)
    listed = inspector.get(PATH).json["items"]
    assert [one["id"] for one in listed] == [second["id"], first["id"]]


def test_it_lists_the_drawn_visits_of_a_month_over_all_its_draws(client, world, month, visits):
    inspector = client.as_(world.inspector1)
    first, second = drawn(inspector, month, 4, 0), drawn(inspector, month, 2, 1)
    both = [*items(inspector, first), *items(inspector, second)]
    path = f"{PATH}/visits?month={month.replace(day=9)}"
    listed = inspector.get(f"{path}&limit=5").json
    rest = inspector.get(f"{path}&limit=5&cursor={listed['next_cursor']}").json
    assert [one["visit_id"] for one in (*listed["items"], *rest["items"])] == [
        one["visit_id"] for one in both
    ]
    weighted = inspector.get(f"{path}&drawn_as=weighted&outcome=open&unit={world.city.id}").json["items"]
    assert len(weighted) == 1
    assert inspector.get(f"{path}&outcome=wrong").json["items"] == []
    assert client.as_(world.unit1).get(path).status_code == 403
