"""Devices at headquarters' door: a lost phone is cut off, a given one enrols its new holder."""

import pytest

from service.accounts.devices import DeviceFacts, remember_device
from tests.factories.accounts import PHONE, credentials, give_password

DEVICES = "/api/hq/v1/devices"


def signed_in(client, session, person):
    give_password(session, person)
    answer = client.post("/api/v1/sessions", json=credentials(person.name))
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


@pytest.mark.parametrize("person", ["field1", "commissioner1", "department1"])
def test_it_shows_field_staff_nothing(client, world, person):
    assert client.as_(getattr(world, person)).get(DEVICES).status_code == 403


@pytest.mark.parametrize("person", ["unit1", "leader1", "inspector1"])
def test_it_lets_only_headquarters_cut_off(client, session, world, person):
    signed_in(client, session, world.field1)
    reader = client.as_(getattr(world, person))
    assert reader.post(f"{DEVICES}/phone-1/revocation").status_code == 403
    body = {"to_user_id": str(world.field2.user_id)}
    assert reader.post(f"{DEVICES}/phone-1/handover", json=body).status_code == 403


def test_it_shows_an_office_only_devices_of_its_own_people(client, session, world):
    client.as_(world.field1, device_id="mine")
    client.as_(world.field2, device_id="theirs")
    remember_device(session, DeviceFacts("nobodys"))
    session.commit()
    listed = client.as_(world.unit1).get(DEVICES).json["items"]
    assert [(one["id"], [holder["name"] for holder in one["holders"]]) for one in listed] == [
        ("mine", ["field1"])
    ]


def test_it_lists_devices_page_by_page_and_by_person(client, world):
    for number in range(3):
        client.as_(world.field1, device_id=f"phone-{number}")
    client.as_(world.field2, device_id="other")
    hq = client.as_(world.hq1)
    first = hq.get(f"{DEVICES}?limit=3")
    assert [one["id"] for one in first.json["items"]] == ["other", "phone-0", "phone-1"]
    rest = hq.get(f"{DEVICES}?cursor={first.json['next_cursor']}").json
    assert [one["id"] for one in rest["items"]] == ["phone-2"]
    assert len(hq.get(f"{DEVICES}?user_id={world.field1.user_id}").json["items"]) == 3


def test_it_cuts_a_lost_phone_off_at_once(client, session, world):
    phone = signed_in(client, session, world.field1)
    assert client.as_(world.hq1).post(f"{DEVICES}/phone-1/revocation").status_code == 204
    assert client.get("/api/v1/me", headers=phone).status_code == 401
    assert client.post("/api/v1/sessions", json=credentials("field1")).json["code"] == "device_revoked"


def test_it_gives_a_phone_to_somebody_else(client, session, world):
    phone = signed_in(client, session, world.field1)
    body = {"to_user_id": str(world.field2.user_id)}
    given = client.as_(world.hq1).post(f"{DEVICES}/phone-1/handover", json=body)
    assert given.status_code == 201
    assert client.get("/api/v1/me", headers=phone).status_code == 401
    enrolled = client.post("/api/v1/sessions/enrol", json={"pin": given.json["pin"], "device": PHONE})
    assert enrolled.json["user"]["name"] == "field2"
    (device,) = client.as_(world.hq1).get(DEVICES).json["items"]
    assert [holder["name"] for holder in device["holders"]] == ["field2"]


@pytest.mark.parametrize("device_id", ["unknown", "%00", "%F0%9F%93%B1"])
def test_it_knows_no_unknown_device(client, world, device_id):
    assert client.as_(world.hq1).post(f"{DEVICES}/{device_id}/revocation").status_code == 404


def test_it_gives_nothing_to_nobody(client, session, world):
    signed_in(client, session, world.field1)
    body = {"to_user_id": "00000000-0000-4000-8000-000000000000"}
    assert client.as_(world.hq1).post(f"{DEVICES}/phone-1/handover", json=body).status_code == 404
