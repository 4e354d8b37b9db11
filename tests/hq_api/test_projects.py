"""Offices keep projects, sites, stations and assignments over HTTP."""

from uuid import uuid4

import pytest

from tests.factories.sites import add_assignment, add_project, add_site, add_station

HQ = "/api/hq/v1"
CIRCLE = {
    "kind": "circle",
    "datum": "gcj02",
    "centre": {"lat": 36.45677164, "lng": 115.99106937},
    "radius_m": 300,
}


@pytest.fixture
def office(client, world):
    return client.as_(world.hq1)


@pytest.fixture
def site(session, world):
    site = add_site(session, world.dongchangfu)
    session.commit()
    return site


def polygon(*corners):
    return {
        "kind": "polygon",
        "datum": "wgs84",
        "corners": [{"lat": lat, "lng": lng} for lat, lng in corners],
    }


@pytest.mark.parametrize("noun", ["projects", "sites", "stations", "assignments", "checkins"])
def test_it_shows_the_outsider_nothing(client, session, world, noun):
    project = add_project(session, world.dongchangfu)
    site = add_site(session, world.dongchangfu, project_id=project.id)
    add_station(session, world.dongchangfu, site)
    add_assignment(session, world.commissioner1, site)
    session.commit()
    assert client.get(f"{HQ}/{noun}").status_code == 401
    assert client.as_(world.field1).get(f"{HQ}/{noun}").status_code == 403
    assert client.as_(world.unit2).get(f"{HQ}/{noun}").get_json()["items"] == []
    assert client.as_(world.unit2).get(f"{HQ}/projects/{project.id}").status_code == 404
    assert client.as_(world.unit2).get(f"{HQ}/sites/{site.id}").status_code == 404


def test_it_lets_leaders_read_and_not_write(client, world, site):
    leader = client.as_(world.leader1)
    assert leader.get(f"{HQ}/sites/{site.id}").status_code == 200
    assert leader.post(f"{HQ}/sites/{site.id}/closing").status_code == 403
    new = {"name": "项目", "unit_id": str(world.chiping.id)}
    assert leader.post(f"{HQ}/projects", json=new).status_code == 403


def test_it_enters_a_project_and_moves_its_stage(office, world):
    new = {"name": "新材料项目", "unit_id": str(world.chiping.id), "total_investment_wan": "1.2亿"}
    made = office.post(f"{HQ}/projects", json=new)
    project = made.get_json()
    assert (made.status_code, project["stage"], project["total_investment_wan"]) == (201, "started", "12000")
    moved = office.patch(f"{HQ}/projects/{project['id']}", json={"stage": "completed"}).get_json()
    assert moved["stage"] == "completed"
    assert office.get(f"{HQ}/projects/{project['id']}").get_json() == moved
    assert office.get(f"{HQ}/projects?stage=completed").get_json()["items"] == [moved]
    assert office.get(f"{HQ}/projects?stage=lead").get_json()["items"] == []


def test_it_puts_the_day_of_a_stage_right_and_keeps_the_one_that_was_told_first(office, world):
    project = office.post(
        f"{HQ}/projects", json={"name": "新材料项目", "unit_id": str(world.chiping.id)}
    ).get_json()
    at = f"{HQ}/projects/{project['id']}"
    for day in ("2026-01-09", "2026-01-05", "2026-01-05"):
        assert office.patch(at, json={"stage": "completed", "stage_on": day}).status_code == 200
    told = office.get(f"{at}/stages").get_json()["items"]
    assert [(one["stage_before"], one["stage"], one["reached_on"]) for one in told[:-1]] == [
        ("completed", "completed", "2026-01-05"),
        ("started", "completed", "2026-01-09"),
    ]


def test_it_refuses_unknown_fields_at_headquarters_doors(office, world):
    new = {"name": "项目", "unit_id": str(world.chiping.id), "colour": "red"}
    answer = office.post(f"{HQ}/projects", json=new)
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == ["/colour"]


def test_it_enters_a_site_in_its_datum_and_shows_it_in_wgs84(office, world):
    new = {"name": "二号工地", "unit_id": str(world.chiping.id), "fence": CIRCLE}
    made = office.post(f"{HQ}/sites", json=new)
    site = made.get_json()["site"]
    assert made.status_code == 201
    assert site["fence"]["datum"] == "wgs84"
    assert site["fence"]["centre"]["lng"] == pytest.approx(115.985389, abs=1e-6)
    assert site["fence_as_given"] == CIRCLE | {"corners": None, "radius_m": 300.0}


