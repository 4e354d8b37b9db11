"""Check-ins go through the same review as visits."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.evidence.assessing import assess_waiting_checkins
from service.evidence.models import CheckinAssessment
from service.visits.models import ReviewState
from tests.factories.photos import SCENE, add_claim, add_photo
from tests.factories.sites import LIAOCHENG, add_assignment, add_checkin, add_site, checkin_body
from tests.factories.visits import add_visit
from tests.support.counting import statements

QUEUE, REVIEWS = "/api/hq/v1/reviews/queue", "/api/hq/v1/reviews"
OLD = datetime(2026, 3, 2, 1, tzinfo=UTC)  # a Monday, 9:00 in Shanghai
DAY = timedelta(days=1)
FLAG = {"code": "outside_fence", "severity": "warning", "value": 900, "limit": 310, "zh": "外", "en": "out"}


@pytest.fixture
def site(session, world):
    site = add_site(session, world.dongchangfu)
    add_assignment(session, world.commissioner1, site)
    session.commit()
    return site


@pytest.fixture
def submitted(session, world, site):
    def make(by=None, at=OLD, **facts):
        checkin = add_checkin(session, by or world.commissioner1, site, at, **facts)
        session.commit()
        return checkin

    return make


def decide(client, record, decision="approve", *, batch=False, kind="checkin", **more):
    told = {"type": kind, "id": str(record.id), "rev": record.rev, "decision": decision, **more}
    answer = client.post(REVIEWS, json={"decisions": [told], "batch": batch})
    assert answer.status_code == 200, answer.json
    return answer.json["results"][0]


def queued(client, query=""):
    answer = client.get(f"{QUEUE}?{query}")
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def test_it_hides_another_units_checkin(client, world, submitted):
    checkin = submitted()
    assert decide(client.as_(world.unit2), checkin)["code"] == "unknown_record"
    assert queued(client.as_(world.unit2)) == []
    for part in ("history", "photos"):
        path = f"/api/hq/v1/checkins/{checkin.id}/{part}"
        assert client.as_(world.unit2).get(path).status_code == 404
        assert client.as_(world.commissioner1).get(path).status_code == 403


def test_it_goes_from_the_units_office_to_headquarters(client, world, submitted):
    checkin = submitted()
    assert decide(client.as_(world.unit1), checkin)["review_state"] == "unit_approved"
    assert queued(client.as_(world.unit1)) == []
    assert decide(client.as_(world.hq1), checkin)["review_state"] == "approved"
    assert queued(client.as_(world.hq1)) == []
    assert decide(client.as_(world.hq1), checkin, "unapprove")["review_state"] == "submitted"
    shown = client.as_(world.hq1).get("/api/hq/v1/checkins?state=submitted").json["items"]
    assert [one["id"] for one in shown] == [str(checkin.id)]


@pytest.mark.parametrize(
    ("decision", "more", "outcome"),
    [
        ("approve", {"rev": 2}, "rev_conflict"),
        ("return", {}, "reason_required"),
        ("void", {"reason_code": "incomplete"}, "unknown_reason"),
        ("unapprove", {}, "wrong_state"),
        ("approve", {"type": "visit"}, "unknown_record"),
    ],
)
def test_it_refuses_what_it_refuses_of_visits(client, world, submitted, decision, more, outcome):
    result = decide(client.as_(world.hq1), submitted(), decision, **more)
    assert (result["status"], result["code"]) == ("refused", outcome)


def test_nobody_approves_their_own_checkin(client, world, submitted):
    checkin = submitted(world.unit1)
    assert decide(client.as_(world.unit1), checkin)["code"] == "own_record"
    assert decide(client.as_(world.hq1), checkin)["status"] == "applied"


def test_what_was_withdrawn_is_past_every_decision(client, world, submitted):
    checkin = submitted(withdrawn_at=OLD)
    assert queued(client.as_(world.hq1)) == []
    assert decide(client.as_(world.hq1), checkin)["code"] == "wrong_state"
    assert decide(client.as_(world.hq1), checkin, "void", reason="重复")["code"] == "wrong_state"
    (shown,) = client.as_(world.hq1).get("/api/hq/v1/checkins?state=withdrawn").json["items"]
    assert shown["review_state"] == "withdrawn"


def test_a_returned_one_is_edited_on_the_phone_and_waits_anew(client, world, site):
    phone, path = client.as_(world.commissioner1), f"/api/v1/checkins/{uuid4()}"
    sent = checkin_body(site)
    made = phone.put(path, json=sent).json
    assert (made["review_state"], made["review_reason"]) == ("submitted", None)
    told = {
        "type": "checkin",
        "id": made["id"],
        "rev": 1,
        "decision": "return",
        "reason_code": "unclear_photo",
    }
    client.as_(world.unit1).post(REVIEWS, json={"decisions": [told]})
    returned = phone.get(path).json
    assert (returned["review_state"], returned["review_reason"]) == ("returned", "照片不清晰或与内容不符")
    edited = phone.put(path, json=sent | {"note": "重拍", "base_rev": 1}).json
    assert (edited["rev"], edited["review_state"], edited["review_reason"]) == (2, "submitted", None)
    (waiting,) = queued(client.as_(world.unit1))
    assert (waiting["type"], waiting["rev"], waiting["record"]) == ("checkin", 2, None)
    assert waiting["checkin"]["note"] == "重拍"


def test_a_voided_one_is_closed_to_its_author(client, world, site):
    phone, path = client.as_(world.commissioner1), f"/api/v1/checkins/{uuid4()}"
    sent = checkin_body(site)
    made = phone.put(path, json=sent).json
    told = {"type": "checkin", "id": made["id"], "rev": 1, "decision": "void", "reason_code": "test_record"}
    client.as_(world.hq1).post(REVIEWS, json={"decisions": [told]})
    edit = phone.put(path, json=sent | {"note": "再来", "base_rev": 1})
    assert (edit.status_code, edit.json["code"]) == (409, "record_closed")
    taken_back = phone.post(f"{path}/withdrawal", json={"reason": "撤"})
    assert (taken_back.status_code, taken_back.json["code"]) == (409, "already_voided")
    assert phone.get(path).json["review_reason"] == "测试记录"


def test_the_history_has_revisions_without_the_place_and_every_decision(client, world, site):
    phone, checkin_id = client.as_(world.commissioner1), str(uuid4())
    place = {"lat": LIAOCHENG[0], "lng": LIAOCHENG[1], "datum": "wgs84", "source": "gps"}
    phone.put(f"/api/v1/checkins/{checkin_id}", json=checkin_body(site, location=place, note="到岗"))
    told = {"type": "checkin", "id": checkin_id, "rev": 1, "decision": "return", "reason": "请补"}
    client.as_(world.hq1).post(REVIEWS, json={"decisions": [told]})
    found = client.as_(world.hq1).get(f"/api/hq/v1/checkins/{checkin_id}/history").json
    (revision,), (decision,) = found["revisions"], found["decisions"]
    assert revision["body"]["note"] == "到岗"
    assert "location" not in revision["body"]
    assert (decision["from_state"], decision["to_state"], decision["reason"]) == (
        "submitted",
        "returned",
        "请补",
    )
    assert decision["decided_by_name"] == "hq1"


def test_it_keeps_the_flags_and_doubts_and_notes_it(client, world, session, submitted):
    checkin = submitted(flags=[FLAG])
    assess_waiting_checkins(session)
    session.commit()
    decide(client.as_(world.hq1), checkin, "return", reason="太远")
    (decision,) = client.as_(world.hq1).get(f"/api/hq/v1/checkins/{checkin.id}/history").json["decisions"]
    assert "outside_fence" in decision["remarks"]
    assert session.scalar(sa.text("SELECT count(*) FROM audit_entries WHERE action = 'checkin.return'")) == 1


def test_the_queue_mixes_both_types_by_suspicion_and_age(client, world, session, submitted):
    def visit(received_at, **facts):
        made = add_visit(
            session,
            world.field1,
            None,
            date(2026, 3, 2),
            review_state=ReviewState.SUBMITTED,
            received_at=received_at,
            **facts,
        )
        session.commit()
        return made

    plain, newest = submitted(received_at=OLD + DAY), visit(OLD + 3 * DAY)
    oldest, doubtful = visit(OLD), submitted(received_at=OLD + 2 * DAY, flags=[FLAG])
    hq = client.as_(world.hq1)
    expected = [doubtful, oldest, plain, newest]
    assert [one["id"] for one in queued(hq)] == [str(one.id) for one in expected]
    assert [one["suspicion"] for one in queued(hq)] == [10, 0, 0, 0]
    assert [one["id"] for one in queued(hq, "type=checkin")] == [str(doubtful.id), str(plain.id)]
    assert [one["id"] for one in queued(hq, "type=visit")] == [str(oldest.id), str(newest.id)]
    seen, cursor = [], ""
    while cursor is not None:
        page = hq.get(f"{QUEUE}?limit=1{cursor and f'&cursor={cursor}'}").json
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [str(one.id) for one in expected]
    first = queued(hq)[0]
    assert (first["checkin"]["number"], first["record"]) == (doubtful.number, None)
    assert {one["check"] for one in first["evidence"]} >= {"distance", "photo_bytes"}
    assert hq.get(f"{QUEUE}?type=trip").status_code == 422


def test_the_queue_takes_a_fixed_number_of_statements(client, world, session, submitted):
    hq = client.as_(world.hq1)

    def another(n):
        photo = add_photo(session, world.commissioner1, difference_hash=SCENE ^ (1 << n))
        checkin = submitted(photo_ids=[photo.id])
        add_claim(session, world.commissioner1, checkin.id, photo, "checkin")
        session.commit()

    another(0)
    another(1)
    assert hq.get(QUEUE).status_code == 200
    few = statements(session, lambda: hq.get(QUEUE))
    for n in range(2, 14):
        another(n)
    assert statements(session, lambda: hq.get(QUEUE)) == few
    assert len(queued(hq)) == 14


def test_what_the_checks_doubt_comes_first_once_they_ran(client, world, session, submitted):
    site_photo = add_photo(session, world.field2)
    first, copy = submitted(received_at=OLD), submitted(received_at=OLD + DAY, at=OLD + DAY)
    for checkin in (first, copy):
        checkin.photo_ids = [site_photo.id]
        add_claim(session, world.commissioner1, checkin.id, site_photo, "checkin")
    session.flush()
    assert assess_waiting_checkins(session) == 2
    assert assess_waiting_checkins(session) == 0
    session.commit()
    hq = client.as_(world.hq1)
    assert [one["id"] for one in queued(hq)] == [str(copy.id), str(first.id)]
    assert session.get(CheckinAssessment, copy.id).doubts == ["photo_bytes"]
    assert decide(hq, copy, batch=True)["code"] == "doubtful"
    assert decide(hq, first, batch=True)["review_state"] == "approved"
    shown = hq.get(f"/api/hq/v1/checkins/{copy.id}/photos").json["items"]
    assert [one["id"] for one in shown] == [str(site_photo.id)]


def test_one_batch_decides_visits_and_checkins_in_order(client, world, session, submitted):
    checkin = submitted()
    visit = add_visit(session, world.field1, None, date(2026, 3, 2), review_state=ReviewState.SUBMITTED)
    session.commit()
    told = [
        {"type": kind, "id": str(one.id), "rev": 1, "decision": "approve"}
        for kind, one in (("checkin", checkin), ("trip", visit), ("visit", visit))
    ]
    results = client.as_(world.hq1).post(REVIEWS, json={"decisions": told}).json["results"]
    assert [one["code"] for one in results] == [None, "not_reviewed", None]
    assert [one["id"] for one in results] == [str(checkin.id), str(visit.id), str(visit.id)]


def test_its_flags_are_measured_with_those_of_visits(client, world, submitted):
    hq = client.as_(world.hq1)
    first, second = submitted(flags=[FLAG]), submitted(flags=[FLAG])
    decide(hq, first)
    decide(hq, second, "void", reason_code="duplicate")
    (line,) = hq.get("/api/hq/v1/reviews/flags").json["items"]
    assert (line["code"], line["raised"], line["false_positive_share"]) == ("outside_fence", 2, 50.0)
    behind = hq.get(line["records_url"]).json["items"]
    assert {(one["type"], one["id"]) for one in behind} == {
        ("checkin", str(one.id)) for one in (first, second)
    }
    assert all(hq.get(one["record_url"]).status_code == 200 for one in behind)


def explanation_of(checkin):
    return f"/api/v1/checkins/{checkin.id}/explanation"


def test_nobody_explains_anothers_checkin(client, world, submitted):
    path = explanation_of(submitted(flags=[FLAG]))
    assert client.post(path, json={"text": "是我"}).status_code == 401
    for stranger in (world.field1, world.unit1, world.hq1):
        for answer in (
            client.as_(stranger).post(path, json={"text": "是我"}),
            client.as_(stranger).get(path),
        ):
            assert (answer.status_code, answer.json["code"]) == (404, "unknown_checkin")


def test_its_author_explains_once_and_the_reviewer_reads_it(client, world, session, submitted):
    checkin = submitted(flags=[FLAG])
    path, phone = explanation_of(checkin), client.as_(world.commissioner1)
    first = phone.post(path, json={"text": "在北门，电话 13806351234"})
    again = phone.post(path, json={"text": "在北门，电话 13806351234"})
    assert (first.status_code, first.json["rev"], again.json["id"]) == (201, 1, first.json["id"])
    assert [one["text"] for one in phone.get(path).json["items"]] == ["在北门，电话 13806351234"]
    (waiting,) = queued(client.as_(world.unit1))
    beside = client.as_(world.hq1).get(f"/api/hq/v1/checkins/{checkin.id}/evidence").json
    for shown in (waiting["explanations"], beside["explanations"]):
        assert [(one["id"], one["rev"]) for one in shown] == [(first.json["id"], 1)]
        assert "在北门" in shown[0]["text"]
        assert "13806351234" not in shown[0]["text"]
    noted = sa.text("SELECT count(*) FROM audit_entries WHERE action = 'checkin.explain'")
    assert session.scalar(noted) == 1


def test_an_explanation_is_of_the_revision_that_stands(client, world, site):
    phone, checkin_id = client.as_(world.commissioner1), str(uuid4())
    mocked = {"lat": LIAOCHENG[0], "lng": LIAOCHENG[1], "datum": "wgs84", "source": "gps", "is_mock": True}
    sent = checkin_body(site, location=mocked)
    phone.put(f"/api/v1/checkins/{checkin_id}", json=sent)
    path = f"/api/v1/checkins/{checkin_id}/explanation"
    phone.post(path, json={"text": "测试手机"})
    phone.put(f"/api/v1/checkins/{checkin_id}", json=sent | {"note": "改", "base_rev": 1})
    phone.post(path, json={"text": "测试手机"})
    assert [(one["rev"], one["text"]) for one in phone.get(path).json["items"]] == [
        (1, "测试手机"),
        (2, "测试手机"),
    ]


def test_there_is_nothing_to_explain_about_a_plain_checkin(client, world, submitted):
    answer = client.as_(world.commissioner1).post(explanation_of(submitted()), json={"text": "?"})
    assert (answer.status_code, answer.json["code"]) == (409, "nothing_to_explain")


@pytest.mark.parametrize("state", [ReviewState.RETURNED, ReviewState.VOIDED])
def test_a_contested_checkin_may_be_explained(client, world, submitted, state):
    path = explanation_of(submitted(review_state=state))
    assert client.as_(world.commissioner1).post(path, json={"text": "已补"}).status_code == 201


def test_what_a_check_doubts_of_it_may_be_explained(client, world, session, submitted):
    checkin = submitted()
    facts = {"rev": 1, "weight": 5, "doubts": ["photo_bytes"], "assessed_at": OLD}
    session.add(CheckinAssessment(record_id=checkin.id, **facts))
    session.commit()
    answer = client.as_(world.commissioner1).post(explanation_of(checkin), json={"text": "同一工地"})
    assert answer.status_code == 201
