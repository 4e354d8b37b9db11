"""Headquarters sees what was kept from the first day, and settles each body once, in its own way."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.accounts.models import User
from service.audit.models import AuditEntry
from service.submissions.models import KeptSubmission, RecordRevision
from service.visits.models import Visit
from tests.factories.submissions import visit_body


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1)


@pytest.fixture
def hq(client, world):
    return client.as_(world.hq1)


def put(phone, visit_id, body):
    return phone.put(f"/api/v1/visits/{visit_id}", json=body)


def kept_id_of(phone):
    return phone.get("/api/v1/kept?open=true").get_json()["items"][0]["id"]


def settle(hq, kept_id, how, **more):
    return hq.post(f"/api/hq/v1/kept/{kept_id}/settlement", json={"how": how, **more})


@pytest.fixture
def conflict(phone):
    """A record whose other content was kept: `(visit id, first body, kept body, kept id)`."""
    visit_id, body = uuid4(), visit_body(summary="先到")
    put(phone, visit_id, body)
    other = body | {"summary": "后到"}
    assert put(phone, visit_id, other).status_code == 409
    return visit_id, body, other, kept_id_of(phone)


@pytest.fixture
def quarantined(phone):
    visit_id, body = uuid4(), visit_body(mode="by_balloon", hosts=[{"name": "王五", "phone": "13806351234"}])
    assert put(phone, visit_id, body).status_code == 422
    return visit_id, body, kept_id_of(phone)


def test_only_headquarters_comes_in(client, world, quarantined):
    _visit_id, _body, kept_id = quarantined
    for person in (world.field1, world.unit1, world.leader1, world.inspector1):
        other = client.as_(person)
        assert other.get("/api/hq/v1/kept").status_code == 403
        assert other.get(f"/api/hq/v1/kept/{kept_id}").status_code == 403
        assert settle(other, kept_id, "discard", note="x").status_code == 403
    assert client.get("/api/hq/v1/kept").status_code == 401


def test_it_lists_what_is_kept_by_its_reason(hq, conflict, quarantined, world):
    listed = hq.get("/api/hq/v1/kept").get_json()["items"]
    assert [one["because"] for one in listed] == ["quarantined", "conflict"]
    (one,) = hq.get("/api/hq/v1/kept?because=conflict&open=true&type=visit").get_json()["items"]
    assert (one["id"], one["author_name"], one["unit_name"]) == (conflict[3], "field1", "东昌府区")
    assert (one["server_rev"], one["record_id"]) == (1, str(conflict[0]))
    assert hq.get(f"/api/hq/v1/kept?unit={world.chiping.id}").get_json()["items"] == []
    page = hq.get("/api/hq/v1/kept?limit=1").get_json()
    rest = hq.get(f"/api/hq/v1/kept?limit=1&cursor={page['next_cursor']}").get_json()
    assert [page["items"][0]["because"], rest["items"][0]["because"]] == ["quarantined", "conflict"]


def test_it_shows_any_bytes_safely(phone, hq):
    raw = b'{"summary": "\\u0000", "x": NaN}'
    phone.put(f"/api/v1/visits/{uuid4()}", data=raw, headers={"Content-Type": "application/json"})
    shown = hq.get(f"/api/hq/v1/kept/{kept_id_of(phone)}").get_json()
    assert (shown["text"], shown["is_cut"]) == (raw.decode(), False)
    assert hq.get(f"/api/hq/v1/kept/{uuid4()}").status_code == 404


def test_the_server_stands(phone, hq, conflict):
    visit_id, body, _other, kept_id = conflict
    settled = settle(hq, kept_id, "server_stands", note="以先到为准")
    assert settled.get_json() == {"id": kept_id, "settlement": "server_stands", "record_id": None}
    assert phone.get(f"/api/v1/visits/{visit_id}").get_json()["summary"] == body["summary"]
    (told,) = phone.get("/api/v1/kept").get_json()["items"]
    assert (told["settlement"], told["settlement_note"]) == ("server_stands", "以先到为准")


def test_the_kept_body_replaces_the_servers_as_its_authors(phone, hq, conflict, session, world):
    visit_id, _body, other, kept_id = conflict
    assert settle(hq, kept_id, "replace").get_json()["record_id"] == str(visit_id)
    visit = phone.get(f"/api/v1/visits/{visit_id}").get_json()
    assert (visit["rev"], visit["summary"], visit["recorded_by"]) == (
        2,
        other["summary"],
        str(world.field1.user_id),
    )
    revision = session.get(RecordRevision, (visit_id, 2))
    assert revision.author_id == world.field1.user_id
    deciders = session.execute(
        sa.select(AuditEntry.action, AuditEntry.actor_id).where(
            AuditEntry.subject_id == str(visit_id), AuditEntry.actor_id == world.hq1.user_id
        )
    ).all()
    assert {row.action for row in deciders} == {"visit.edit", "visit.settle"}
    again = put(phone, visit_id, other)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")


def test_the_kept_body_becomes_a_record_of_its_own(phone, hq, conflict, session, world):
    visit_id, body, other, kept_id = conflict
    new_id = settle(hq, kept_id, "new_record").get_json()["record_id"]
    assert new_id != str(visit_id)
    made = phone.get(f"/api/v1/visits/{new_id}").get_json()
    assert (made["summary"], made["visitor_id"]) == (other["summary"], str(world.field1.user_id))
    assert phone.get(f"/api/v1/visits/{visit_id}").get_json()["summary"] == body["summary"]
    assert phone.get("/api/v1/kept").get_json()["items"][0]["became_record_id"] == new_id
    assert session.scalar(sa.select(sa.func.count()).select_from(Visit)) == 2


def test_what_met_a_taken_id_becomes_a_record_of_its_own(client, phone, hq, world):
    visit_id = uuid4()
    put(phone, visit_id, visit_body())
    other = client.as_(world.field2)
    put(other, visit_id, visit_body(summary="别人的"))
    kept_id = kept_id_of(other)
    assert settle(hq, kept_id, "replace").get_json()["code"] == "cannot_settle_so"
    new_id = settle(hq, kept_id, "new_record").get_json()["record_id"]
    assert other.get(f"/api/v1/visits/{new_id}").get_json()["unit"]["name"] == "茌平区"


def test_a_quarantined_body_is_repaired_by_the_schema_of_its_door(phone, hq, quarantined):
    visit_id, body, kept_id = quarantined
    refused = settle(hq, kept_id, "repair", body=body)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/mode")
    settled = settle(hq, kept_id, "repair", body=body | {"mode": "online"}, note="电话核实为线上")
    assert settled.get_json() == {"id": kept_id, "settlement": "repaired", "record_id": str(visit_id)}
    visit = phone.get(f"/api/v1/visits/{visit_id}").get_json()
    assert (visit["mode"], visit["hosts"][0]["phone"], visit["rev"]) == ("online", "13806351234", 1)
    assert phone.get("/api/v1/kept?open=true").get_json()["items"] == []


def test_bytes_without_meaning_need_a_corrected_body(phone, hq):
    visit_id = uuid4()
    phone.put(
        f"/api/v1/visits/{visit_id}", data=b'{"a":1,"a":2}', headers={"Content-Type": "application/json"}
    )
    kept_id = kept_id_of(phone)
    assert settle(hq, kept_id, "repair").get_json()["errors"][0]["pointer"] == "/body"
    assert settle(hq, kept_id, "repair", body=visit_body()).status_code == 200


def test_an_unpermitted_body_is_let_in(client, hq, world, session):
    visit_id = uuid4()
    phone = client.as_(world.field1)
    session.execute(sa.update(User).where(User.id == world.field1.user_id).values(roles=[]))
    session.commit()
    assert put(phone, visit_id, visit_body()).status_code == 403
    assert settle(hq, kept_id_of(phone), "replace").status_code == 200
    visit = phone.get(f"/api/v1/visits/{visit_id}").get_json()
    assert (visit["rev"], visit["visitor"]["name"], visit["unit"]["name"]) == (1, "field1", "东昌府区")


def test_an_administrator_settles_as_well(client, world, phone, conflict):
    assert settle(client.as_(world.admin), conflict[3], "replace").status_code == 200
    assert phone.get(f"/api/v1/visits/{conflict[0]}").get_json()["rev"] == 2


def test_discarding_needs_a_reason_and_keeps_the_bytes(hq, quarantined, session):
    _visit_id, _body, kept_id = quarantined
    assert settle(hq, kept_id, "discard").get_json()["errors"][0]["pointer"] == "/note"
    assert settle(hq, kept_id, "discard", note="测试数据").status_code == 200
    assert b"by_balloon" in session.scalar(sa.select(KeptSubmission.raw))


@pytest.mark.parametrize(("how", "status"), [("server_stands", 422), ("replace", 422), ("new_record", 422)])
def test_a_decision_must_fit_why_it_was_kept(hq, quarantined, how, status):
    answer = settle(hq, quarantined[2], how)
    assert (answer.status_code, answer.get_json()["code"]) == (status, "cannot_settle_so")


@pytest.mark.parametrize("how", ["replace", "new_record", "server_stands"])
def test_only_a_repair_brings_another_body(hq, conflict, how):
    refused = settle(hq, conflict[3], how, body=conflict[1] | {"summary": "不是任何人写的"})
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/body")


def test_a_body_is_settled_once(hq, conflict):
    assert settle(hq, conflict[3], "server_stands").status_code == 200
    answer = settle(hq, conflict[3], "replace")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "already_settled")


def test_settling_one_body_leaves_the_others_open(phone, hq, conflict):
    visit_id, body, _other, kept_id = conflict
    put(phone, visit_id, body | {"summary": "第三份"})
    settle(hq, kept_id, "replace")
    (left,) = phone.get("/api/v1/kept?open=true").get_json()["items"]
    assert left["because"] == "conflict"
