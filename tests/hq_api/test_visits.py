"""Headquarters reads visits in scope, opens the records behind each figure, and matches free entries."""

from datetime import date
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.audit.models import AuditEntry
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.visits import ledger
from service.visits.models import ReviewState, Visit
from tests.factories.submissions import visit_body
from tests.factories.visits import add_enterprise, add_visit
from tests.support.photos import announcement, picture


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1)


@pytest.fixture
def hq(client, world):
    return client.as_(world.hq1)


def submitted(phone, **facts):
    answer = phone.put(f"/api/v1/visits/{uuid4()}", json=visit_body(**facts))
    assert answer.status_code == 201, answer.get_json()
    return answer.get_json()


def ids(answer):
    assert answer.status_code == 200, answer.get_json()
    return {one["id"] for one in answer.get_json()["items"]}


def test_a_unit_office_sees_its_own_and_field_staff_nothing(client, world, phone):
    visit = submitted(phone)
    path = f"/api/hq/v1/visits/{visit['id']}"
    assert client.get("/api/hq/v1/visits").status_code == 401
    assert phone.get("/api/hq/v1/visits").status_code == 403
    other = client.as_(world.unit2)
    assert ids(other.get("/api/hq/v1/visits")) == ids(other.get("/api/hq/v1/visits/unmatched")) == set()
    assert other.get(path).status_code == other.get(f"{path}/history").status_code == 404
    for person in (world.unit1, world.hq1, world.leader1):
        reader = client.as_(person)
        assert ids(reader.get("/api/hq/v1/visits")) == {visit["id"]}
        assert reader.get(path).status_code == 200


def test_contacts_are_masked_for_everybody_but_the_author(client, world, phone, hq):
    visit = submitted(phone, hosts=[{"name": "王五", "title": "总经理", "phone": "13806351234"}])
    path = f"/api/hq/v1/visits/{visit['id']}"
    assert phone.get(f"/api/v1/visits/{visit['id']}").get_json()["hosts"][0]["phone"] == "13806351234"
    shown = [
        hq.get("/api/hq/v1/visits"),
        hq.get(path),
        hq.get(f"{path}/history"),
        hq.get("/api/hq/v1/visits/unmatched"),
        client.as_(world.unit1).get(path),
    ]
    for answer in shown:
        assert "138****1234" in answer.get_data(as_text=True)
        assert "13806351234" not in answer.get_data(as_text=True)


def test_it_filters_by_unit_period_enterprise_state_and_visitor(client, world, hq, session):
    enterprise = add_enterprise(session)
    mine = add_visit(session, world.field1, enterprise, date(2026, 3, 2))
    theirs = add_visit(session, world.field2, None, date(2026, 3, 9), review_state=ReviewState.SUBMITTED)
    session.commit()

    def found(query):
        return ids(hq.get(f"/api/hq/v1/visits?{query}"))

    assert found(f"unit={world.dongchangfu.id}") == {str(mine.id)}
    assert found(f"unit={world.city.id}") == {str(mine.id), str(theirs.id)}
    assert found("from=2026-03-02&until=2026-03-09") == {str(mine.id)}
    assert found("from=2026-03-09") == {str(theirs.id)}
    assert found(f"enterprise={enterprise.id}") == {str(mine.id)}
    assert found("state=submitted") == {str(theirs.id)}
    assert found(f"visitor={world.field2.user_id}") == {str(theirs.id)}
    assert hq.get("/api/hq/v1/visits?state=lost").status_code == 422
    assert hq.get("/api/hq/v1/visits?from=yesterday").status_code == 422


