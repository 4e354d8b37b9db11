"""A visit's way in: new, repeated, edited, in conflict, refused and kept, withdrawn."""

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from service.accounts.models import User
from service.audit.models import AuditEntry
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.ids import uuid7
from service.kernel.revisions import body_sha256
from service.submissions.models import KeptSubmission, RecordRevision, Settlement
from service.visits.models import ReviewState, Visit
from tests.factories.submissions import visit_body, whole_visit_body
from tests.factories.visits import add_enterprise


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1)


def put(phone, visit_id, body, **options):
    return phone.put(f"/api/v1/visits/{visit_id}", json=body, **options)


def submitted(phone, **facts):
    answer = put(phone, uuid4(), visit_body(**facts))
    assert answer.status_code == 201, answer.get_json()
    return answer.get_json()


# ── who sees what ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_outsider_sees_nothing(client, world, phone):
    visit = submitted(phone)
    path = f"/api/v1/visits/{visit['id']}"
    assert client.get(path).status_code == 401
    for stranger in (world.colleague, world.unit1, world.field2, world.hq1):
        other = client.as_(stranger)
        assert other.get(path).status_code == 404
        assert other.get(f"{path}/revisions").status_code == 404
        assert other.post(f"{path}/withdrawal", json={"reason": "不是我的"}).status_code == 404
        assert other.get("/api/v1/visits").get_json()["items"] == []
    assert client.get("/api/v1/visits").status_code == 401
    assert client.get("/api/v1/kept").status_code == 401


def test_it_says_nothing_about_the_record_behind_a_taken_id(client, world, phone):
    visit = submitted(phone)
    answer = put(client.as_(world.field2), visit["id"], visit_body())
    problem = answer.get_json()
    assert (answer.status_code, problem["code"]) == (409, "id_taken")
    assert not {"conflict", "kept", "quarantine"} & problem.keys()
    (kept,) = client.as_(world.field2).get("/api/v1/kept").get_json()["items"]
    assert (kept["because"], kept["record_id"]) == ("id_taken", visit["id"])


# ── new ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_takes_every_field_of_the_contract(phone, session, world):
    enterprise = add_enterprise(session)
    body = whole_visit_body(enterprise_id=enterprise.id, joint_units=[str(world.chiping.id)])
    visit_id = str(uuid7())
    answer = put(phone, visit_id, body)
    visit = answer.get_json()
    assert answer.status_code == 201
    for field in (
        "mode",
        "method",
        "place",
        "location",
        "led_by",
        "participants",
        "hosts",
        "summary",
        "intention",
    ):
        assert visit[field] == body[field], field
    for field in (
        "amount_wan",
        "next_step",
        "next_on",
        "trip_id",
        "joint_units",
        "photo_ids",
        "enterprise_id",
    ):
        assert visit[field] == body[field], field
    assert visit["enterprise_name"] == enterprise.name
    assert (visit["rev"], visit["review_state"], visit["recorded_by"]) == (
        1,
        "submitted",
        str(world.field1.user_id),
    )
    assert visit["unit"] == {"id": str(world.dongchangfu.id), "name": "东昌府区"}
    assert visit["photos"] == {"expected": 2, "received": 0, "missing": body["photo_ids"]}
    assert visit["counting"]["reasons"]
    assert visit["number"].startswith(f"LC-{local_date(now()).year}-")


def test_the_receipt_is_what_the_phone_can_check(phone):
    visit_id, body = str(uuid7()), whole_visit_body()
    receipt = put(phone, visit_id, body).get_json()["receipt"]
    assert (receipt["id"], receipt["rev"]) == (visit_id, 1)
    assert receipt["sha256"] == body_sha256(body)


def test_base_rev_is_not_part_of_the_hash(phone):
    visit_id, body = uuid4(), visit_body()
    put(phone, visit_id, body)
    edit = body | {"summary": "新"}
    answer = put(phone, visit_id, edit | {"base_rev": 1})
    assert answer.get_json()["receipt"]["sha256"] == body_sha256(edit)