@pytest.mark.parametrize(
    "fence",
    [
        polygon((36.0, 115.0), (36.1, 115.1), (36.0, 115.1), (36.2, 115.0)),
        polygon((36.0, 115.0), (36.1, 115.1)),
        {"kind": "polygon", "datum": "wgs84"},
        {"kind": "circle", "datum": "wgs84", "radius_m": 100},
        {"kind": "circle", "datum": "wgs84", "centre": {"lat": 36, "lng": 115}},
        {"kind": "circle", "datum": "wgs84", "centre": {"lat": 36, "lng": 115}, "radius_m": 0},
    ],
)
def test_it_refuses_what_is_no_fence_as_bad_fence(office, world, site, fence):
    new = {"name": "工地", "unit_id": str(world.chiping.id), "fence": fence}
    for answer in (
        office.post(f"{HQ}/sites", json=new),
        office.patch(f"{HQ}/sites/{site.id}", json={"fence": fence}),
    ):
        problem = answer.get_json()
        assert (answer.status_code, problem["code"]) == (422, "bad_fence")
        assert [fault["pointer"] for fault in problem["errors"]] == ["/fence"]


def test_it_demands_a_datum(office, world):
    fence = {name: value for name, value in CIRCLE.items() if name != "datum"}
    new = {"name": "工地", "unit_id": str(world.chiping.id), "fence": fence}
    answer = office.post(f"{HQ}/sites", json=new)
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == ["/fence/datum"]


def test_it_redraws_and_closes_a_site(office, site):
    square = polygon((36.0, 115.0), (36.0, 115.1), (36.1, 115.1), (36.1, 115.0))
    redrawn = office.patch(f"{HQ}/sites/{site.id}", json={"fence": square}).get_json()
    assert redrawn["site"]["fence"]["kind"] == "polygon"
    assert office.post(f"{HQ}/sites/{site.id}/closing").get_json()["site"]["closed_at"] is not None
    assert office.post(f"{HQ}/sites/{site.id}/closing").status_code == 404
    listed = {
        state: len(office.get(f"{HQ}/sites?state={state}").get_json()["items"])
        for state in ("open", "closed", "all")
    }
    assert listed == {"open": 0, "closed": 1, "all": 1}


def test_it_lists_sites_by_distance_from_a_place(office, site):
    items = office.get(f"{HQ}/sites?near=36.456684,115.985389").get_json()["items"]
    assert [one["distance_m"] for one in items] == [pytest.approx(0, abs=0.01)]


def test_it_sets_up_and_closes_a_station(office, world, site):
    new = {"name": "驻点", "unit_id": str(world.dongchangfu.id), "site_id": str(site.id)}
    station = office.post(f"{HQ}/stations", json=new).get_json()
    assert office.get(f"{HQ}/stations?site={site.id}").get_json()["items"] == [station]
    assert office.post(f"{HQ}/stations/{station['id']}/closing").get_json()["closed_at"] is not None
    assert office.get(f"{HQ}/stations").get_json()["items"] == []


def test_it_assigns_and_relieves_a_person(office, world, site):
    new = {
        "user_id": str(world.commissioner1.user_id),
        "site_id": str(site.id),
        "duty": "site_commissioner",
        "from_on": "2026-01-01",
    }
    made = office.post(f"{HQ}/assignments", json=new)
    assert (made.status_code, made.get_json()["user"]["name"]) == (201, "commissioner1")
    assert office.post(f"{HQ}/assignments", json=new).get_json()["code"] == "already_assigned"
    ended = office.post(
        f"{HQ}/assignments/{made.get_json()['id']}/ending", json={"until_on": "2026-03-01"}
    ).get_json()
    assert ended["until_on"] == "2026-03-01"
    asked = f"{HQ}/assignments?site={site.id}&on="
    assert len(office.get(f"{asked}2026-02-28").get_json()["items"]) == 1
    assert office.get(f"{asked}2026-03-01").get_json()["items"] == []
    assert office.get(f"{HQ}/sites/{site.id}").get_json()["assignments"] == [ended]


@pytest.mark.parametrize("field", ["user_id", "site_id"])
def test_it_points_at_who_or_what_is_not_there(office, world, site, field):
    new = {
        "user_id": str(world.commissioner1.user_id),
        "site_id": str(site.id),
        "duty": "sponsor",
        "from_on": "2026-01-01",
    } | {field: str(uuid4())}
    assert office.post(f"{HQ}/assignments", json=new).status_code == (422 if field == "user_id" else 404)


def test_it_answers_unknown_ids_with_404(office):
    nobody = uuid4()
    assert office.patch(f"{HQ}/projects/{nobody}", json={"stage": "lead"}).status_code == 404
    assert office.post(f"{HQ}/stations/{nobody}/closing").status_code == 404
    ending = {"until_on": "2026-03-01"}
    assert office.post(f"{HQ}/assignments/{nobody}/ending", json=ending).status_code == 404
