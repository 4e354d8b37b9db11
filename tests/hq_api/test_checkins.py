"""Offices read the check-ins of their units."""

import pytest

from service.kernel.ids import uuid7
from tests.factories.sites import add_site, checkin_body, location_at

PATH = "/api/hq/v1/checkins"
MOMENT = "2025-05-01T09:00:00+08:00"


@pytest.fixture
def made(client, session, world):
    site = add_site(session, world.dongchangfu)
    session.commit()
    body = checkin_body(site, at=MOMENT, captured_at=MOMENT, location=location_at((36.46, 115.985389)))
    return client.as_(world.commissioner1).put(f"/api/v1/checkins/{uuid7()}", json=body).get_json()


def test_it_shows_another_unit_nothing(client, world, made):
    assert client.as_(world.commissioner1).get(PATH).status_code == 403
    assert client.as_(world.unit2).get(PATH).get_json()["items"] == []
    assert client.as_(world.unit2).get(f"{PATH}/{made['id']}").status_code == 404


@pytest.mark.parametrize("name", ["unit1", "hq1", "leader1", "inspector1"])
def test_it_shows_offices_the_verdict_and_not_the_exact_place(client, world, made, name):
    shown = client.as_(getattr(world, name)).get(f"{PATH}/{made['id']}").get_json()
    assert shown["number"] == made["number"]
    assert [flag["code"] for flag in shown["flags"]] == ["outside_fence", "not_assigned"]
    assert shown["distance_m"] == made["distance_m"]
    assert "location" not in shown


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("from=2025-05-01&to=2025-05-02", 1),
        ("from=2025-05-02", 0),
        ("to=2025-05-01", 0),
        ("kind=service", 1),
        ("kind=leave", 0),
        ("site={site}", 1),
        ("unit={unit}&user={user}", 1),
    ],
)
def test_it_filters(client, world, made, asked, count):
    asked = asked.format(site=made["site_id"], unit=made["unit"]["id"], user=made["user"]["id"])
    assert len(client.as_(world.hq1).get(f"{PATH}?{asked}").get_json()["items"]) == count