def test_it_names_and_keeps_the_fields_it_does_not_know(phone, session):
    visit_id = uuid4()
    body = visit_body(weather="晴", hosts=[{"name": "王五", "wechat": "x"}])
    assert sorted(put(phone, visit_id, body).get_json()["ignored_fields"]) == ["/hosts/0/wechat", "/weather"]
    stored = session.scalar(sa.select(RecordRevision.body).where(RecordRevision.record_id == visit_id))
    assert stored == body


def test_it_keeps_the_unit_the_visitor_had_on_that_day(phone, session, world):
    visit = submitted(phone)
    session.execute(sa.update(User).where(User.id == world.field1.user_id).values(unit_id=world.chiping.id))
    session.commit()
    assert phone.get(f"/api/v1/visits/{visit['id']}").get_json()["unit"]["name"] == "东昌府区"


def test_it_follows_an_enterprise_that_was_merged(phone, session):
    kept, merged, first = (add_enterprise(session, name) for name in ("甲", "乙", "丙"))
    merged.merged_into_id, first.merged_into_id = kept.id, merged.id
    session.flush()
    assert submitted(phone, enterprise_id=str(merged.id))["enterprise_id"] == str(kept.id)
    assert submitted(phone, enterprise_id=str(first.id))["enterprise_id"] == str(kept.id)


def test_it_leaves_one_audit_entry(phone, session):
    visit = submitted(phone)
    entries = session.scalars(sa.select(AuditEntry).where(AuditEntry.subject_id == visit["id"])).all()
    assert [(one.action, one.details["sha256"]) for one in entries] == [
        ("visit.submit", visit["receipt"]["sha256"])
    ]


# ── again ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_repeat_gets_the_first_answer(phone):
    visit_id, body = uuid4(), visit_body()
    first = put(phone, visit_id, body)
    again = put(phone, visit_id, dict(reversed(body.items())))
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.get_json() == first.get_json()
    assert "Idempotency-Replayed" not in first.headers


def test_a_late_repeat_of_revision_one_gets_its_own_receipt(phone):
    visit_id, body = uuid4(), visit_body()
    first = put(phone, visit_id, body).get_json()
    second = put(phone, visit_id, body | {"summary": "补充", "base_rev": 1}).get_json()
    late = put(phone, visit_id, body)
    assert (late.status_code, late.headers["Idempotency-Replayed"]) == (200, "true")
    assert late.get_json()["receipt"] == first["receipt"]
    assert (late.get_json()["rev"], late.get_json()["summary"]) == (2, "补充")
    late_edit = put(phone, visit_id, body | {"summary": "补充", "base_rev": 1})
    assert late_edit.get_json()["receipt"] == second["receipt"]


def test_a_repeat_is_answered_after_the_role_is_lost(phone, session, world):
    visit_id, body = uuid4(), visit_body()
    first = put(phone, visit_id, body).get_json()
    session.execute(sa.update(User).where(User.id == world.field1.user_id).values(roles=["leader"]))
    session.commit()
    again = put(phone, visit_id, body)
    assert (again.status_code, again.get_json()["receipt"]) == (200, first["receipt"])


# ── edits and conflicts ──────────────────────────────────────────────────────────────────────────────────────────


def test_other_content_under_the_same_id_is_a_conflict_and_kept(phone, session):
    visit_id, body = uuid4(), visit_body()
    first = put(phone, visit_id, body).get_json()
    other = body | {"summary": "另一份"}
    answer = put(phone, visit_id, other)
    assert answer.status_code == 409
    assert answer.get_json()["conflict"] == {
        "id": str(visit_id),
        "server_rev": 1,
        "server_sha256": first["receipt"]["sha256"],
        "href": f"/api/v1/visits/{visit_id}",
        "kept_sha256": body_sha256(other),
    }
    assert put(phone, visit_id, other).get_json()["conflict"] == answer.get_json()["conflict"]
    assert session.scalar(sa.select(sa.func.count()).select_from(KeptSubmission)) == 1
    assert phone.get(answer.get_json()["conflict"]["href"]).get_json()["rev"] == 1


