"""The tree of units at headquarters' door."""

import io

import pytest

UNITS = "/api/hq/v1/units"
CSV = "单位名称,上级单位,类型,分组\n阳谷县,聊城市,县市区,县市区\n怪单位,聊城市,飞船,\n"


@pytest.mark.parametrize("person", ["field1", "commissioner1", "department1"])
def test_it_shows_field_staff_nothing(client, world, person):
    assert client.as_(getattr(world, person)).get(UNITS).status_code == 403


def test_it_lets_no_stranger_in(client):
    assert client.get(UNITS).status_code == 401


@pytest.mark.parametrize("person", ["unit1", "leader1", "inspector1"])
def test_it_lets_only_headquarters_write(client, world, person):
    reader = client.as_(getattr(world, person))
    new = {"name": "某镇", "kind": "town", "parent_id": str(world.dongchangfu.id)}
    assert reader.post(UNITS, json=new).status_code == 403
    assert reader.patch(f"{UNITS}/{world.dongchangfu.id}", json={"name": "改名"}).status_code == 403
    assert (
        reader.post(f"{UNITS}/imports", data={"file": (io.BytesIO(CSV.encode()), "表.csv")}).status_code
        == 403
    )


def test_it_shows_an_office_its_own_branch(client, world):
    names = [one["name"] for one in client.as_(world.unit1).get(UNITS).json["items"]]
    assert names == ["东昌府区", "古楼街道"]


def test_it_lists_the_tree_from_the_root_page_by_page(client, world):
    hq = client.as_(world.hq1)
    whole = hq.get(UNITS).json["items"]
    assert [one["name"] for one in whole[:3]] == ["聊城市", "东昌府区", "茌平区"]
    assert [one["depth"] for one in whole] == [0, 1, 1, 1, 1, 1, 2]
    paged, cursor = [], ""
    while cursor is not None:
        answer = hq.get(f"{UNITS}?limit=2{cursor and '&cursor=' + cursor}")
        paged += answer.json["items"]
        cursor = answer.json["next_cursor"]
    assert paged == whole


@pytest.mark.parametrize(
    "cursor", ["x", "WyJhIl0", "WyJhIiwiYiIsImMiXQ", "WyJcdTAwMDAiLCJiIiwiYyJd", "bnVsbA"]
)
def test_it_refuses_a_cursor_that_is_not_its_own(client, world, cursor):
    assert client.as_(world.hq1).get(f"{UNITS}?cursor={cursor}").status_code == 422


def test_it_leaves_out_units_that_have_ended(client, world):
    hq = client.as_(world.hq1)
    hq.patch(f"{UNITS}/{world.zone.id}", json={"valid_until": "2026-07-01"})
    assert len(hq.get(f"{UNITS}?on=2026-06-30").json["items"]) == 7
    assert len(hq.get(f"{UNITS}?on=2026-07-01").json["items"]) == 6
    assert len(hq.get(UNITS).json["items"]) == 7


def test_it_opens_a_unit_below_another(client, world):
    new = {
        "name": "柳园街道",
        "kind": "town",
        "parent_id": str(world.dongchangfu.id),
        "valid_from": "2026-01-01",
    }
    answer = client.as_(world.hq1).post(UNITS, json=new)
    assert (answer.status_code, answer.json["depth"], answer.json["short_name"]) == (201, 2, "柳园街道")
    assert answer.json["parent_id"] == str(world.dongchangfu.id)
    again = client.as_(world.hq1).post(UNITS, json=new)
    assert (again.status_code, again.json["code"]) == (409, "unit_name_taken")


def test_it_allows_one_root(client, world):
    answer = client.as_(world.hq1).post(UNITS, json={"name": "德州市", "kind": "city"})
    assert (answer.status_code, answer.json["code"]) == (409, "root_exists")


@pytest.mark.parametrize(
    "change",
    [
        {"parent_id": "00000000-0000-4000-8000-000000000000"},
        {"kind": "zone"},
        {"lineage": []},
        {"id": "x"},
        {"name": ""},
        {"name": "a\u0000b"},
        {"division_code": "37"},
        {"position": -1},
        {"position": 2**31},
        {"valid_until": "2019-01-01"},
        {"valid_until": "9999-12-31"},
    ],
)
def test_it_refuses_to_change(client, world, change):
    answer = client.as_(world.hq1).patch(f"{UNITS}/{world.chiping.id}", json=change)
    assert answer.status_code == 422


def test_it_amends_a_unit(client, world):
    change = {"name": "茌平新区", "comparison_group": None, "position": 9, "division_code": "371599"}
    answer = client.as_(world.hq1).patch(f"{UNITS}/{world.chiping.id}", json=change)
    assert answer.status_code == 200
    assert {name: answer.json[name] for name in change} == change


def test_it_knows_no_unknown_unit(client, world):
    hq = client.as_(world.hq1)
    missing = "00000000-0000-4000-8000-000000000000"
    assert hq.patch(f"{UNITS}/{missing}", json={"name": "无"}).status_code == 404
    assert hq.post(UNITS, json={"name": "无", "kind": "town", "parent_id": missing}).status_code == 404


def test_it_imports_units_after_a_dry_run(client, world):
    hq = client.as_(world.hq1)
    for dry_run in ("true", "false"):
        file = {"file": (io.BytesIO(CSV.encode("gb18030")), "单位.csv")}
        answer = hq.post(f"{UNITS}/imports?dry_run={dry_run}", data=file)
        assert answer.status_code == 200
        assert (answer.json["opened"], answer.json["refused"]) == (1, 1)
        assert answer.json["lines"][1]["reasons"] == ["单位类型“飞船”无法识别"]
        there = "阳谷县" in [one["name"] for one in hq.get(UNITS).json["items"]]
        assert there is (dry_run == "false")


def test_it_says_that_a_file_is_missing_or_no_table(client, world):
    hq = client.as_(world.hq1)
    assert hq.post(f"{UNITS}/imports").status_code == 422
    assert (
        hq.post(f"{UNITS}/imports", data={"file": (io.BytesIO(b"\x00\x01\x02"), "x.xlsx")}).status_code == 422
    )
