"""Contacts, looks at positions and requests at headquarters' doors."""

from datetime import date
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from service.audit.models import AuditEntry
from service.jobs.workshop import Workshop
from service.privacy.jobs import erase, search
from service.privacy.models import PositionView
from service.privacy.retention import Policy, retain
from service.submissions.models import RecordRevision
from tests.factories.photos import add_claim, add_photo
from tests.factories.sites import LIAOCHENG, add_assignment, add_site, checkin_body, location_at
from tests.factories.submissions import visit_body
from tests.factories.visits import add_enterprise, add_visit

HOST = {"name": "王五", "title": "总经理", "phone": "13806351234"}
HERE = {"lat": LIAOCHENG[0], "lng": LIAOCHENG[1], "datum": "wgs84", "source": "gps", "accuracy_m": 10.0}
REASON = {"reason": "核实走访情况"}


@pytest.fixture
def visit(session, world):
    def make(by=None, **facts):
        usual = {
            "hosts": [HOST],
            "summary": "请联系 13806351234",
            "location": HERE,
            "latitude": LIAOCHENG[0],
            "longitude": LIAOCHENG[1],
        }
        on = date(world.programme.year, 1, 5)
        made = add_visit(
            session, by or world.field1, add_enterprise(session, f"{uuid4()}"), on, **(usual | facts)
        )
        revision = session.get_one(RecordRevision, (made.id, made.rev))
        revision.body = {"location": made.location, "hosts": made.hosts}
        session.commit()
        return made

    return make


@pytest.fixture
def workshop(settings, sessions, store):
    return Workshop(settings, sessions, store)


def looks(session):
    session.expire_all()
    return [
        (one.viewer_id, one.person_id, one.door.value, one.record_id)
        for one in session.scalars(sa.select(PositionView).order_by(PositionView.id))
    ]


# ── contacts ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_contacts_are_revealed_to_nobody_outside_their_rows(client, world, visit):
    at = f"/api/hq/v1/visits/{visit().id}/contacts"
    assert client.post(at, json=REASON).status_code == 401
    for person, status in (("field1", 403), ("leader1", 403), ("unit2", 404)):
        assert client.as_(getattr(world, person)).post(at, json=REASON).status_code == status, person
    for person in ("unit1", "hq1", "inspector1", "admin"):
        assert client.as_(getattr(world, person)).post(at, json=REASON).status_code == 200, person


def test_a_partner_sees_a_joint_visit_and_not_its_contacts(client, world, visit):
    joint = visit(joint_unit_ids=[world.chiping.id])
    partner = client.as_(world.unit2)
    assert partner.get(f"/api/hq/v1/visits/{joint.id}").status_code == 200
    assert partner.post(f"/api/hq/v1/visits/{joint.id}/contacts", json=REASON).status_code == 404


def test_it_masks_contacts_until_a_reason_is_given_and_notes_it(client, session, world, visit):
    seen, hq = visit(), client.as_(world.hq1)
    for shown in (
        hq.get("/api/hq/v1/visits").json["items"][0],
        hq.get(f"/api/hq/v1/visits/{seen.id}").json,
    ):
        assert shown["hosts"][0]["phone"] == "138****1234"
        assert shown["summary"] == "请联系 138****1234"
    told = hq.post(f"/api/hq/v1/visits/{seen.id}/contacts", json=REASON)
    assert (told.json["hosts"], told.json["summary"]) == ([HOST], "请联系 13806351234")
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "visit.reveal_contacts")).one()
    assert (entry.actor_id, entry.subject_id, entry.details) == (world.hq1.person_id, str(seen.id), REASON)


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "看"}, {"reason": None}])
def test_no_reason_no_contacts(client, session, world, visit, body):
    answer = client.as_(world.hq1).post(f"/api/hq/v1/visits/{visit().id}/contacts", json=body)
    assert answer.status_code == 422
    assert session.scalar(sa.select(sa.func.count()).where(AuditEntry.action == "visit.reveal_contacts")) == 0


def test_a_check_in_s_note_is_masked(client, world, session):
    site, checkin_id = add_site(session, world.dongchangfu), uuid4()
    add_assignment(session, world.commissioner1, site)
    session.commit()
    body = checkin_body(site, note="找老王 13806351234")
    client.as_(world.commissioner1).put(f"/api/v1/checkins/{checkin_id}", json=body)
    hq = client.as_(world.hq1)
    assert hq.get("/api/hq/v1/checkins").json["items"][0]["note"] == "找老王 138****1234"
    (revision,) = hq.get(f"/api/hq/v1/checkins/{checkin_id}/history").json["revisions"]
    assert revision["body"]["note"] == "找老王 138****1234"