def test_a_conflict_is_solved_by_a_put_on_top_of_the_servers_revision(phone, session):
    visit_id, body = uuid4(), visit_body()
    put(phone, visit_id, body)
    other = body | {"summary": "另一份"}
    server_rev = put(phone, visit_id, other).get_json()["conflict"]["server_rev"]
    solved = put(phone, visit_id, other | {"base_rev": server_rev})
    assert (solved.status_code, solved.get_json()["rev"]) == (200, 2)
    assert "Idempotency-Replayed" not in solved.headers
    kept = session.scalars(sa.select(KeptSubmission)).one()
    assert kept.settlement is Settlement.ACCEPTED_LATER


def test_a_stale_base_rev_is_a_conflict(phone):
    visit_id, body = uuid4(), visit_body()
    put(phone, visit_id, body)
    put(phone, visit_id, body | {"summary": "二", "base_rev": 1})
    assert put(phone, visit_id, body | {"summary": "三", "base_rev": 1}).status_code == 409
    assert put(phone, visit_id, body | {"summary": "三", "base_rev": 7}).status_code == 409


def test_an_edit_back_to_the_first_content_is_an_edit(phone):
    visit_id, body = uuid4(), visit_body()
    put(phone, visit_id, body)
    put(phone, visit_id, body | {"summary": "二", "base_rev": 1})
    back = put(phone, visit_id, body | {"base_rev": 2})
    assert (back.status_code, back.get_json()["rev"]) == (200, 3)
    assert "summary" not in body
    assert back.get_json()["summary"] is None
    again = put(phone, visit_id, body | {"base_rev": 2})
    assert (again.get_json()["receipt"]["rev"], again.headers["Idempotency-Replayed"]) == (3, "true")


def test_a_stale_return_to_the_first_content_is_a_conflict_not_a_repeat(phone):
    visit_id, body = uuid4(), visit_body()
    put(phone, visit_id, body)
    put(phone, visit_id, body | {"summary": "二", "base_rev": 1})
    put(phone, visit_id, body | {"summary": "三", "base_rev": 2})
    assert put(phone, visit_id, body | {"base_rev": 2}).status_code == 409


def test_an_edit_of_a_record_the_server_does_not_know_is_new(phone):
    assert put(phone, uuid4(), visit_body(base_rev=3)).status_code == 201


def test_a_failed_if_match_is_412_and_keeps_nothing(phone, session):
    visit_id, body = uuid4(), visit_body()
    put(phone, visit_id, body)
    edit = body | {"summary": "二"}
    refused = put(phone, visit_id, edit, headers={"If-Match": '"7"'})
    assert (refused.status_code, refused.get_json()["code"]) == (412, "stale")
    assert session.scalar(sa.select(sa.func.count()).select_from(KeptSubmission)) == 0
    assert put(phone, uuid4(), body, headers={"If-Match": "*"}).status_code == 412


def test_the_tag_of_a_read_may_stand_in_if_match(phone):
    visit_id, body = uuid4(), visit_body()
    put(phone, visit_id, body)
    tag = phone.get(f"/api/v1/visits/{visit_id}").headers["ETag"]
    edited = put(phone, visit_id, body | {"summary": "二"}, headers={"If-Match": tag})
    assert (edited.status_code, edited.get_json()["rev"]) == (200, 2)
    again = put(phone, visit_id, body | {"summary": "二"}, headers={"If-Match": tag})
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert phone.get(f"/api/v1/visits/{visit_id}", headers={"If-None-Match": tag}).status_code == 200


