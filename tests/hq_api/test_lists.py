import pytest

PATH = "/api/hq/v1/list-editions"
EDITION = {"list_code": "china_500", "title": "中国企业500强", "year": 2025, "in_force_from": "2025-09-01"}


@pytest.fixture
def hq(client, world):
    return client.as_(world.hq1)


@pytest.fixture
def edition(hq):
    answer = hq.post(PATH, json=EDITION)
    assert answer.status_code == 201
    return answer.get_json()["id"]


@pytest.fixture
def enterprise(hq):
    return hq.post("/api/hq/v1/enterprises", json={"name": "信发集团有限公司"}).get_json()["id"]


def place(hq, edition, **told):
    return hq.post(f"{PATH}/{edition}/places", json={"listed_name": "信发集团", "rank": 21} | told)


def test_outsiders_get_nothing(client, world):
    assert client.get(PATH).status_code == 401
    assert client.as_(world.field1).get(PATH).status_code == 403
    assert client.as_(world.unit1).post(PATH, json=EDITION).status_code == 403


def test_an_edition_is_made_once_and_changed(hq, edition):
    assert hq.post(PATH, json=EDITION).get_json()["id"] == edition
    assert (
        hq.patch(f"{PATH}/{edition}", json={"title": "五百强", "in_force_from": "2025-10-01"}).status_code
        == 204
    )
    (row,) = hq.get(PATH).get_json()["items"]
    assert (row["title"], row["in_force_from"], row["places"]) == ("五百强", "2025-10-01", 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"list_code": "中国"},
        {"year": 99},
        {"in_force_from": "2025"},
        {"title": ""},
        {"more": 1},
        {"year": "2025"},
    ],
)
def test_it_refuses_a_wrong_edition(hq, wrong):
    assert hq.post(PATH, json=EDITION | wrong).status_code == 422


def test_a_place_counts_once_it_is_confirmed(hq, edition, enterprise):
    made = place(hq, edition, enterprise_id=enterprise).get_json()["id"]
    assert hq.get(f"/api/hq/v1/enterprises/{enterprise}").get_json()["top500"] == []
    confirm = {"place_ids": [made]}
    assert hq.post("/api/hq/v1/list-places/confirmations", json=confirm).get_json() == {"confirmed": 1}
    assert hq.post("/api/hq/v1/list-places/confirmations", json=confirm).get_json() == {"confirmed": 0}
    assert hq.get(f"/api/hq/v1/enterprises/{enterprise}").get_json()["top500"] == ["中国企业500强（2025）"]
    assert hq.delete(f"/api/hq/v1/list-places/{made}").status_code == 204
    assert hq.get(f"{PATH}/{edition}/places").get_json()["items"] == []


def test_a_place_of_the_group_is_its_members(hq, edition, enterprise):
    group = hq.post("/api/hq/v1/groups", json={"name": "信发集团"}).get_json()["id"]
    assert place(hq, edition, group_id=group, confirmed=True).status_code == 201
    hq.put(f"/api/hq/v1/enterprises/{enterprise}/group", json={"group_id": group, "confirmed": False})
    assert hq.get(f"/api/hq/v1/enterprises/{enterprise}").get_json()["top500"] == []
    hq.put(f"/api/hq/v1/enterprises/{enterprise}/group", json={"group_id": group})
    seen = hq.get(f"/api/hq/v1/enterprises/{enterprise}").get_json()
    assert seen["top500"] == ["中国企业500强（2025）"]
    assert [one["through_group"] for one in seen["memberships"]] == [True]


def test_a_newer_edition_takes_the_place_of_the_old(hq, edition, enterprise):
    place(hq, edition, enterprise_id=enterprise, confirmed=True)
    hq.post(PATH, json=EDITION | {"year": 2026, "in_force_from": "2026-01-01"})
    assert hq.get(f"/api/hq/v1/enterprises/{enterprise}").get_json()["top500"] == []


def test_a_place_has_one_holder_and_only_once(hq, edition, enterprise):
    group = hq.post("/api/hq/v1/groups", json={"name": "信发集团"}).get_json()["id"]
    assert place(hq, edition).status_code == 422
    assert place(hq, edition, enterprise_id=enterprise, group_id=group).status_code == 422
    assert place(hq, edition, enterprise_id=enterprise).status_code == 201
    assert place(hq, edition, enterprise_id=enterprise).status_code == 409
    assert place(hq, edition, enterprise_id=group).status_code == 404
    assert place(hq, group, enterprise_id=enterprise).status_code == 404


def test_places_are_paged_by_rank(hq, edition):
    for rank in (3, 1, 2):
        made = hq.post("/api/hq/v1/enterprises", json={"name": f"第{rank}公司"}).get_json()["id"]
        place(hq, edition, enterprise_id=made, rank=rank)
    first = hq.get(f"{PATH}/{edition}/places", query_string={"limit": 2}).get_json()
    rest = hq.get(
        f"{PATH}/{edition}/places", query_string={"limit": 2, "cursor": first["next_cursor"]}
    ).get_json()
    assert [one["rank"] for one in first["items"] + rest["items"]] == [1, 2, 3]