@pytest.fixture
def counted(session, world):
    """Two subjects visited three times by two units, one of them pending only."""
    programme = world.programme
    day = date(programme.year, 3, 2)
    known, other = add_enterprise(session, "甲", chain="新能源"), add_enterprise(session, "乙")
    first = add_visit(session, world.field1, known, day, joint_unit_ids=[world.chiping.id])
    second = add_visit(session, world.field2, known, day.replace(day=9))
    waiting = add_visit(session, world.field1, other, day, review_state=ReviewState.SUBMITTED)
    more = add_visit(session, world.field1, known, day.replace(day=20), review_state=ReviewState.SUBMITTED)
    ledger.recount(session, [first.id, second.id, waiting.id, more.id])
    session.commit()
    return {
        "first": str(first.id),
        "second": str(second.id),
        "waiting": str(waiting.id),
        "more": str(more.id),
    }


def test_it_opens_the_records_behind_every_figure(counted, hq, world):
    def found(query):
        path = f"/api/hq/v1/visits?programme={world.programme.id}&line=thousand&{query}"
        return {name for name, one in counted.items() if one in ids(hq.get(path))}

    assert found("counted=true") == {"first", "second"}
    assert found("counted=true&first=true") == {"first"}
    assert found("counted=pending") == {"waiting", "more"}
    assert found("counted=pending&first=true") == {"waiting"}
    assert found(f"counted=true&unit={world.chiping.id}") == {"first", "second"}
    assert found(f"counted=true&first=true&unit={world.chiping.id}") == {"first"}
    assert found(f"counted=true&first=true&unit={world.dongchangfu.id}") == {"first"}
    assert found(f"counted=true&unit={world.linqing.id}") == set()
    assert found("counted=true&first=true&chain=新能源") == {"first"}
    assert found("counted=true&chain=") == set()
    assert found("counted=pending&chain=") == {"waiting"}
    year = world.programme.year
    assert found(f"counted=true&first=true&from={year}-03-09&until={year}-03-16") == set()
    assert found(f"counted=true&from={year}-03-09&until={year}-03-16") == {"second"}
    assert found(f"counted=true&first=true&until={year}-03-03") == {"first"}


def test_a_unit_opens_the_joint_visits_of_others_behind_its_figure(counted, client, world):
    office = client.as_(world.unit2)
    path = f"/api/hq/v1/visits?programme={world.programme.id}&line=thousand&counted=true"
    assert counted["first"] in ids(office.get(f"{path}&unit={world.chiping.id}"))
    assert ids(office.get(f"{path}&unit={world.dongchangfu.id}")) == set()


def test_a_free_entry_is_matched_and_counts(client, world, phone, hq, session):
    enterprise = add_enterprise(session)
    visit = submitted(phone)
    session.execute(sa.update(Visit).values(review_state=ReviewState.APPROVED))
    session.commit()
    assert ids(hq.get("/api/hq/v1/visits/unmatched")) == {visit["id"]}
    path = f"/api/hq/v1/visits/{visit['id']}/matching"
    assert client.as_(world.unit1).post(path, json={"enterprise_id": str(enterprise.id)}).status_code == 403
    matched = hq.post(path, json={"enterprise_id": str(enterprise.id)}).get_json()
    assert (matched["enterprise_id"], matched["counting"]["counted"]) == (str(enterprise.id), True)
    assert matched["enterprise"] == {"name": "山东信发铝电集团有限公司"}
    assert ids(hq.get("/api/hq/v1/visits/unmatched")) == set()
    actions = session.scalars(sa.select(AuditEntry.action).where(AuditEntry.subject_id == visit["id"])).all()
    assert actions == ["visit.submit", "visit.match"]


def test_a_free_entry_is_registered_and_matched(phone, hq):
    visit = submitted(phone)
    path = f"/api/hq/v1/visits/{visit['id']}/matching"
    answer = hq.post(path, json={"register": {"name": "山东信发铝电集团有限公司", "well_known": True}})
    assert answer.status_code == 200, answer.get_json()
    assert answer.get_json()["enterprise_name"] == "山东信发铝电集团有限公司"