def test_an_unchanged_visit_is_not_sent_again(phone):
    visit = submitted(phone)
    tag = phone.get(f"/api/v1/visits/{visit['id']}").headers["ETag"]
    assert phone.get(f"/api/v1/visits/{visit['id']}", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("state", [ReviewState.APPROVED, ReviewState.RETURNED, ReviewState.UNIT_APPROVED])
def test_an_edit_goes_back_to_submitted(phone, session, state):
    visit_id, body = uuid4(), visit_body()
    put(phone, visit_id, body)
    session.execute(sa.update(Visit).values(review_state=state, review_reason="原因"))
    session.commit()
    edited = put(phone, visit_id, body | {"summary": "改", "base_rev": 1}).get_json()
    assert (edited["review_state"], edited["review_reason"]) == ("submitted", None)


@pytest.mark.parametrize("state", [ReviewState.VOIDED, ReviewState.WITHDRAWN])
def test_an_edit_of_a_closed_visit_is_kept_beside_it(phone, session, state):
    visit_id, body = uuid4(), visit_body()
    put(phone, visit_id, body)
    session.execute(sa.update(Visit).values(review_state=state))
    session.commit()
    answer = put(phone, visit_id, body | {"summary": "改", "base_rev": 1})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "record_closed")
    assert answer.get_json()["conflict"]["server_rev"] == 1
    assert put(phone, visit_id, body).status_code == 200
    assert len(phone.get("/api/v1/kept").get_json()["items"]) == 1


def test_a_match_survives_an_edit_that_leaves_the_free_entry_alone(phone, session):
    visit_id, body = uuid4(), visit_body()
    put(phone, visit_id, body)
    enterprise = add_enterprise(session)
    session.execute(sa.update(Visit).values(enterprise_id=enterprise.id, matched_at=now()))
    session.commit()
    kept = put(phone, visit_id, body | {"summary": "改", "base_rev": 1}).get_json()
    assert kept["enterprise_id"] == str(enterprise.id)
    other = put(phone, visit_id, body | {"enterprise": {"name": "另一家"}, "base_rev": 2}).get_json()
    assert other["enterprise_id"] is None


# ── refused and kept ─────────────────────────────────────────────────────────────────────────────────────────────


def test_an_invalid_body_is_quarantined_and_a_valid_one_closes_it(phone, session):
    visit_id, wrong = uuid4(), visit_body(mode="by_balloon")
    first = put(phone, visit_id, wrong)
    problem = first.get_json()
    assert (first.status_code, problem["client_action"], problem["retryable"]) == (422, "quarantine", False)
    assert problem["errors"][0]["pointer"] == "/mode"
    assert problem["quarantine"]["sha256"] == body_sha256(wrong)
    assert put(phone, visit_id, wrong).get_json()["quarantine"] == problem["quarantine"]
    (kept,) = phone.get("/api/v1/kept?open=true").get_json()["items"]
    assert (kept["because"], kept["id"]) == ("quarantined", problem["quarantine"]["id"])
    assert put(phone, visit_id, wrong | {"mode": "online"}).status_code == 201
    assert phone.get("/api/v1/kept?open=true").get_json()["items"] == []
    (closed,) = phone.get("/api/v1/kept").get_json()["items"]
    assert closed["settlement"] == "accepted_later"
    raw = session.scalar(sa.select(KeptSubmission.raw))
    assert b"by_balloon" in raw


def test_a_lost_role_is_kept_as_unpermitted(client, world):
    leader = client.as_(world.leader1)
    answer = put(leader, uuid4(), visit_body())
    assert (answer.status_code, answer.get_json()["code"]) == (403, "may_not_record")
    (kept,) = leader.get("/api/v1/kept").get_json()["items"]
    assert (kept["because"], kept["id"]) == ("unpermitted", answer.get_json()["kept"]["id"])


