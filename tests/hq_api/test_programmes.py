from datetime import date
from io import BytesIO
from uuid import uuid4

import pytest

from service.visits.ledger import recount
from tests.factories.visits import add_enterprise, add_visit

NEW = {"name": "2031年千百工程", "year": 2031, "starts_on": "2031-01-01", "ends_on": "2031-12-31"}
TABLE = """单位,指标,计划目标,工作目标,奋斗目标
东昌府区,知名企业和商协会,100,120,150
茌平区,三类500强,10家,12,
某某区,知名企业,1,2,3
临清市,知名企业,一百,,
东昌府区,千家,1,2,3
合计,千,"1,000",1100,1300
"""


def upload(client, world, *, dry_run):
    return client.as_(world.hq1).post(
        f"/api/hq/v1/programmes/{world.programme.id}/targets/imports?dry_run={str(dry_run).lower()}",
        data={"file": (BytesIO(TABLE.encode("gb18030")), "目标.csv")},
        content_type="multipart/form-data",
    )


@pytest.mark.parametrize("who", ["unit1", "leader1"])
def test_it_lets_only_headquarters_write(client, world, who):
    person = client.as_(getattr(world, who))
    path = f"/api/hq/v1/programmes/{world.programme.id}"
    assert person.post("/api/hq/v1/programmes", json=NEW).status_code == 403
    assert person.patch(path, json={"name": "别的"}).status_code == 403
    assert person.put(f"{path}/targets", json={"targets": []}).status_code == 403
    assert person.post(f"{path}/lists", json={"name": "库"}).status_code == 403
    assert person.get(path).status_code == 200


def test_it_makes_a_programme_with_the_usual_rules(client, world):
    made = client.as_(world.hq1).post("/api/hq/v1/programmes", json=NEW)
    assert made.status_code == 201
    assert made.json["counting_policy"] == "approved"
    assert made.json["top500_lists"] == ["fortune_global_500", "china_500", "china_private_500"]
    listed = client.as_(world.hq1).get("/api/hq/v1/programmes").json["items"]
    assert [one["id"] for one in listed] == [made.json["id"], str(world.programme.id)]


def test_it_refuses_an_end_before_the_start(client, world):
    answer = client.as_(world.hq1).post("/api/hq/v1/programmes", json=NEW | {"ends_on": "2030-12-31"})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/ends_on"


def test_it_counts_visits_again_when_rules_change(client, session, world):
    visit = add_visit(
        session, world.field1, add_enterprise(session, well_known=False), date(world.programme.year, 1, 5)
    )
    recount(session, [visit.id])
    session.commit()
    hq = client.as_(world.hq1)

    def counted():
        return hq.get("/api/hq/v1/progress/overview").json["lines"][0]["counted"]

    assert counted() == 0
    hq.patch(f"/api/hq/v1/programmes/{world.programme.id}", json={"thousand_scope": "any"})
    assert counted() == 1
    hq.patch(f"/api/hq/v1/programmes/{world.programme.id}", json={"counted_modes": ["online"]})
    assert counted() == 0


def test_it_changes_nothing_once_closed(client, world):
    hq, path = client.as_(world.hq1), f"/api/hq/v1/programmes/{world.programme.id}"
    assert hq.post(f"{path}/closure").json["closed_at"]
    answer = hq.patch(path, json={"name": "别的"})
    assert (answer.status_code, answer.json["code"]) == (409, "programme_closed")


def test_it_refuses_a_second_programme_of_the_same_days(client, world):
    hq, year = client.as_(world.hq1), world.programme.year
    twin = NEW | {"year": year, "starts_on": f"{year}-06-01", "ends_on": f"{year}-12-31"}
    answer = hq.post("/api/hq/v1/programmes", json=twin)
    assert (answer.status_code, answer.json["code"]) == (409, "programme_overlaps")
    assert world.programme.name in answer.json["detail"]
    assert answer.json["programme_id"] == str(world.programme.id)
    assert hq.post("/api/hq/v1/programmes", json=twin | {"allow_overlap": True}).status_code == 201