def test_a_match_follows_merges(phone, hq, session):
    kept, merged = add_enterprise(session, "甲"), add_enterprise(session, "乙")
    merged.merged_into_id = kept.id
    session.commit()
    visit = submitted(phone)
    path = f"/api/hq/v1/visits/{visit['id']}/matching"
    assert hq.post(path, json={"enterprise_id": str(merged.id)}).get_json()["enterprise_id"] == str(kept.id)


def test_it_refuses_a_match_that_makes_no_sense(phone, hq, session):
    enterprise = add_enterprise(session)
    named, free = submitted(phone, enterprise_id=str(enterprise.id)), submitted(phone)

    def match(visit_id, body):
        return hq.post(f"/api/hq/v1/visits/{visit_id}/matching", json=body)

    assert match(free["id"], {}).status_code == 422
    assert (
        match(free["id"], {"enterprise_id": str(uuid4())}).get_json()["errors"][0]["pointer"]
        == "/enterprise_id"
    )
    both = {"enterprise_id": str(enterprise.id), "register": {"name": "x"}}
    assert match(free["id"], both).status_code == 422
    assert match(free["id"], {"enterprise": str(enterprise.id)}).status_code == 422
    assert match(uuid4(), {"enterprise_id": str(enterprise.id)}).status_code == 404
    assert match(named["id"], {"enterprise_id": str(enterprise.id)}).get_json()["code"] == "not_to_be_matched"
    phone.post(f"/api/v1/visits/{free['id']}/withdrawal", json={"reason": "x"})
    assert match(free["id"], {"enterprise_id": str(enterprise.id)}).status_code == 409


def test_the_history_tells_every_revision(phone, hq):
    visit_id, body = uuid4(), visit_body()
    phone.put(f"/api/v1/visits/{visit_id}", json=body)
    phone.put(f"/api/v1/visits/{visit_id}", json=body | {"summary": "二", "base_rev": 1})
    told = hq.get(f"/api/hq/v1/visits/{visit_id}/history").get_json()
    assert [one["rev"] for one in told["revisions"]] == [1, 2]
    assert [one["author_name"] for one in told["revisions"]] == ["field1", "field1"]
    assert told["decisions"] == []


def test_lists_are_paged_by_key(phone, hq):
    made = {submitted(phone)["id"] for _ in range(3)}
    for path in ("/api/hq/v1/visits", "/api/hq/v1/visits/unmatched"):
        first = hq.get(f"{path}?limit=2")
        rest = hq.get(f"{path}?limit=2&cursor={first.get_json()['next_cursor']}")
        assert len(ids(first)) == 2
        assert ids(first) | ids(rest) == made
        assert 'rel="next"' in first.headers["Link"]
        assert "Link" not in rest.headers


def test_a_visit_of_another_year_has_that_years_number(phone):
    assert submitted(phone, visited_at="2025-03-02T10:00:00+08:00")["number"].startswith(
        f"LC-{local_date(now()).year}-"
    )


def test_a_reviewer_sees_the_photos_of_a_visit_announced_or_not(client, world, phone, hq):
    announced, unannounced = picture(), str(uuid4())
    photo_id = phone.post("/api/v1/photos", json=announcement(announced)).get_json()["id"]
    visit = submitted(phone, photo_ids=[photo_id, unannounced])
    path = f"/api/hq/v1/visits/{visit['id']}/photos"
    assert client.as_(world.unit2).get(path).status_code == 404
    items = hq.get(path).get_json()["items"]
    assert [(one["id"], one["state"]) for one in items] == [(photo_id, "expected"), (unannounced, None)]


def test_a_unit_reads_a_visit_that_another_made_together_with_it(client, world, phone):
    visit = submitted(phone, joint_units=[str(world.chiping.id)])
    partner = client.as_(world.unit2)
    assert partner.get(f"/api/hq/v1/visits/{visit['id']}").status_code == 200
    assert partner.get(f"/api/hq/v1/visits/{visit['id']}/history").status_code == 200
