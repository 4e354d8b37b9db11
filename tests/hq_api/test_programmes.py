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


def test_it_sets_all_targets_and_says_what_the_units_lack(client, world):
    targets = [
        {"line": "thousand", "level": "working", "subjects": 1000},
        {"line": "thousand", "unit_id": str(world.chiping.id), "level": "working", "subjects": 400},
        {"line": "thousand", "unit_id": str(world.zone.id), "level": "working", "subjects": 500},
    ]
    answer = client.as_(world.hq1).put(
        f"/api/hq/v1/programmes/{world.programme.id}/targets", json={"targets": targets}
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