def test_it_does_not_move_a_programme_onto_another(client, world):
    hq, year = client.as_(world.hq1), world.programme.year
    made = hq.post("/api/hq/v1/programmes", json=NEW).json
    moved = {"year": year, "starts_on": f"{year}-06-01", "ends_on": f"{year}-12-31"}
    path = f"/api/hq/v1/programmes/{made['id']}"
    assert hq.patch(path, json=moved).json["code"] == "programme_overlaps"
    assert hq.patch(path, json=moved | {"allow_overlap": True}).status_code == 200
    assert hq.patch(path, json={"name": "别的"}).status_code == 200


def test_it_makes_a_programme_beside_a_closed_one(client, world):
    hq, year = client.as_(world.hq1), world.programme.year
    hq.post(f"/api/hq/v1/programmes/{world.programme.id}/closure")
    twin = NEW | {"year": year, "starts_on": f"{year}-06-01", "ends_on": f"{year}-12-31"}
    assert hq.post("/api/hq/v1/programmes", json=twin).status_code == 201


def test_it_deletes_an_empty_programme_only(client, session, world):
    hq = client.as_(world.hq1)
    made = hq.post("/api/hq/v1/programmes", json=NEW).json
    path = f"/api/hq/v1/programmes/{made['id']}"
    hq.post(f"{path}/lists", json={"name": "空库"})
    target = {"line": "thousand", "level": "working", "subjects": 1}
    hq.put(f"{path}/targets", json={"targets": [target]})
    assert client.as_(world.leader1).delete(path).status_code == 403
    assert hq.delete(path).json["code"] == "programme_not_empty"
    hq.put(f"{path}/targets?replace=true", json={"targets": []})
    visit = add_visit(session, world.field1, add_enterprise(session), date(2031, 1, 5))
    recount(session, [visit.id])
    session.commit()
    assert hq.delete(path).json["code"] == "programme_not_empty"
    hq.patch(path, json={"starts_on": "2031-02-01"})
    assert hq.delete(path).status_code == 204
    assert hq.get(path).status_code == 404


def test_it_takes_the_targets_it_lists_back(client, world):
    hq, path = client.as_(world.hq1), f"/api/hq/v1/programmes/{world.programme.id}/targets"
    before = hq.get(path).json["items"]
    assert hq.put(f"{path}?replace=true", json={"targets": before}).json["items"] == before
    assert hq.put(path, json={"targets": before}).json["items"] == before


def test_it_keeps_targets_that_are_not_named_and_takes_away_what_is_null(client, world):
    hq, path = client.as_(world.hq1), f"/api/hq/v1/programmes/{world.programme.id}/targets"
    unit = str(world.chiping.id)
    row = {"line": "thousand", "unit_id": unit, "targets": {"baseline": 10, "working": 12}}
    hq.put(path, json={"targets": [row]})
    answer = hq.put(path, json={"targets": [row | {"targets": {"baseline": None}}]}).json["items"]
    found = {(one["unit_id"], one["line"]): one["targets"] for one in answer}
    assert found[unit, "thousand"] == {"baseline": None, "working": 12, "striving": None}
    assert found[None, "hundred"] == {"baseline": 90, "working": 100, "striving": 120}


def test_it_refuses_levels_that_fall(client, world):
    hq, path = client.as_(world.hq1), f"/api/hq/v1/programmes/{world.programme.id}/targets"
    unit = str(world.chiping.id)
    row = {"line": "thousand", "unit_id": unit, "targets": {"baseline": 10, "working": 9, "striving": 12}}
    answer = hq.put(path, json={"targets": [row]})
    assert (answer.status_code, answer.json["code"]) == (422, "bad_targets")
    assert [one["pointer"] for one in answer.json["errors"]] == ["/targets/0/targets/working"]
    beside_what_is_set = {"line": "thousand", "level": "working", "subjects": 800}
    answer = hq.put(path, json={"targets": [beside_what_is_set]})
    assert [one["pointer"] for one in answer.json["errors"]] == ["/targets/0/subjects"]
    assert "900" in answer.json["errors"][0]["detail"]


@pytest.mark.parametrize(
    "row",
    [
        {"line": "thousand"},
        {"line": "thousand", "level": "working"},
        {"line": "thousand", "level": "working", "subjects": 1, "targets": {}},
    ],
)
def test_it_wants_one_way_to_say_a_target(client, world, row):
    path = f"/api/hq/v1/programmes/{world.programme.id}/targets"
    assert client.as_(world.hq1).put(path, json={"targets": [row]}).status_code == 422


