import io
import json
from dataclasses import replace

import pytest

from service.app import create_app
from service.kernel.datum import Datum, to_wgs84
from tests.support.client import Client
from tests.support.sheets import csv_of, sheet_of

PATH = "/api/hq/v1/enterprises"
HUAWEI, BYD = "914403001922038216", "91440300192317458F"
ROWS = [
    ("企业名称", "统一社会信用代码"),
    ("华为技术有限公司", HUAWEI),
    ("华为技术公司", ""),
    ("甲公司", "123"),
]


@pytest.fixture
def hq(client, world):
    return client.as_(world.hq1)


def register(hq, name="华为技术有限公司", **facts):
    answer = hq.post(PATH, json={"name": name, **facts})
    assert answer.status_code == 201, answer.get_json()
    return answer.get_json()


def send(person, raw, filename="a.csv", query=None, **fields):
    return person.post(
        f"{PATH}/imports", data={"file": (io.BytesIO(raw), filename), **fields}, query_string=query or {}
    )


def test_outsiders_get_nothing(client, world):
    assert client.get(PATH).status_code == 401
    for person in (world.field1, world.commissioner1):
        assert client.as_(person).get(PATH).status_code == 403


def test_a_units_office_reads_and_does_not_write(client, world, hq):
    made = register(hq)
    office = client.as_(world.unit1)
    assert office.get(f"{PATH}/{made['id']}").status_code == 200
    assert office.post(PATH, json={"name": "甲公司"}).status_code == 403
    assert office.patch(f"{PATH}/{made['id']}", json={"base_rev": 1, "city": "x"}).status_code == 403
    assert send(office, csv_of(ROWS)).status_code == 403


def test_it_registers_and_finds(hq):
    made = register(hq, credit_code=HUAWEI.lower(), aliases=["菊厂"], tags=["重点"], kind="enterprise")
    assert (made["credit_code"], made["rev"], made["initials"]) == (HUAWEI, 1, "HWJSYXGS")
    found = hq.get(PATH, query_string={"q": "菊厂"}).get_json()
    assert [one["id"] for one in found["items"]] == [made["id"]]


def test_it_names_the_holder_of_a_taken_code(hq):
    made = register(hq, credit_code=HUAWEI)
    answer = hq.post(PATH, json={"name": "别家", "credit_code": HUAWEI})
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "credit_code_taken"
    assert answer.get_json()["enterprise_id"] == made["id"]


def test_it_says_what_is_wrong_with_a_code(hq):
    answer = hq.post(PATH, json={"name": "华为", "credit_code": "9144O3001922038216"})
    (error,) = answer.get_json()["errors"]
    assert (answer.status_code, error["pointer"]) == (422, "/credit_code")
    assert HUAWEI in error["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": None},
        {"name": 5},
        {"name": "甲\u0000乙"},
        {"name": "甲", "kind": "bank"},
        {"name": "甲", "latitude": 91},
        {"name": "甲", "datum": "gcj02"},
        {"name": "甲", "latitude": 36.4, "longitude": None, "datum": "gcj02"},
        {"name": "甲", "tags": "重点"},
        {"name": "甲", "unknown": 1},
        {"name": "甲", "credit_code": 914403001922038216},
    ],
)
def test_it_refuses_a_wrong_body(hq, body):
    assert hq.post(PATH, json=body).status_code == 422


def test_it_keeps_a_position_of_another_datum_in_wgs84(hq):
    made = register(hq, latitude=36.456, longitude=115.985, datum="gcj02")
    shown = hq.get(f"{PATH}/{made['id']}").get_json()
    place = (shown["latitude"], shown["longitude"])
    assert place == pytest.approx(tuple(to_wgs84(36.456, 115.985, Datum.GCJ02)), abs=1e-9)
    changed = hq.patch(
        f"{PATH}/{made['id']}", json={"base_rev": 1, "latitude": 36.456, "longitude": 115.985}
    ).get_json()
    assert (changed["latitude"], changed["longitude"]) == (36.456, 115.985)


def test_it_changes_what_is_told_and_refuses_an_old_revision(hq):
    made = register(hq, city="深圳")
    place = f"{PATH}/{made['id']}"
    changed = hq.patch(place, json={"base_rev": 1, "well_known": True, "city": None}).get_json()
    assert (changed["well_known"], changed["city"], changed["rev"]) == (True, None, 2)
    stale = hq.patch(place, json={"base_rev": 1, "city": "东莞"})
    assert (stale.status_code, stale.get_json()["code"]) == (409, "revision_stale")


def test_aliases_come_and_go(hq):
    place = f"{PATH}/{register(hq)['id']}"
    alias = hq.post(f"{place}/aliases", json={"name": "菊厂"}).get_json()
    assert hq.get(place).get_json()["aliases"] == [alias]
    assert hq.delete(f"{place}/aliases/{alias['id']}").status_code == 204
    assert hq.get(place).get_json()["aliases"] == []


def test_a_group_is_made_confirmed_and_left(hq):
    place = f"{PATH}/{register(hq)['id']}"
    group = hq.post("/api/hq/v1/groups", json={"name": "华为集团"}).get_json()
    assert hq.post("/api/hq/v1/groups", json={"name": "华为集团"}).status_code == 409
    linked = hq.put(f"{place}/group", json={"group_id": group["id"]}).get_json()
    assert linked["group"]["confirmed"]
    (row,) = hq.get("/api/hq/v1/groups", query_string={"q": "华为"}).get_json()["items"]
    assert (row["members"], row["confirmed"]) == (1, 1)
    assert hq.delete(f"{place}/group").status_code == 204
    assert hq.get(place).get_json()["group"] is None


