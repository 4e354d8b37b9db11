from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.checkins.models import Checkin, CheckinKind
from service.evidence.assessing import assess_waiting_visits
from service.submissions.models import RecordRevision, RecordType
from service.visits.models import ReviewState
from tests.factories.photos import SCENE, add_claim, add_photo
from tests.factories.sites import LIAOCHENG, add_site
from tests.factories.visits import add_enterprise, add_visit

OLD = datetime(2026, 3, 1, tzinfo=UTC)
HERE = {"lat": LIAOCHENG[0], "lng": LIAOCHENG[1], "datum": "wgs84", "source": "gps", "accuracy_m": 10.0}
SPOT = {"location": HERE, "latitude": LIAOCHENG[0], "longitude": LIAOCHENG[1]}
FLAG = {"code": "similar_visit", "severity": "warning", "value": 1, "limit": 0, "zh": "同日", "en": "again"}


@pytest.fixture
def day(world):
    return date(world.programme.year, 1, 5)


@pytest.fixture
def enterprise(session):
    return add_enterprise(session, "信发集团", latitude=LIAOCHENG[0], longitude=LIAOCHENG[1])


@pytest.fixture
def submitted(session, world, day):
    def make(by=None, enterprise=None, **facts):
        usual = {
            "review_state": ReviewState.SUBMITTED,
            "enterprise_id": (enterprise or add_enterprise(session, f"{uuid4()}")).id,
        }
        visit = add_visit(session, by or world.field1, None, day, **(usual | facts))
        session.commit()
        return visit

    return make


@pytest.fixture
def checkin(session, world):
    def make(site, by=None, **facts):
        who, at = by or world.commissioner1, datetime(world.programme.year, 1, 5, 1, tzinfo=UTC)
        made_id = uuid4()
        usual = {
            "rev": 1,
            "number": f"LC-{made_id}",
            "unit_id": who.unit_id,
            "user_id": who.person_id,
            "site_id": site.id,
            "kind": CheckinKind.PROGRESS,
            "at": at,
            "on_day": at.date(),
            "photo_ids": [],
            "flags": [],
            "captured_at": at,
            "received_at": at,
            "updated_at": at,
        }
        made = Checkin(id=made_id, **(usual | facts))
        session.add(made)
        session.add(
            RecordRevision(
                record_id=made_id,
                rev=1,
                record_type=RecordType.CHECKIN,
                sha256="0" * 64,
                body={},
                author_id=who.person_id,
                received_at=at,
            )
        )
        session.commit()
        return made

    return make


def evidence(client, record, kind="visits"):
    answer = client.get(f"/api/hq/v1/{kind}/{record.id}/evidence")
    assert answer.status_code == 200, answer.json
    return {one["check"]: one for one in answer.json["evidence"]}


def with_photo(session, by, record, record_type="visit", **facts):
    photo = add_photo(session, by, **facts)
    record.photo_ids = [*record.photo_ids, photo.id]
    add_claim(session, by, record.id, photo, record_type)
    session.commit()
    return photo


def decide(client, *visits, batch=False, **more):
    decisions = [
        {"type": "visit", "id": str(one.id), "rev": one.rev, "decision": "approve", **more} for one in visits
    ]
    answer = client.post("/api/hq/v1/reviews", json={"decisions": decisions, "batch": batch})
    assert answer.status_code == 200, answer.json
    return answer.json["results"]


# ── evidence ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_outsider_sees_no_evidence(client, world, session, submitted, checkin):
    visit, there = submitted(), checkin(add_site(session, world.dongchangfu))
    for path in (f"/api/hq/v1/visits/{visit.id}/evidence", f"/api/hq/v1/checkins/{there.id}/evidence"):
        assert client.get(path).status_code == 401
        assert client.as_(world.field1).get(path).status_code == 403
        assert client.as_(world.unit2).get(path).status_code == 404
        assert client.as_(world.unit1).get(path).status_code == 200


