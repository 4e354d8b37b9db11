"""Parents and children come in any order: what came first waits, and is let in by itself."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.http.record_doors import RecordDoor
from service.jobs.workshop import Workshop
from service.kernel.clock import now
from service.kernel.ids import uuid7
from service.programmes.models import Line
from service.submissions import jobs
from service.submissions.models import KeptSubmission, Settlement, WaitingSubmission
from service.visits.models import CityLedgerRow, Visit
from service.visits.recounting import verify
from tests.factories.sites import add_site
from tests.factories.submissions import visit_body
from tests.factories.visits import add_enterprise
from tests.support.photos import announcement, picture

PUSH = "/api/v1/sync/push"


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1)


@pytest.fixture
def workshop(settings, sessions, store):
    return Workshop(settings, sessions, store)


def op(record_type, body, record_id=None):
    return {"op_id": str(uuid4()), "type": record_type, "id": str(record_id or uuid7()), "body": body}


def push(phone, *ops):
    return phone.post(PUSH, json={"ops": list(ops)}).get_json()["results"]


def kept(session, record_id):
    return session.scalars(
        sa.select(KeptSubmission).where(KeptSubmission.record_id == record_id),
        execution_options={"populate_existing": True},
    ).one()


def waiting(session):
    return session.scalars(sa.select(WaitingSubmission)).all()


def test_a_visit_waits_for_its_enterprise_and_counts_once_that_is_registered(phone, session, world, workshop):
    enterprise_id = uuid7()
    sent = op("visit", visit_body(enterprise_id=str(enterprise_id)))
    (result,) = push(phone, sent)
    assert (result["status"], result["problem"]["code"]) == ("quarantined", "waits_for_parent")
    assert result["problem"]["waits_for"] == {"type": "enterprise", "id": str(enterprise_id), "days": 30}
    jobs.let_in(workshop)
    assert kept(session, sent["id"]).settled_at is None
    add_enterprise(session, id=enterprise_id)
    session.commit()
    jobs.let_in(workshop)
    assert phone.get(f"/api/v1/visits/{sent['id']}").get_json()["enterprise_id"] == str(enterprise_id)
    assert kept(session, sent["id"]).settlement is Settlement.ACCEPTED_LATER
    assert session.get_one(CityLedgerRow, (world.programme.id, Line.THOUSAND, enterprise_id)).pending == 1
    assert verify(session).clean
    assert waiting(session) == []
    (again,) = push(phone, sent)
    assert (again["status"], again["rev"]) == ("duplicate", 1)


def test_the_put_waits_as_well_and_either_way_in_closes_it(phone, session, workshop):
    enterprise_id = uuid7()
    visit_id, body = str(uuid7()), visit_body(enterprise_id=str(enterprise_id))
    answer = phone.put(f"/api/v1/visits/{visit_id}", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "waits_for_parent")
    add_enterprise(session, id=enterprise_id)
    (result,) = push(phone, op("visit", body, visit_id))
    assert result["status"] == "applied"
    assert kept(session, visit_id).settlement is Settlement.ACCEPTED_LATER
    jobs.let_in(workshop)
    jobs.end_waiting(workshop)
    assert waiting(session) == []
    assert session.scalar(sa.select(Visit.rev).where(Visit.id == visit_id)) == 1


def test_a_checkin_waits_for_its_site(phone, session, world, workshop):
    site = add_site(session, world.dongchangfu)
    moment = visit_body()["visited_at"]
    body = {"site_id": str(uuid4()), "kind": "arrive", "at": moment, "captured_at": moment}
    sent = op("checkin", body)
    (result,) = push(phone, sent)
    assert result["problem"]["waits_for"] == {"type": "site", "id": body["site_id"], "days": 30}
    session.execute(sa.update(WaitingSubmission).values(parent_id=site.id))
    session.execute(
        sa.update(KeptSubmission).values(
            raw=sa.func.convert_to(
                sa.func.replace(
                    sa.func.convert_from(KeptSubmission.raw, "UTF8"), body["site_id"], str(site.id)
                ),
                "UTF8",
            )
        )
    )
    session.commit()
    jobs.let_in(workshop)
    assert phone.get(f"/api/v1/checkins/{sent['id']}").status_code == 200


def test_a_withdrawal_waits_for_its_visit_and_is_applied_with_it(phone, session):
    visit_id = str(uuid7())
    withdrawal = op("withdrawal", {"reason": "填错了"}, visit_id)
    (first,) = push(phone, withdrawal)
    assert first["problem"]["waits_for"] == {"type": "record", "id": visit_id, "days": 30}
    enterprise = add_enterprise(session)
    assert (
        push(phone, op("visit", visit_body(enterprise_id=str(enterprise.id)), visit_id))[0]["status"]
        == "applied"
    )
    visit = phone.get(f"/api/v1/visits/{visit_id}").get_json()
    assert (visit["review_state"], visit["review_reason"]) == ("withdrawn", "填错了")
    assert kept(session, visit_id).settlement is Settlement.ACCEPTED_LATER
    assert session.scalar(sa.select(sa.func.count()).select_from(CityLedgerRow)) == 0
    assert verify(session).clean
    assert push(phone, withdrawal)[0]["status"] == "duplicate"


def test_a_withdrawal_finds_a_visit_that_came_by_its_own_door(phone, session, workshop):
    visit_id = str(uuid7())
    push(phone, op("withdrawal", {"reason": "填错了"}, visit_id))
    phone.put(f"/api/v1/visits/{visit_id}", json=visit_body())
    jobs.let_in(workshop)
    assert phone.get(f"/api/v1/visits/{visit_id}").get_json()["review_state"] == "withdrawn"


def test_somebody_elses_withdrawal_does_not_take_it_back(client, world, phone, session, workshop):
    visit_id = str(uuid7())
    push(client.as_(world.field2), op("withdrawal", {"reason": "不是我的"}, visit_id))
    push(phone, op("visit", visit_body(), visit_id))
    jobs.let_in(workshop)
    assert phone.get(f"/api/v1/visits/{visit_id}").get_json()["review_state"] == "submitted"
    left = kept(session, visit_id)
    assert (left.because, left.code, left.settled_at) == ("id_taken", "id_taken", None)
    assert waiting(session) == []


def test_photos_and_visits_come_in_any_order(phone, session):
    before, after = announcement(picture(1)), announcement(picture(2))
    visit_id = str(uuid7())
    push(phone, op("photo", before, before["id"]))
    push(phone, op("visit", visit_body(photo_ids=[before["id"], after["id"]]), visit_id))
    push(phone, op("photo", after, after["id"]))
    photos = phone.get(f"/api/v1/visits/{visit_id}").get_json()["photos"]
    assert photos["expected"] == 2
    assert set(photos["missing"]) == {before["id"], after["id"]}


def test_after_30_days_it_is_a_quarantined_body_like_any_other(phone, session, workshop):
    enterprise_id = uuid7()
    sent = op("visit", visit_body(enterprise_id=str(enterprise_id)))
    push(phone, sent)
    session.execute(sa.update(WaitingSubmission).values(until_at=now() - timedelta(seconds=1)))
    add_enterprise(session, id=enterprise_id)
    session.commit()
    jobs.let_in(workshop)
    jobs.end_waiting(workshop)
    assert kept(session, sent["id"]).settled_at is None
    assert waiting(session) == []
    (again,) = push(phone, sent)
    assert again["status"] == "applied"


def test_what_is_refused_for_another_reason_in_the_end_is_kept_with_that_one(phone, session, workshop):
    enterprise_id, visit_id = uuid7(), str(uuid7())
    push(phone, op("visit", visit_body(enterprise_id=str(enterprise_id)), visit_id))
    push(phone, op("visit", visit_body(summary="先到"), visit_id) | {"id": visit_id})
    session.execute(sa.update(KeptSubmission).values(settled_at=None, settlement=None, settled_by=None))
    add_enterprise(session, id=enterprise_id)
    session.commit()
    jobs.let_in(workshop)
    left = kept(session, visit_id)
    assert (left.because, left.server_rev, left.settled_at) == ("conflict", 1, None)
    assert waiting(session) == []


def test_two_faults_are_not_mended_by_waiting(phone, session):
    body = visit_body(enterprise_id=str(uuid4()), joint_units=[str(uuid4())])
    (result,) = push(phone, op("visit", body))
    assert result["problem"]["code"] == "invalid"
    assert waiting(session) == []


def test_one_that_stumbles_waits_on_and_holds_nobody_back(phone, session, workshop, monkeypatch):
    enterprise_id = uuid7()
    stumbles, other = (op("visit", visit_body(enterprise_id=str(enterprise_id))) for _ in range(2))
    push(phone, stumbles, other)
    add_enterprise(session, id=enterprise_id)
    session.commit()
    read = RecordDoor.read

    def stumble(door, body, shape):
        if body["captured_at"] == stumbles["body"]["captured_at"] and not stumbled:
            stumbled.append(body)
            raise ZeroDivisionError
        return read(door, body, shape)

    stumbled = []
    with monkeypatch.context() as patched:
        patched.setattr(RecordDoor, "read", stumble)
        jobs.let_in(workshop)
    assert [phone.get(f"/api/v1/visits/{one['id']}").status_code for one in (stumbles, other)] == [404, 200]
    jobs.let_in(workshop)
    assert phone.get(f"/api/v1/visits/{stumbles['id']}").status_code == 200


def test_those_that_came_in_another_way_hold_nobody_back(phone, session, workshop, monkeypatch):
    """A thousand of them would have filled every run until the night clears them away."""
    monkeypatch.setattr("service.submissions.waiting.MOST_AT_ONCE", 1)
    first_enterprise, second_enterprise = uuid7(), uuid7()
    sent_again = op("visit", visit_body(enterprise_id=str(first_enterprise)))
    waits = op("visit", visit_body(enterprise_id=str(second_enterprise)))
    push(phone, sent_again)
    push(phone, waits)
    add_enterprise(session, id=first_enterprise)
    assert push(phone, sent_again)[0]["status"] == "applied"
    add_enterprise(session, id=second_enterprise)
    session.commit()
    jobs.let_in(workshop)
    assert phone.get(f"/api/v1/visits/{waits['id']}").status_code == 200


def test_sent_again_after_30_days_it_waits_anew(phone, session, workshop):
    """Its answer says that it takes effect by itself within 30 days, and so it does."""
    enterprise_id = uuid7()
    sent = op("visit", visit_body(enterprise_id=str(enterprise_id)))
    push(phone, sent)
    session.execute(sa.update(WaitingSubmission).values(until_at=now() - timedelta(seconds=1)))
    jobs.end_waiting(workshop)
    (again,) = push(phone, sent)
    assert again["problem"]["waits_for"]["days"] == 30
    add_enterprise(session, id=enterprise_id)
    session.commit()
    jobs.let_in(workshop)
    assert phone.get(f"/api/v1/visits/{sent['id']}").status_code == 200
    assert waiting(session) == []