def test_it_takes_no_more_than_the_bound_for_one_person(phone, app, monkeypatch):
    from dataclasses import replace

    from service.http.work import EXTENSION

    house = app.extensions[EXTENSION]
    small = replace(house, settings=replace(house.settings, kept_per_person=2))
    monkeypatch.setitem(app.extensions, EXTENSION, small)
    wrong = visit_body(mode="?")
    ids = [uuid4() for _ in range(3)]
    assert [put(phone, one, wrong).status_code for one in ids] == [422, 422, 429]
    full = put(phone, ids[2], wrong)
    assert (full.get_json()["code"], full.get_json()["client_action"]) == ("kept_full", "wait")
    assert full.headers["Retry-After"]
    assert put(phone, ids[0], wrong).status_code == 422


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"enterprise": None}, "/enterprise_id"),
        ({"enterprise_id": str(uuid4())}, "/enterprise_id"),
        ({"enterprise": {"name": "甲"}, "enterprise_id": str(uuid4())}, "/enterprise_id"),
        ({"ended_at": "2020-01-01T00:00:00+08:00"}, "/ended_at"),
        ({"next_on": "2020-01-01"}, "/next_on"),
        ({"joint_units": [str(uuid4())]}, "/joint_units/0"),
        ({"visitor_id": str(uuid4())}, "/visitor_id"),
        ({"visited_at": "2026-03-02T10:00:00"}, "/visited_at"),
        ({"visited_at": "9999-12-31T23:59:59+00:00"}, "/visited_at"),
        ({"amount_wan": "1000000000000"}, "/amount_wan"),
        ({"amount_wan": 12}, "/amount_wan"),
        ({"method": "by_balloon"}, "/method"),
        ({"photo_ids": ["x"]}, "/photo_ids/0"),
        ({"location": {"lat": 91, "lng": 0, "datum": "wgs84", "source": "gps"}}, "/location/lat"),
        ({"location": {"lat": 1, "lng": 0, "datum": "cgcs2000", "source": "gps"}}, "/location/datum"),
        ({"hosts": [{"name": "王\x07五"}]}, "/hosts/0/name"),
        ({"summary": "长" * 4001}, "/summary"),
    ],
)
def test_it_says_where_a_body_is_wrong(phone, facts, pointer):
    body = visit_body(**facts)
    if "enterprise" in facts and "enterprise_id" in facts:
        body["enterprise"] = facts["enterprise"]
    answer = put(phone, uuid4(), body)
    assert answer.status_code == 422, answer.get_json()
    assert pointer in [error["pointer"] for error in answer.get_json()["errors"]]
    assert answer.get_json()["quarantine"]["id"]


def test_it_speaks_english_when_asked(phone):
    answer = put(phone, uuid4(), visit_body(mode="?"), headers={"Accept-Language": "en"})
    assert answer.get_json()["detail"] == "What was sent is not valid"
    kept = phone.get("/api/v1/kept", headers={"Accept-Language": "en"}).get_json()["items"][0]
    assert kept["errors"][0]["detail"].startswith("Must be one of")
    assert (
        phone.get("/api/v1/kept").get_json()["items"][0]["errors"][0]["detail"].startswith("只能是其中之一")
    )


# ── for others, and from paper ───────────────────────────────────────────────────────────────────────────────────


def test_it_records_for_a_colleague_of_the_same_unit(client, phone, world):
    visit = submitted(phone, visitor_id=str(world.colleague.user_id))
    assert visit["visitor"]["name"] == "colleague"
    assert visit["recorded_by"] == str(world.field1.user_id)
    colleague = client.as_(world.colleague)
    assert colleague.get(f"/api/v1/visits/{visit['id']}").status_code == 200
    assert [one["id"] for one in colleague.get("/api/v1/visits").get_json()["items"]] == [visit["id"]]


def test_the_visitor_may_edit_what_a_colleague_recorded(client, phone, world):
    visit_id, body = uuid4(), visit_body(visitor_id=str(world.colleague.user_id))
    put(phone, visit_id, body)
    edited = put(client.as_(world.colleague), visit_id, body | {"summary": "本人补充", "base_rev": 1})
    assert (edited.status_code, edited.get_json()["rev"]) == (200, 2)
    assert edited.get_json()["recorded_by"] == str(world.field1.user_id)


def test_it_does_not_record_for_people_of_other_units(client, phone, world):
    for_other = visit_body(visitor_id=str(world.field2.user_id))
    answer = put(phone, uuid4(), for_other)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "may_not_record_for")
    assert put(client.as_(world.unit1), uuid4(), for_other).status_code == 403
    assert put(client.as_(world.unit2), uuid4(), for_other).status_code == 201
    assert put(client.as_(world.hq1), uuid4(), for_other).status_code == 201


