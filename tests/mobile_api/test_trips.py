"""A phone files a trip, and the same answers hold as for every record."""

from datetime import date
from uuid import uuid4

import pytest

from service.kernel.ids import uuid7
from service.kernel.revisions import body_sha256
from tests.factories.submissions import visit_body
from tests.factories.trips import trip_body


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1)


def put(phone, body, trip_id=None, **options):
    return phone.put(f"/api/v1/trips/{trip_id or uuid7()}", json=body, **options)


def test_the_outsider_sees_nothing_and_learns_nothing(client, world, phone):
    path = f"/api/v1/trips/{put(phone, trip_body()).json['id']}"
    assert client.get(path).status_code == 401
    outsider = client.as_(world.colleague)
    assert outsider.get(path).status_code == 404
    assert outsider.get(f"{path}/revisions").status_code == 404
    assert outsider.post(f"{path}/withdrawal", json={"reason": "x"}).status_code == 404
    assert outsider.get("/api/v1/trips").json["items"] == []
    taken = outsider.put(path, json=trip_body())
    assert (taken.status_code, taken.json["code"]) == (409, "id_taken")
    assert "conflict" not in taken.json


def test_it_answers_with_the_record_and_its_receipt(phone, world):
    body = trip_body(
        leader={"name": "李区长", "rank": "正处级", "user_id": str(world.colleague.person_id)},
        participants=[{"name": "李区长"}, {"name": "张三"}, {"name": "王五", "unit_id": str(world.town.id)}],
        departs_half="pm",
        destinations=[{"province": "广东省", "city": "深圳市"}],
        campaign="招商周",
        organisations=[{"name": "深圳某某公司"}],
        projects=["新能源电池项目"],
        result="达成初步意向",
    )
    answer = put(phone, body)
    made = answer.json
    assert answer.status_code == 201
    assert answer.headers["ETag"].startswith('"1-')
    assert made["receipt"]["sha256"] == body_sha256(body)
    assert (made["rev"], made["kind"], made["people"], made["days"]) == (1, "outing", 3, "0.5")
    assert made["leader"]["rank"] == "county"
    assert (made["unit"]["name"], made["project_count"], made["filed"]) == ("东昌府区", 1, "before")
    assert (made["flags"], made["ignored_fields"]) == ([], [])


def test_it_answers_a_repeat_with_the_first_receipt(phone):
    body, trip_id = trip_body(result="原文"), uuid7()
    first = put(phone, body, trip_id)
    edit = put(phone, body | {"result": "改", "base_rev": 1}, trip_id)
    assert (edit.status_code, edit.json["rev"]) == (200, 2)
    late = put(phone, dict(reversed(body.items())), trip_id)
    assert (late.status_code, late.headers["Idempotency-Replayed"]) == (200, "true")
    assert late.json["receipt"] == first.json["receipt"]
    assert (late.json["rev"], late.json["result"]) == (2, "改")
    revisions = phone.get(f"/api/v1/trips/{trip_id}/revisions").json["items"]
    assert [one["rev"] for one in revisions] == [1, 2]


def test_it_keeps_other_content_under_the_same_id(phone):
    trip_id = uuid7()
    put(phone, trip_body(result="一"), trip_id)
    answer = put(phone, trip_body(result="二"), trip_id)
    assert (answer.status_code, answer.json["conflict"]["server_rev"]) == (409, 1)
    assert answer.json["conflict"]["href"] == f"/api/v1/trips/{trip_id}"
    assert phone.get("/api/v1/kept").json["items"][0]["record_type"] == "trip"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"leader": None}, "/leader"),
        ({"leader": {"name": "李区长", "rank": "大官"}}, "/leader/rank"),
        ({"returns_on": "2020-01-01"}, "/returns_on"),
        ({"departs_half": "pm", "returns_half": "am"}, "/returns_half"),
        ({"unit_id": str(uuid4())}, "/unit_id"),
        ({"participants": [{"name": "张三", "user_id": str(uuid4())}]}, "/participants/0/user_id"),
        ({"organisations": [{"enterprise_id": str(uuid4())}]}, "/organisations/0/enterprise_id"),
    ],
)
def test_it_quarantines_what_is_invalid_and_takes_it_when_repaired(phone, wrong, pointer):
    trip_id = uuid7()
    answer = put(phone, trip_body(**wrong), trip_id)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    assert answer.json["quarantine"]["id"]
    assert put(phone, trip_body(), trip_id).status_code == 201
    kept = phone.get("/api/v1/kept").json["items"]
    assert [one["settlement"] for one in kept] == ["accepted_later"]