def test_it_shows_every_check_of_a_visit_in_words(client, world, enterprise, submitted):
    found = evidence(client.as_(world.hq1), submitted(enterprise=enterprise, **SPOT))
    assert found["distance"]["verdict"] == "pass"
    assert found["distance"]["value"] == 0
    assert found["distance"]["text"] == "距企业 0 米（允许 1000 米，精度 ±10 米）"
    assert found["photo_bytes"]["verdict"] == "no_data"
    english = client.as_(world.hq1).get(
        f"/api/hq/v1/visits/{submitted().id}/evidence", headers={"Accept-Language": "en"}
    )
    assert english.json["evidence"][0]["text"] == "No position was reported"


def test_it_finds_the_picture_of_another_person_of_another_year(client, world, session, submitted):
    first = submitted(world.field2, received_at=OLD - timedelta(days=500))
    copy = submitted(received_at=OLD)
    alike = submitted(received_at=OLD)
    mine = with_photo(session, world.field2, first, difference_hash=SCENE, sha256="a" * 64)
    with_photo(session, world.field1, copy, difference_hash=SCENE, sha256="a" * 64)
    with_photo(session, world.field1, alike, difference_hash=SCENE ^ 0b111)
    hq = client.as_(world.hq1)
    same, near = evidence(hq, copy)["photo_bytes"], evidence(hq, alike)["photo_alike"]
    assert (same["verdict"], near["verdict"]) == ("doubt", "doubt")
    sighting = same["sightings"][0]
    assert (sighting["other_photo_id"], sighting["bits"]) == (str(mine.id), None)
    assert (sighting["record"]["number"], sighting["record"]["unit_name"]) == (first.number, "茌平区")
    assert near["value"] == 3
    original = evidence(hq, first)
    assert (original["photo_bytes"]["verdict"], original["photo_alike"]["verdict"]) == ("pass", "pass")


def test_it_forgets_a_picture_whose_record_was_taken_back(client, world, session, submitted):
    gone = submitted(received_at=OLD, review_state=ReviewState.WITHDRAWN)
    again = submitted(received_at=OLD + timedelta(1))
    photo = with_photo(session, world.field1, gone)
    again.photo_ids = [photo.id]
    add_claim(session, world.field1, again.id, photo)
    session.commit()
    assert evidence(client.as_(world.hq1), again)["photo_bytes"]["verdict"] == "pass"


def test_it_measures_the_speed_from_the_persons_last_record_of_either_kind(
    client, world, session, enterprise, submitted, checkin
):
    far = add_site(session, world.dongchangfu)
    there = checkin(far, world.field1, latitude=31.23, longitude=121.47, accuracy_m=5.0)
    visit = submitted(enterprise=enterprise, **SPOT)  # an hour later, 800 km away
    speed = evidence(client.as_(world.hq1), visit)["speed"]
    assert speed["verdict"] == "pass"
    assert speed["records"][0]["number"] == there.number
    there.at = visit.visited_at - timedelta(minutes=20)
    session.commit()
    assert evidence(client.as_(world.hq1), visit)["speed"]["verdict"] == "doubt"


def test_it_tells_of_another_team_unless_it_came_along(client, world, session, day, enterprise, submitted):
    earlier = submitted(
        world.field2, enterprise, visited_at=OLD.replace(month=1, day=2), visited_on=date(day.year, 1, 2)
    )
    visit = submitted(enterprise=enterprise)
    other = evidence(client.as_(world.hq1), visit)["other_team"]
    assert (other["verdict"], other["value"]) == ("doubt", 3)
    assert other["records"][0]["number"] == earlier.number
    visit.joint_unit_ids = [world.chiping.id]
    session.commit()
    assert evidence(client.as_(world.hq1), visit)["other_team"]["verdict"] == "pass"