def test_it_refuses_rows_of_a_file_whose_levels_fall(client, world):
    table = "单位,指标,计划目标,工作目标,奋斗目标\n临清市,千,5,4,6\n茌平区,千,5,6,7\n全市,千,,,800\n"
    answer = client.as_(world.hq1).post(
        f"/api/hq/v1/programmes/{world.programme.id}/targets/imports",
        data={"file": (BytesIO(table.encode()), "目标.csv")},
        content_type="multipart/form-data",
    )
    assert (answer.json["accepted"], [one["line_no"] for one in answer.json["refused"]]) == (1, [2, 4])
    assert "计划目标 5 高于工作目标 4" in answer.json["refused"][0]["reason"]


def test_it_sets_all_targets_and_says_what_the_units_lack(client, world):
    targets = [
        {"line": "thousand", "level": "working", "subjects": 1000},
        {"line": "thousand", "unit_id": str(world.chiping.id), "level": "working", "subjects": 400},
        {"line": "thousand", "unit_id": str(world.zone.id), "level": "working", "subjects": 500},
    ]
    answer = client.as_(world.hq1).put(
        f"/api/hq/v1/programmes/{world.programme.id}/targets?replace=true", json={"targets": targets}
    )
    assert len(answer.json["items"]) == 3
    assert answer.json["roll_up"] == [
        {"line": "thousand", "level": "working", "city": 1000, "units": 900, "short": 100}
    ]


def test_it_refuses_targets_of_unknown_units_and_twice(client, world):
    target = {"line": "thousand", "unit_id": str(uuid4()), "level": "working", "subjects": 1}
    answer = client.as_(world.hq1).put(
        f"/api/hq/v1/programmes/{world.programme.id}/targets", json={"targets": [target, target]}
    )
    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.json["errors"]} >= {"/targets/0/unit_id", "/targets/1"}


def test_it_tries_a_table_of_targets_without_writing(client, world):
    answer = upload(client, world, dry_run=True).json
    assert (answer["accepted"], len(answer["targets"])) == (3, 8)
    assert [one["line_no"] for one in answer["refused"]] == [4, 5, 6]
    targets = client.as_(world.hq1).get(f"/api/hq/v1/programmes/{world.programme.id}/targets").json["items"]
    assert all(one["unit_id"] is None for one in targets)


def test_it_sets_targets_by_file_and_leaves_the_others(client, world):
    upload(client, world, dry_run=False)
    items = client.as_(world.hq1).get(f"/api/hq/v1/programmes/{world.programme.id}/targets").json["items"]
    found = {(one["unit_id"], one["line"]): one["targets"] for one in items}
    assert found[str(world.dongchangfu.id), "thousand"] == {"baseline": 100, "working": 120, "striving": 150}
    assert found[str(world.chiping.id), "hundred"] == {"baseline": 10, "working": 12, "striving": None}
    assert found[None, "thousand"]["baseline"] == 1000
    assert found[None, "hundred"]["working"] == 100
    assert client.as_(world.unit1).get("/api/v1/me").json["targets"][0]["working"] == 120


def test_it_keeps_target_lists_and_what_is_on_them_counts(client, session, world):
    enterprise = add_enterprise(session, well_known=False)
    visit = add_visit(session, world.field1, enterprise, date(world.programme.year, 1, 5))
    recount(session, [visit.id])
    session.commit()
    hq, lists = client.as_(world.hq1), f"/api/hq/v1/programmes/{world.programme.id}/lists"
    made = hq.post(lists, json={"name": "重点目标企业"}).json
    assert hq.post(lists, json={"name": "重点目标企业"}).json["code"] == "target_list_name_taken"
    entry = {"enterprise_id": str(enterprise.id), "unit_id": str(world.chiping.id)}
    assert hq.post(f"{lists}/{made['id']}/entries", json={"entries": [entry]}).json["changed"] == [
        str(enterprise.id)
    ]
    assert hq.get(f"{lists}/{made['id']}/entries").json["items"][0]["unit"] == "茌平区"
    assert hq.get(lists).json["items"][0]["entries"] == 1
    path = f"/api/hq/v1/visits/{visit.id}"
    assert hq.get(path).json["counting"]["counted"]
    hq.post(f"{lists}/{made['id']}/removals", json={"enterprise_ids": [str(enterprise.id)]})
    assert hq.get(path).json["counting"]["reasons"][0]["code"] == "not_listed"
