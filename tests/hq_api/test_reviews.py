from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from service.visits.ledger import recount
from service.visits.models import ReviewState
from tests.factories.visits import add_enterprise, add_visit

OLD = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def day(world):
    return date(world.programme.year, 1, 5)


@pytest.fixture
def submitted(session, world, day):
    def make(by=None, **facts):
        enterprise = add_enterprise(session, f"企业{facts.get('received_at', '')}")
        visit = add_visit(
            session, by or world.field1, enterprise, day, **({"review_state": ReviewState.SUBMITTED} | facts)
        )
        recount(session, [visit.id])
        session.commit()
        return visit

    return make


def decide(client, visit, decision, **more):
    body = {"type": "visit", "id": str(visit.id), "rev": visit.rev, "decision": decision, **more}
    answer = client.post("/api/hq/v1/reviews", json={"decisions": [body]})
    assert answer.status_code == 200
    return answer.json["results"][0]


def counted(client):
    return client.get("/api/hq/v1/progress/overview").json["lines"][0]["counted"]


def test_it_lets_no_field_staff_review(client, world, submitted):
    visit = submitted()
    answer = client.as_(world.field1).post(
        "/api/hq/v1/reviews",
        json={"decisions": [{"type": "visit", "id": str(visit.id), "rev": 1, "decision": "approve"}]},
    )
    assert answer.status_code == 403


def test_it_hides_another_units_record(client, world, submitted):
    result = decide(client.as_(world.unit2), submitted(), "approve")
    assert (result["status"], result["code"]) == ("refused", "unknown_record")


def test_it_goes_from_the_units_office_to_headquarters_and_then_counts(client, world, submitted):
    visit, hq = submitted(), client.as_(world.hq1)
    assert decide(client.as_(world.unit1), visit, "approve")["review_state"] == "unit_approved"
    assert counted(hq) == 0
    assert decide(hq, visit, "approve")["review_state"] == "approved"
    assert counted(hq) == 1


def test_it_lets_headquarters_approve_straight(client, world, submitted):
    assert decide(client.as_(world.hq1), submitted(), "approve")["review_state"] == "approved"


def test_it_leaves_the_count_when_it_is_unapproved_returned_or_voided(client, world, submitted):
    hq = client.as_(world.hq1)
    for decision, state in (("unapprove", "submitted"), ("return", "returned"), ("void", "voided")):
        visit = submitted()
        decide(hq, visit, "approve")
        assert counted(hq) == 1
        assert decide(hq, visit, decision, reason="照片不清")["review_state"] == state
        assert counted(hq) == 0


@pytest.mark.parametrize("part", ["visitor_id", "recorded_by"])
def test_it_lets_nobody_approve_their_own_record(client, world, submitted, part):
    visit = submitted(world.field1, **{part: world.unit1.person_id})
    result = decide(client.as_(world.unit1), visit, "approve")
    assert (result["status"], result["code"]) == ("refused", "own_record")


@pytest.mark.parametrize("decision", ["return", "void"])
def test_it_demands_a_reason(client, world, submitted, decision):
    result = decide(client.as_(world.hq1), submitted(), decision, reason=" ")
    assert (result["status"], result["code"]) == ("refused", "reason_required")


def test_it_refuses_a_revision_that_is_no_longer_current(client, world, session, submitted):
    visit = submitted()
    result = decide(client.as_(world.hq1), visit, "approve", rev=2)
    assert (result["status"], result["code"]) == ("refused", "rev_conflict")


def test_it_refuses_what_does_not_lead_on_from_the_state(client, world, submitted):
    visit, unit1 = submitted(review_state=ReviewState.APPROVED), client.as_(world.unit1)
    assert decide(unit1, visit, "unapprove")["code"] == "wrong_state"
    assert decide(client.as_(world.hq1), visit, "approve")["code"] == "wrong_state"


def test_it_decides_each_alone_and_answers_in_order(client, world, submitted):
    good, gone = submitted(), submitted(review_state=ReviewState.WITHDRAWN)
    bodies = [
        {"type": "visit", "id": str(one.id), "rev": 1, "decision": "approve"} for one in (gone, good)
    ] + [{"type": "trip", "id": str(good.id), "rev": 1, "decision": "approve"}]
    results = client.as_(world.hq1).post("/api/hq/v1/reviews", json={"decisions": bodies}).json["results"]
    assert [one["status"] for one in results] == ["refused", "applied", "refused"]
    assert [one["code"] for one in results] == ["wrong_state", None, "not_reviewed"]


def test_it_keeps_the_decision_and_notes_it(client, world, session, submitted):
    visit = submitted()
    decide(client.as_(world.hq1), visit, "return", reason="缺少照片")
    kept = session.execute(sa.text("SELECT from_state, to_state, reason, rev FROM review_decisions")).one()
    assert tuple(kept) == ("submitted", "returned", "缺少照片", 1)
    assert session.scalar(sa.text("SELECT count(*) FROM audit_entries WHERE action = 'visit.return'")) == 1


def test_it_queues_the_suspicious_first_and_then_the_oldest(client, world, submitted):
    young = submitted(received_at=OLD + timedelta(2))
    old = submitted(received_at=OLD)
    flag = {
        "code": "mock_location",
        "severity": "serious",
        "value": "true",
        "limit": "false",
        "zh": "模拟",
        "en": "mock",
    }
    flagged = submitted(received_at=OLD + timedelta(3), flags=[flag])
    submitted(review_state=ReviewState.APPROVED)
    items = client.as_(world.hq1).get("/api/hq/v1/reviews/queue").json["items"]
    assert [one["id"] for one in items] == [str(one.id) for one in (flagged, old, young)]
    assert items[0]["suspicion"] == 100
    assert items[0]["record"]["counting"]["reasons"][0]["code"] == "awaiting_review"


def test_it_pages_the_queue_without_a_gap(client, world, submitted):
    made = {str(submitted(received_at=OLD + timedelta(n)).id) for n in range(5)}
    hq, path, seen = client.as_(world.hq1), "/api/hq/v1/reviews/queue?limit=2", []
    while path:
        answer = hq.get(path)
        seen += [one["id"] for one in answer.json["items"]]
        cursor = answer.json["next_cursor"]
        path = f"/api/hq/v1/reviews/queue?limit=2&cursor={cursor}" if cursor else None
    assert len(seen) == 5
    assert set(seen) == made


def test_it_queues_for_a_units_office_its_own_submitted_records(client, world, submitted):
    own = submitted()
    submitted(review_state=ReviewState.UNIT_APPROVED)
    submitted(world.field2)
    items = client.as_(world.unit1).get("/api/hq/v1/reviews/queue").json["items"]
    assert [one["id"] for one in items] == [str(own.id)]