def test_duplicates_are_shown_merged_and_unmerged(hq):
    kept, merged = register(hq, "东阿阿胶股份有限公司"), register(hq, "东阿阿胶有限公司")
    (pair,) = hq.get("/api/hq/v1/duplicates").get_json()["items"]
    assert {pair["first"]["id"], pair["second"]["id"]} == {kept["id"], merged["id"]}
    merge = hq.post(f"{PATH}/{merged['id']}/merge", json={"into_id": kept["id"]})
    assert merge.status_code == 201
    assert hq.get(f"{PATH}/{merged['id']}").get_json()["merged_into_id"] == kept["id"]
    assert hq.get("/api/hq/v1/duplicates").get_json()["items"] == []
    gone = hq.patch(f"{PATH}/{merged['id']}", json={"base_rev": 2, "city": "x"})
    assert (gone.status_code, gone.get_json()["enterprise_id"]) == (409, kept["id"])
    undone = hq.post(f"/api/hq/v1/merges/{merge.get_json()['id']}/undo")
    assert undone.get_json()["undone_at"]
    assert hq.get(f"{PATH}/{merged['id']}").get_json()["merged_into_id"] is None


def test_two_that_look_alike_can_be_two(hq):
    register(hq, "东阿阿胶股份有限公司")
    register(hq, "东阿阿胶有限公司")
    (pair,) = hq.get("/api/hq/v1/duplicates").get_json()["items"]
    assert hq.post(f"/api/hq/v1/duplicates/{pair['id']}/distinct").status_code == 204
    assert hq.get("/api/hq/v1/duplicates").get_json()["items"] == []
    decided = hq.get("/api/hq/v1/duplicates", query_string={"state": "distinct"}).get_json()["items"]
    assert [one["id"] for one in decided] == [pair["id"]]


@pytest.mark.parametrize(
    ("raw", "filename"), [(csv_of(ROWS, "gb18030"), "a.csv"), (sheet_of(ROWS), "a.xlsx")]
)
def test_an_import_answers_a_line_for_each_row(hq, raw, filename):
    report = send(hq, raw, filename).get_json()
    assert (report["accepted"], report["merged"], report["refused"]) == (1, 1, 1)
    assert [row["outcome"] for row in report["rows"]] == ["accepted", "merged", "refused"]
    assert report["rows"][2]["reason"] == "credit_code_wrong"
    assert hq.get(f"{PATH}/imports/{report['id']}").get_json() == report


@pytest.mark.parametrize("place", ["query", "form"])
def test_a_dry_run_writes_nothing(hq, place):
    told = {"dry_run": "true"}
    answer = send(hq, csv_of(ROWS), query=told) if place == "query" else send(hq, csv_of(ROWS), **told)
    report = answer.get_json()
    assert (report["dry_run"], report["id"], report["accepted"]) == (True, None, 1)
    assert hq.get(PATH).get_json()["items"] == []


def test_rows_go_on_a_target_list_and_an_edition(hq, session, world):
    from service.programmes.target_lists import create_target_list

    create_target_list(session, world.hq1, world.programme.id, "重点企业")
    session.commit()
    edition = {
        "list_code": "china_500",
        "title": "中国企业500强",
        "year": 2025,
        "in_force_from": "2025-09-01",
    }
    assert hq.post("/api/hq/v1/list-editions", json=edition).status_code == 201
    options = {"list": "重点企业", "edition": "china_500:2025", "confirm": "true", "well_known": "true"}
    assert send(hq, csv_of(ROWS), **options).status_code == 200
    (row,) = hq.get(PATH, query_string={"list": "重点企业"}).get_json()["items"]
    assert (row["top500"], row["well_known"]) == (["中国企业500强（2025）"], True)


@pytest.mark.parametrize(
    "options",
    [
        {"list": "没有"},
        {"edition": "china_500:1999"},
        {"edition": "x"},
        {"edition": "china_500:٢٠٢٥"},
        {"mapping": "[1]"},
        {"mapping": json.dumps({"没有": "name"})},
        {"dry_run": "perhaps"},
        {"unknown": "1"},
    ],
)
def test_it_refuses_wrong_options(hq, options):
    assert send(hq, csv_of(ROWS), **options).status_code == 422


@pytest.mark.parametrize("raw", [b"", b"\x89PNG\r\n\x1a\n\x00", b"PK\x03\x04", "客户,其他\n甲,乙\n".encode()])
def test_it_refuses_a_file_that_is_no_list(hq, raw):
    assert send(hq, raw).status_code == 422


def test_it_refuses_a_file_over_the_limit(settings, sessions, store, session, world):
    app = create_app(replace(settings, import_limit_bytes=1000), sessions=sessions, store=store)
    hq = Client(app, session).as_(world.hq1)
    assert send(hq, csv_of([("企业名称",), ("甲公司",)])).status_code == 200
    assert send(hq, csv_of([("企业名称",), *[("甲公司",)] * 200])).status_code == 413


def test_it_asks_for_a_file(hq):
    assert hq.post(f"{PATH}/imports").status_code == 422
