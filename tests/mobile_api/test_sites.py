"""A phone asks which sites are its person's, and how far they are."""

import pytest

from tests.factories.sites import (
    LIAOCHENG,
    add_assignment,
    add_project,
    add_site,
    add_station,
    checkin_body,
    circle,
    square,
)

NEAR = f"/api/v1/sites?near={LIAOCHENG[0]},{LIAOCHENG[1]}"


@pytest.fixture
def sites(session, world):
    project = add_project(session, world.dongchangfu)
    far = add_site(
        session, world.dongchangfu, name="远", fence=circle((36.6, 115.985389)), project_id=project.id
    )
    near = add_site(session, world.chiping, name="近", fence=square())
    add_assignment(session, world.commissioner1, near)
    add_station(session, world.dongchangfu, far, name="驻点办公室")
    session.commit()
    return near, far


def test_it_shows_a_stranger_nothing(client, world, sites):
    assert client.get("/api/v1/sites").status_code == 401
    assert client.as_(world.department1).get(NEAR).get_json() == {"items": [], "next_cursor": None}


def test_it_lists_my_sites_nearest_first_with_all_the_phone_needs(client, world, sites):
    near, far = client.as_(world.commissioner1).get(NEAR).get_json()["items"]
    assert (near["name"], near["duties"], near["project"]) == ("近", ["site_commissioner"], None)
    assert (near["fence"]["kind"], len(near["fence"]["corners"])) == ("polygon", 4)
    assert near["distance_m"] == pytest.approx(0, abs=0.01)
    assert far["distance_m"] == pytest.approx(15_936, abs=5)
    assert far["fence"] == {
        "kind": "circle",
        "datum": "wgs84",
        "centre": {"lat": 36.6, "lng": 115.985389},
        "radius_m": 300.0,
        "corners": None,
    }
    assert far["project"]["name"] == "铜铝精深加工项目"
    assert [station["name"] for station in far["stations"]] == ["驻点办公室"]
    assert far["last_checkin"] is None


def test_it_lists_without_distances_when_no_place_is_given(client, world, sites):
    items = client.as_(world.commissioner1).get("/api/v1/sites").get_json()["items"]
    assert [site["distance_m"] for site in items] == [None, None]


def test_it_shows_when_i_was_last_there(client, world, sites):
    phone = client.as_(world.commissioner1)
    made = phone.put(f"/api/v1/checkins/{sites[0].id}", json=checkin_body(sites[0])).get_json()
    near, _far = phone.get(NEAR).get_json()["items"]
    assert near["last_checkin"] == {"id": made["id"], "at": made["at"], "kind": "service"}


@pytest.mark.parametrize("near", ["36", "36,115,1", "a,b", "91,0", "nan,0", "36;115", "inf,inf"])
def test_it_refuses_a_place_that_is_none(client, world, near):
    answer = client.as_(world.commissioner1).get("/api/v1/sites", query_string={"near": near})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == ["/near"]


def test_it_pages_by_distance(client, world, sites):
    phone = client.as_(world.commissioner1)
    first = phone.get(f"{NEAR}&limit=1").get_json()
    following = phone.get(f"{NEAR}&limit=1&cursor={first['next_cursor']}").get_json()
    assert [one["items"][0]["name"] for one in (first, following)] == ["近", "远"]
    assert following["next_cursor"] is None
    assert phone.get(f"/api/v1/sites?cursor={first['next_cursor']}").status_code == 422