def test_it_keeps_a_trip_of_a_unit_the_sender_does_not_answer_for(client, phone, world):
    answer = put(phone, trip_body(unit_id=str(world.chiping.id)))
    assert (answer.status_code, answer.json["code"]) == (403, "may_not_record_for")
    town = put(client.as_(world.unit1), trip_body(unit_id=str(world.town.id)))
    assert (town.status_code, town.json["unit"]["name"]) == (201, "古楼街道")


def test_it_lets_a_leader_read_and_not_file(client, world):
    answer = put(client.as_(world.leader1), trip_body())
    assert (answer.status_code, answer.json["code"]) == (403, "may_not_record")


def test_it_remarks_on_a_trip_that_was_filed_afterwards_without_a_reason(phone):
    past = {"departs_on": "2026-01-05", "returns_on": "2026-01-06"}
    bare, told = put(phone, trip_body(**past)), put(phone, trip_body(**past, filed_because="客商临时相邀"))
    assert [flag["code"] for flag in bare.json["flags"]] == ["filed_late_without_reason"]
    assert (told.json["filed"], told.json["flags"]) == ("after", [])


def test_it_is_taken_back_once_and_closed_to_edits(phone):
    trip_id = uuid7()
    put(phone, trip_body(), trip_id)
    path = f"/api/v1/trips/{trip_id}/withdrawal"
    assert phone.post(path, json={"reason": "填错"}).json["withdrawn_because"] == "填错"
    assert phone.post(path, json={"reason": "再来"}).json["withdrawn_because"] == "填错"
    answer = put(phone, trip_body(result="改", base_rev=1), trip_id)
    assert (answer.status_code, answer.json["code"]) == (409, "record_closed")


def test_it_fails_on_another_revision_than_the_header_names(phone):
    trip_id = uuid7()
    put(phone, trip_body(), trip_id)
    answer = put(phone, trip_body(result="改"), trip_id, headers={"If-Match": '"7"'})
    assert answer.status_code == 412


def test_it_pages_my_trips_the_latest_first(phone):
    for day in (1, 2, 3):
        put(phone, trip_body(departs_on=f"2026-03-0{day}", returns_on=f"2026-03-0{day}"))
    first = phone.get("/api/v1/trips?limit=2").json
    second = phone.get(f"/api/v1/trips?limit=2&cursor={first['next_cursor']}").json
    days = [one["departs_on"] for one in (*first["items"], *second["items"])]
    assert days == ["2026-03-03", "2026-03-02", "2026-03-01"]


def test_a_visit_may_name_a_trip_that_comes_later(client, phone, world):
    trip_id = str(uuid7())
    assert phone.put(f"/api/v1/visits/{uuid7()}", json=visit_body(trip_id=trip_id)).status_code == 201
    put(phone, trip_body(), trip_id)
    assert client.as_(world.hq1).get(f"/api/hq/v1/trips/{trip_id}").json["visits"] == 1


def test_a_batch_takes_a_trip_its_visit_and_its_withdrawal(phone):
    trip_id, other_id = str(uuid7()), str(uuid7())
    ops = [
        {"op_id": "1", "type": "trip", "id": trip_id, "body": trip_body()},
        {"op_id": "2", "type": "visit", "id": str(uuid7()), "body": visit_body(trip_id=trip_id)},
        {"op_id": "3", "type": "trip", "id": other_id, "body": trip_body(result="另一次")},
        {"op_id": "4", "type": "withdrawal", "id": other_id, "body": {"reason": "未成行"}},
        {"op_id": "5", "type": "trip", "id": str(uuid7()), "body": {"kind": "flight"}},
    ]
    results = phone.post("/api/v1/sync/push", json={"ops": ops}).json["results"]
    assert [one["status"] for one in results] == ["applied"] * 4 + ["quarantined"]
    again = phone.post("/api/v1/sync/push", json={"ops": ops}).json["results"]
    assert [one["status"] for one in again] == ["duplicate"] * 4 + ["quarantined"]
    assert again[0]["receipt"] == results[0]["receipt"]
    assert phone.get(f"/api/v1/trips/{other_id}").json["withdrawn_because"] == "未成行"


def test_headquarters_lets_in_what_was_kept(client, phone, world):
    trip_id = uuid7()
    kept = put(phone, trip_body(returns_on="2020-01-01"), trip_id).json["quarantine"]["id"]
    repaired = {"how": "repair", "body": trip_body()}
    answer = client.as_(world.hq1).post(f"/api/hq/v1/kept/{kept}/settlement", json=repaired)
    assert answer.status_code == 200
    assert phone.get(f"/api/v1/trips/{trip_id}").json["days"] == "1"


def test_it_says_days_as_an_office_does(phone):
    start = date(2026, 3, 2)
    body = trip_body(departs_on=str(start), returns_on="2026-03-04", returns_half="am")
    assert put(phone, body).json["days"] == "2.5"