def test_it_checks_a_checkin_against_its_fence_and_forgives_the_same_view(client, world, session, checkin):
    site = add_site(session, world.dongchangfu)
    first, second = checkin(site, received_at=OLD), checkin(site, received_at=OLD + timedelta(1), **SPOT)
    with_photo(session, world.commissioner1, first, "checkin", difference_hash=SCENE)
    with_photo(session, world.commissioner1, second, "checkin", difference_hash=SCENE ^ 0b1111)
    found = evidence(client.as_(world.hq1), second, "checkins")
    assert (found["distance"]["verdict"], found["distance"]["limit"]) == ("pass", 310)
    assert found["photo_alike"]["verdict"] == "pass"


# ── the queue ────────────────────────────────────────────────────────────────────────────────────────────────────


def statements(session, ask):
    """How many statements a question sends."""
    engine, seen = session.get_bind().engine, []

    def note(*told):
        seen.append(told[2])

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_it_queues_with_evidence_in_a_fixed_number_of_statements(client, world, session, submitted):
    hq, path = client.as_(world.hq1), "/api/hq/v1/reviews/queue"
    for n in range(2):
        with_photo(session, world.field1, submitted(**SPOT), difference_hash=SCENE ^ (n << 20))
    assert hq.get(path).status_code == 200
    few = statements(session, lambda: hq.get(path))
    for n in range(20):
        with_photo(session, world.field1, submitted(**SPOT), difference_hash=SCENE ^ (n << 30))
    assert statements(session, lambda: hq.get(path)) == few
    items = hq.get(path).json["items"]
    assert len(items) == 22
    assert all(one["evidence"] for one in items)


def test_it_puts_what_the_checks_doubt_before_what_no_flag_tells(client, world, session, submitted):
    old = submitted(received_at=OLD)
    hurried = submitted(received_at=OLD + timedelta(1))
    hurried.ended_at = hurried.visited_at + timedelta(minutes=1)
    session.flush()
    assess_waiting_visits(session)
    session.commit()
    items = client.as_(world.hq1).get("/api/hq/v1/reviews/queue").json["items"]
    assert [one["id"] for one in items] == [str(hurried.id), str(old.id)]
    assert [one["suspicion"] for one in items] == [10, 0]


# ── decisions ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_batch_approves_nothing_doubtful(client, world, submitted):
    clear, doubtful = submitted(), submitted(flags=[FLAG])
    first, second = decide(client.as_(world.hq1), doubtful, clear, batch=True)
    assert (first["status"], first["code"]) == ("refused", "doubtful")
    assert "疑似重复走访" in first["detail"]
    assert (second["status"], second["review_state"]) == ("applied", "approved")
    (alone,) = decide(client.as_(world.hq1), doubtful)
    assert alone["status"] == "applied"


def test_a_batch_says_nothing_of_another_units_record(client, world, submitted):
    (result,) = decide(client.as_(world.unit2), submitted(flags=[FLAG]), batch=True)
    assert result["code"] == "unknown_record"


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({"reason_code": "incomplete"}, "内容不完整"),
        ({"reason_code": "other", "reason": "请补充"}, "请补充"),
        ({"reason_code": "unclear_photo", "reason": "第二张"}, "照片不清晰或与内容不符：第二张"),
        ({"reason_code": "other"}, "reason_required"),
        ({"reason_code": "test_record"}, "unknown_reason"),
        ({"reason_code": "policy"}, "unknown_reason"),
    ],
)
def test_it_takes_reasons_of_the_list_and_text(client, world, session, submitted, told, outcome):
    visit = submitted()
    (result,) = decide(client.as_(world.hq1), visit, decision="return", **told)
    session.refresh(visit)
    assert (result["code"] or visit.review_reason) == outcome


def test_the_history_names_reason_and_remarks(client, world, submitted):
    visit, hq = submitted(flags=[FLAG]), client.as_(world.hq1)
    decide(hq, visit, decision="return", reason_code="incomplete")
    (decision,) = hq.get(f"/api/hq/v1/visits/{visit.id}/history").json["decisions"]
    assert (decision["reason_code"], decision["remarks"]) == ("incomplete", ["similar_visit"])