def test_a_visit_from_paper_is_flagged_and_taken(phone):
    then = (now() - timedelta(days=40)).isoformat()
    visit = submitted(phone, visited_at=then)
    assert "recorded_late" in [flag["code"] for flag in visit["flags"]]


# ── lists, withdrawal, history ───────────────────────────────────────────────────────────────────────────────────


def test_my_visits_are_paged_by_key(phone):
    made = [
        submitted(phone, visited_at=(now() - timedelta(hours=hours)).isoformat())["id"] for hours in range(5)
    ]
    seen, path = [], "/api/v1/visits?limit=2"
    while path:
        answer = phone.get(path)
        seen += [one["id"] for one in answer.get_json()["items"]]
        link = answer.headers.get("Link")
        path = link.split(">")[0].removeprefix("<") if link else None
    assert seen == made
    assert phone.get("/api/v1/visits?limit=1001").status_code == 422
    assert phone.get("/api/v1/visits?cursor=WyJ4IiwieSJd").status_code == 422


def test_a_list_costs_the_same_number_of_queries_however_long(phone, connection):
    statements = []
    sa.event.listen(connection, "before_cursor_execute", lambda *seen: statements.append(seen[2]))

    def cost():
        statements.clear()
        phone.get("/api/v1/visits")
        return len([one for one in statements if one.lstrip().startswith(("SELECT", "WITH"))])

    put(phone, uuid4(), whole_visit_body())
    one = cost()
    for _ in range(4):
        put(phone, uuid4(), whole_visit_body())
    assert cost() == one
    assert one <= 5


def test_a_new_visit_costs_few_statements_in_fewer_round_trips(phone, session, connection, monkeypatch):
    enterprise = add_enterprise(session)
    statements, parcels = [], []
    sa.event.listen(connection, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
    send = psycopg.Connection.pipeline
    monkeypatch.setattr(psycopg.Connection, "pipeline", lambda driver: parcels.append(driver) or send(driver))
    submitted(phone, enterprise_id=str(enterprise.id))
    assert len([one for one in statements if "SAVEPOINT" not in one]) <= 10
    assert len(parcels) <= 4


def test_a_visit_is_withdrawn_once_and_leaves_the_count(phone, session):
    visit = submitted(phone)
    path = f"/api/v1/visits/{visit['id']}/withdrawal"
    assert phone.post(path, json={}).status_code == 422
    gone = phone.post(path, json={"reason": "填错企业"}).get_json()
    assert (gone["review_state"], gone["review_reason"]) == ("withdrawn", "填错企业")
    again = phone.post(path, json={"reason": "再次"})
    assert (again.status_code, again.get_json()["review_reason"]) == (200, "填错企业")
    actions = session.scalars(sa.select(AuditEntry.action).where(AuditEntry.subject_id == visit["id"])).all()
    assert actions == ["visit.submit", "visit.withdraw"]


def test_a_voided_visit_cannot_be_withdrawn(phone, session):
    visit = submitted(phone)
    session.execute(sa.update(Visit).values(review_state=ReviewState.VOIDED))
    session.commit()
    answer = phone.post(f"/api/v1/visits/{visit['id']}/withdrawal", json={"reason": "x"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "already_voided")


def test_the_revisions_are_as_they_were_sent(phone):
    visit_id, body = uuid4(), visit_body(hosts=[{"name": "王五", "phone": "13806351234"}])
    put(phone, visit_id, body)
    edit = body | {"summary": "二"}
    put(phone, visit_id, edit | {"base_rev": 1})
    items = phone.get(f"/api/v1/visits/{visit_id}/revisions").get_json()["items"]
    assert [(one["rev"], one["body"]) for one in items] == [(1, body), (2, edit)]
    assert [one["receipt"]["sha256"] for one in items] == [body_sha256(body), body_sha256(edit)]