# ── who looked at whose position ─────────────────────────────────────────────────────────────────────────────────


def test_lists_show_positions_to_a_kilometre_and_log_nothing(client, session, world, visit):
    visit()
    for path in ("/api/hq/v1/visits", "/api/hq/v1/reviews/queue"):
        (shown, *_) = client.as_(world.hq1).get(path).json["items"] or [None]
        if shown:
            shown = shown.get("visit", shown)
            assert (shown["location"]["lat"], shown["wgs84"]["lng"]) == (36.46, 115.99)
    assert looks(session) == []


@pytest.mark.parametrize(
    ("path", "door"),
    [("", "visit"), ("/evidence", "visit_evidence"), ("/history", "visit_history")],
)
def test_a_look_at_a_visit_is_logged(client, session, world, visit, path, door):
    seen = visit()
    assert client.as_(world.hq1).get(f"/api/hq/v1/visits/{seen.id}{path}").status_code == 200
    assert looks(session) == [(world.hq1.person_id, world.field1.person_id, door, seen.id)]


def test_a_look_at_photos_is_logged_where_a_picture_tells_its_place(client, session, world, visit):
    told, untold = visit(), visit()
    placed = {"capture": {"gps": {"lat": 36.4, "lng": 115.9}}}
    for record, facts in ((told, placed), (untold, {"capture": {"gps": None}})):
        photo = add_photo(session, world.field1, facts=facts)
        add_claim(session, world.field1, record.id, photo)
        session.commit()
        assert client.as_(world.hq1).get(f"/api/hq/v1/visits/{record.id}/photos").status_code == 200
    assert looks(session) == [(world.hq1.person_id, world.field1.person_id, "visit_photos", told.id)]


def test_both_the_visitor_and_who_recorded_it_are_told(client, session, world, visit):
    seen = visit(recorded_by=world.colleague.person_id)
    client.as_(world.unit1).get(f"/api/hq/v1/visits/{seen.id}")
    assert {person for _, person, _, _ in looks(session)} == {
        world.field1.person_id,
        world.colleague.person_id,
    }


def test_a_record_without_a_position_a_refused_look_and_ones_own_leave_nothing(client, session, world, visit):
    bare = visit(location=None, latitude=None, longitude=None)
    assert client.as_(world.hq1).get(f"/api/hq/v1/visits/{bare.id}").status_code == 200
    seen, own = visit(), visit(world.unit1)
    assert client.as_(world.unit2).get(f"/api/hq/v1/visits/{seen.id}").status_code == 404
    assert client.as_(world.unit1).get(f"/api/hq/v1/visits/{own.id}").status_code == 200
    assert looks(session) == []


def test_looks_at_check_ins_and_kept_bodies_are_logged(client, session, world):
    site, checkin_id = add_site(session, world.dongchangfu), uuid4()
    add_assignment(session, world.commissioner1, site)
    session.commit()
    phone, hq = client.as_(world.commissioner1), client.as_(world.hq1)
    sent = phone.put(f"/api/v1/checkins/{checkin_id}", json=checkin_body(site, location=location_at()))
    assert sent.status_code == 201, sent.json
    wrong = phone.put(f"/api/v1/checkins/{uuid4()}", json={"location": location_at(), "kind": "magic"})
    kept_id = wrong.json["quarantine"]["id"]
    for path in ("", "/evidence", "/history", "/photos"):
        assert hq.get(f"/api/hq/v1/checkins/{checkin_id}{path}").status_code == 200
    assert hq.get(f"/api/hq/v1/kept/{kept_id}").status_code == 200
    person = world.commissioner1.person_id
    assert looks(session) == [
        (world.hq1.person_id, person, "checkin", checkin_id),
        (world.hq1.person_id, person, "checkin_evidence", checkin_id),
        (world.hq1.person_id, person, "kept", UUID(kept_id)),
    ]


