"""Trips where commits are commits: many senders of one id, and what the filer's phone pulls."""

from uuid import uuid4

import pytest

from service.kernel.actor import Role
from service.kernel.ids import uuid7
from tests.factories.trips import filing, trip_body
from tests.support.committed import at_once, committed_house
from tests.support.pulling import Pulled
from tests.support.world import add_person

SENDERS = 8


@pytest.fixture(scope="module")
def house(quiet_postgres_url, tmp_path_factory):
    with committed_house(quiet_postgres_url, tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture
def filer(house):
    with house.sessions.begin() as session:
        return add_person(session, f"p{uuid4()}", house.world.dongchangfu, Role.FIELD_STAFF)


def test_of_many_that_send_one_trip_at_once_one_is_first_and_all_get_its_receipt(house, filer):
    path, body = f"/api/v1/trips/{uuid7()}", trip_body()
    phones = [house.phone(filer) for _ in range(SENDERS)]
    answers = at_once([lambda phone=phone: phone.put(path, json=body) for phone in phones])
    assert sorted(answer.status_code for answer in answers) == [200] * (SENDERS - 1) + [201]
    assert len({str(answer.json["receipt"]) for answer in answers}) == 1
    assert len(house.phone(filer).get("/api/v1/trips").json["items"]) == 1


def test_of_many_other_contents_one_is_taken_and_the_others_are_kept(house, filer):
    path = f"/api/v1/trips/{uuid7()}"
    phones = [house.phone(filer) for _ in range(SENDERS)]
    answers = at_once(
        [
            lambda phone=phone, place=place: phone.put(path, json=trip_body(result=f"第{place}份"))
            for place, phone in enumerate(phones)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (SENDERS - 1)
    assert len(house.phone(filer).get("/api/v1/kept").json["items"]) == SENDERS - 1


def test_the_filer_pulls_a_trip_and_hears_of_the_offices_correction(house, filer):
    phone = Pulled(house.phone(filer))
    phone.all()
    trip_id = str(uuid7())
    house.phone(filer).put(f"/api/v1/trips/{trip_id}", json=trip_body())
    phone.all()
    assert phone.rows["trip", trip_id]["rev"] == 1
    fixed = house.phone(house.world.unit1).put(
        f"/api/hq/v1/trips/{trip_id}", json=filing(result="已更正", base_rev=1)
    )
    assert fixed.status_code == 200
    phone.all()
    assert phone.rows["trip", trip_id]["result"] == "已更正"


def test_nobody_else_pulls_it(house, filer):
    with house.sessions.begin() as session:
        other = add_person(session, f"o{uuid4()}", house.world.dongchangfu, Role.FIELD_STAFF)
    house.phone(filer).put(f"/api/v1/trips/{uuid7()}", json=trip_body())
    phone = Pulled(house.phone(other))
    phone.all()
    assert not [key for key in phone.rows if key[0] == "trip"]