# ── policy ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_headquarters_sets_a_policy_and_nobody_sees_its_seed(client, world):
    path = f"/api/hq/v1/programmes/{world.programme.id}/review-policy"
    assert client.as_(world.field1).get(path).status_code == 403
    assert client.as_(world.unit1).put(path, json={"kind": "flagged"}).status_code == 403
    assert client.as_(world.unit1).get(path).json["kind"] == "all"
    told = client.as_(world.hq1).put(path, json={"kind": "random", "percent": 20, "wait_hours": 12}).json
    assert (told["kind"], told["percent"], told["set_by_name"]) == ("random", 20, "hq1")
    assert "seed" not in told
    assert client.as_(world.hq1).put(path, json={"kind": "random"}).status_code == 422


# ── explanations ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_nobody_explains_anothers_visit(client, world, submitted):
    path = f"/api/v1/visits/{submitted(flags=[FLAG]).id}/explanation"
    assert client.post(path, json={"text": "是我"}).status_code == 401
    for stranger in (world.colleague, world.field2, world.hq1):
        assert client.as_(stranger).post(path, json={"text": "是我"}).status_code == 404
        assert client.as_(stranger).get(path).status_code == 404


def test_the_author_explains_once_and_the_reviewer_reads_it(client, world, submitted):
    visit = submitted(flags=[FLAG])
    path, phone = f"/api/v1/visits/{visit.id}/explanation", client.as_(world.field1)
    first = phone.post(path, json={"text": "上午下午各去一次"})
    again = phone.post(path, json={"text": "上午下午各去一次"})
    assert (first.status_code, again.json["id"]) == (201, first.json["id"])
    assert len(phone.get(path).json["items"]) == 1
    (waiting,) = client.as_(world.unit1).get("/api/hq/v1/reviews/queue").json["items"]
    assert waiting["explanations"][0]["text"] == "上午下午各去一次"


def test_there_is_nothing_to_explain_about_a_plain_visit(client, world, submitted):
    answer = client.as_(world.field1).post(f"/api/v1/visits/{submitted().id}/explanation", json={"text": "?"})
    assert (answer.status_code, answer.json["code"]) == (409, "nothing_to_explain")


def test_a_returned_visit_may_be_explained(client, world, submitted):
    visit = submitted(review_state=ReviewState.RETURNED)
    answer = client.as_(world.field1).post(f"/api/v1/visits/{visit.id}/explanation", json={"text": "已补"})
    assert answer.status_code == 201


# ── fairness ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_measures_how_many_flagged_records_pass_all_the_same(client, world, submitted):
    hq = client.as_(world.hq1)
    visits = [submitted(flags=[FLAG]) for _ in range(3)]
    decide(hq, *visits[:2])
    decide(hq, visits[2], decision="void", reason_code="duplicate")
    submitted(flags=[FLAG])
    (line,) = hq.get("/api/hq/v1/reviews/flags").json["items"]
    assert line | {"records_url": ""} == {
        "code": "similar_visit",
        "raised": 3,
        "approved": 2,
        "returned": 0,
        "voided": 1,
        "false_positive_share": 66.7,
        "records_url": "",
    }
    behind = hq.get(line["records_url"]).json["items"]
    assert {one["id"] for one in behind} == {str(one.id) for one in visits}
    assert client.as_(world.unit2).get("/api/hq/v1/reviews/flags").json["items"] == []
    assert client.as_(world.field1).get("/api/hq/v1/reviews/flags").status_code == 403


def test_a_decision_that_was_taken_back_proves_nothing(client, world, submitted):
    hq, visit = client.as_(world.hq1), submitted(flags=[FLAG])
    decide(hq, visit)
    decide(hq, visit, decision="unapprove")
    assert hq.get("/api/hq/v1/reviews/flags").json["items"] == []