def test_a_person_reads_who_looked_and_nobody_elses(client, world, visit):
    seen = visit()
    client.as_(world.unit1).get(f"/api/hq/v1/visits/{seen.id}")
    client.as_(world.hq1).get(f"/api/hq/v1/visits/{seen.id}/evidence")
    mine = client.as_(world.field1).get("/api/v1/me/views").json["items"]
    assert [(one["viewer_name"], one["viewer_unit"], one["door"]) for one in mine] == [
        ("hq1", "聊城市", "visit_evidence"),
        ("unit1", "东昌府区", "visit"),
    ]
    assert mine[0]["record_id"] == str(seen.id)
    assert client.as_(world.field2).get("/api/v1/me/views").json["items"] == []


def test_looks_are_paged_to_their_end(client, world, visit):
    seen, hq = visit(), client.as_(world.hq1)
    for _ in range(5):
        hq.get(f"/api/hq/v1/visits/{seen.id}")
    phone, found, cursor = client.as_(world.field1), 0, ""
    while cursor is not None:
        page = phone.get(f"/api/v1/me/views?limit=2{cursor and '&cursor=' + cursor}").json
        found, cursor = found + len(page["items"]), page["next_cursor"]
    assert found == 5
    assert phone.get("/api/v1/me/views?cursor=WyJ4Il0").status_code == 422


def test_inspectors_and_administrators_ask_by_person_and_by_viewer(client, world, visit):
    first, second = visit(), visit(world.field2)
    client.as_(world.hq1).get(f"/api/hq/v1/visits/{first.id}")
    client.as_(world.leader1).get(f"/api/hq/v1/visits/{second.id}")
    at = "/api/hq/v1/privacy/views"
    assert client.as_(world.hq1).get(at).status_code == 403
    inspector = client.as_(world.inspector1)
    assert len(inspector.get(at).json["items"]) == 2
    (one,) = inspector.get(f"{at}?person={world.field2.person_id}").json["items"]
    assert (one["viewer_name"], one["person_name"]) == ("leader1", "field2")
    (one,) = client.as_(world.admin).get(f"{at}?viewer={world.hq1.person_id}").json["items"]
    assert one["person_name"] == "field1"
    assert inspector.get(f"{at}?from=2099-01-01T00:00:00Z").json["items"] == []


# ── forgetting by age, seen from the doors ───────────────────────────────────────────────────────────────────────


def test_an_exact_repeat_long_after_gets_its_first_receipt(client, session, sessions, world):
    visit_id, body = uuid4(), visit_body(location=HERE, hosts=[HOST])
    phone = client.as_(world.field1)
    first = phone.put(f"/api/v1/visits/{visit_id}", json=body)
    assert first.status_code == 201, first.json
    _age(session, visit_id)
    assert retain(sessions, Policy(90, 2, 365, 0))["visits"] == 1
    again = phone.put(f"/api/v1/visits/{visit_id}", json=body)
    assert again.status_code == 200
    assert again.json["receipt"]["sha256"] == first.json["receipt"]["sha256"]
    assert (again.json["rev"], again.json["location"]["lat"]) == (1, 36.46)
    other = phone.put(f"/api/v1/visits/{visit_id}", json=body | {"summary": "另一份内容"})
    assert other.status_code == 409


def test_evidence_measures_nothing_from_a_coarse_position(client, session, sessions, world, visit):
    seen = visit()
    _age(session, seen.id)
    retain(sessions, Policy(90, 2, 365, 0))
    checks = {
        one["check"]: one
        for one in client.as_(world.hq1).get(f"/api/hq/v1/visits/{seen.id}/evidence").json["evidence"]
    }
    assert (checks["speed"]["verdict"], checks["speed"]["text"]) == (
        "no_data",
        "位置已按保存期限降低精度，不再据以核对",
    )


def test_a_kept_body_whose_bytes_are_gone_says_so_and_its_repeat_is_known(client, session, sessions, world):
    phone, hq = client.as_(world.field1), client.as_(world.hq1)
    visit_id, body = uuid4(), {"mode": "by magic"}
    wrong = phone.put(f"/api/v1/visits/{visit_id}", json=body)
    kept_id = wrong.json["quarantine"]["id"]
    settled = hq.post(f"/api/hq/v1/kept/{kept_id}/settlement", json={"how": "discard", "note": "误填"})
    assert settled.status_code == 200, settled.json
    session.execute(sa.text("UPDATE kept_submissions SET settled_at = now() - interval '400 days'"))
    session.commit()
    assert retain(sessions, Policy(90, 2, 365, 0)) == {"kept_bytes": 1}
    shown = hq.get(f"/api/hq/v1/kept/{kept_id}").json
    assert (shown["text"], shown["body"], shown["kept"]["settlement_note"]) == ("", None, "误填")
    assert shown["kept"]["raw_gone_at"] is not None
    again = phone.put(f"/api/v1/visits/{visit_id}", json=body).json["quarantine"]
    assert again == wrong.json["quarantine"]


