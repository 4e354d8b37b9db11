"""A phone hears by its pull what it is asked to send again, and what became of its kept bodies."""

from uuid import uuid4

import pytest

from service.kernel.actor import Role
from tests.factories.submissions import visit_body
from tests.support.committed import committed_house
from tests.support.pulling import Pulled
from tests.support.world import add_person


@pytest.fixture(scope="module")
def house(quiet_postgres_url, tmp_path_factory):
    with committed_house(quiet_postgres_url, tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture
def person(house):
    with house.sessions.begin() as session:
        return add_person(session, f"p{uuid4()}", house.world.dongchangfu, Role.FIELD_STAFF)


@pytest.fixture
def hq(house):
    return house.phone(house.world.hq1)


def ask(hq, person, **facts):
    body = {"user_id": str(person.user_id), "reason": "核对"} | facts
    answer = hq.post("/api/hq/v1/recalls", json=body)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()["id"]


def test_a_recall_comes_by_the_pull_and_goes_with_its_answer(house, person, hq):
    phone = house.phone(person)
    pulled = Pulled(phone)
    pulled.all()
    visit_id = str(uuid4())
    recall_id = ask(hq, person, record_ids=[visit_id])
    pulled.all()
    assert pulled.of("recall")[recall_id]["record_ids"] == [visit_id]
    phone.post(f"/api/v1/recalls/{recall_id}/outcome", json={"missing": [visit_id]})
    pulled.all()
    assert pulled.of("recall") == {}


def test_a_cancelled_recall_is_deleted(house, person, hq):
    pulled = Pulled(house.phone(person))
    recall_id = ask(hq, person, since_on="2026-05-01")
    pulled.all()
    assert list(pulled.of("recall")) == [recall_id]
    hq.delete(f"/api/hq/v1/recalls/{recall_id}")
    pulled.all()
    assert pulled.of("recall") == {}


def test_nobody_hears_what_another_is_asked_for(house, person, hq):
    other = Pulled(house.phone(house.world.field2))
    other.all()
    ask(hq, person, since_on="2026-05-01")
    assert other.all() == []


def test_the_pull_tells_how_a_kept_body_was_settled(house, person, hq):
    phone = house.phone(person)
    pulled = Pulled(phone)
    visit_id, body = uuid4(), visit_body()
    phone.put(f"/api/v1/visits/{visit_id}", json=body)
    phone.put(f"/api/v1/visits/{visit_id}", json=body | {"summary": "另一份"})
    pulled.all()
    (kept,) = pulled.of("kept").values()
    assert kept["settlement"] is None
    merged = body | {"summary": "合并"}
    settled = hq.post(
        f"/api/hq/v1/kept/{kept['id']}/settlement", json={"how": "merge", "base_rev": 1, "body": merged}
    )
    assert settled.status_code == 200
    pulled.all()
    assert pulled.of("kept")[kept["id"]]["settlement"] == "merged"
    assert pulled.of("visit")[str(visit_id)]["summary"] == "合并"