def _age(session, record_id):
    session.execute(
        sa.text(
            "UPDATE record_revisions SET received_at = now() - interval '100 days' WHERE record_id = :id"
        ),
        {"id": record_id},
    )
    session.commit()


# ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────


def ask(phone, **facts):
    usual = {"kind": "erasure", "name": "王五", "phone": "138-0635-1234"}
    answer = phone.post("/api/hq/v1/privacy/requests", json=usual | facts)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def decide(phone, request_id, **decision):
    return phone.post(f"/api/hq/v1/privacy/requests/{request_id}/decision", json=decision)


def test_the_register_is_headquarters_own(client, world):
    request_id = ask(client.as_(world.hq1))
    at = "/api/hq/v1/privacy/requests"
    for person in ("field1", "unit1", "leader1", "inspector1"):
        outsider = client.as_(getattr(world, person))
        assert outsider.get(at).status_code == 403, person
        assert outsider.get(f"{at}/{request_id}").status_code == 403
        assert decide(outsider, request_id, granted=True).status_code == 403
        assert outsider.get(f"{at}/{request_id}/document").status_code == 403
    assert client.as_(world.admin).get(f"{at}/{uuid4()}").status_code == 404


def test_an_erasure_runs_from_the_door_to_the_phone(client, session, workshop, world, visit):
    seen, hq = visit(), client.as_(world.hq1)
    request_id = ask(hq)
    assert decide(hq, request_id, granted=True).json["code"] == "still_searching"
    search(workshop, request_id)
    shown = hq.get(f"/api/hq/v1/privacy/requests/{request_id}").json
    assert (shown["state"], shown["found"]) == ("open", {"visits": 1, "revisions": 1})
    assert decide(hq, request_id, granted=True).json["state"] == "granted"
    erase(workshop, request_id)
    session.expire_all()
    (listed,) = hq.get("/api/hq/v1/privacy/requests?state=done").json["items"]
    assert (listed["name"], listed["phone"]) == ("王*", "138****1234")
    assert listed["erased"] == {"visits": 1, "revisions": 1}
    mine = client.as_(world.field1).get(f"/api/v1/visits/{seen.id}").json
    assert mine["hosts"] == [{"name": "已删除", "title": "已删除", "phone": "已删除"}]
    assert mine["summary"] == "请联系 已删除"
    told = hq.post(f"/api/hq/v1/visits/{seen.id}/contacts", json=REASON).json
    assert "13806351234" not in str(told)


def test_access_hands_out_a_document_once_it_is_granted(client, workshop, world, visit):
    visit()
    hq = client.as_(world.hq1)
    request_id = ask(hq, kind="access")
    at = f"/api/hq/v1/privacy/requests/{request_id}/document"
    assert hq.get(at).json["code"] == "privacy_request_not_granted"
    search(workshop, request_id)
    assert decide(hq, request_id, granted=True).json["state"] == "done"
    records = hq.get(at).json["records"]
    assert {one["place"] for one in records} == {"visits", "revisions"}
    assert decide(hq, request_id, granted=True).json["code"] == "privacy_request_decided"


def test_a_refusal_says_why(client, workshop, world, visit):
    seen, hq = visit(), client.as_(world.hq1)
    request_id = ask(hq)
    assert decide(hq, request_id, granted=False).status_code == 422
    refused = decide(
        hq, request_id, granted=False, refused_because="legal_hold", reason="案件办理期间依法保存"
    )
    assert (refused.json["state"], refused.json["refused_because"]) == ("refused", "legal_hold")
    erase(workshop, request_id)
    assert seen.hosts == [HOST]


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "erasure", "name": "王五"},
        {"kind": "erasure", "name": "", "phone": "13806351234"},
        {"kind": "peek", "name": "王五", "phone": "13806351234"},
        {"kind": "access", "name": "王五", "phone": "12"},
        {"kind": "access", "name": "王五", "user_id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
    ],
)
def test_it_refuses_a_request_that_names_nobody(client, world, body):
    assert client.as_(world.hq1).post("/api/hq/v1/privacy/requests", json=body).status_code == 422
