"""A batch of every type of op: one that is poisoned spoils none, a server that dies leaves nothing half, a trial nothing."""

from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from service.accounts.devices import revoke_device
from service.accounts.sessions import open_sign_in
from service.backup.snapshot import count_rows
from service.kernel.actor import Role
from service.kernel.ids import uuid7
from service.submissions import batch
from service.visits.recounting import verify
from tests.factories.sites import add_site, checkin_body
from tests.factories.submissions import visit_body
from tests.factories.visits import add_enterprise
from tests.support.committed import committed_house
from tests.support.photos import announcement
from tests.support.world import add_person

PUSH = "/api/v1/sync/push"
TYPES = ("visit", "checkin", "photo", "withdrawal")


@pytest.fixture(scope="module")
def house(postgres_url, tmp_path_factory):
    with committed_house(postgres_url, tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture
def person(house):
    """Somebody of whom nothing is here yet."""
    with house.sessions.begin() as session:
        return add_person(session, f"p{uuid4()}", house.world.dongchangfu, Role.FIELD_STAFF)


@pytest.fixture
def phone(house, person):
    return house.phone(person)


@pytest.fixture(scope="module")
def place(house):
    """A site and an enterprise."""
    with house.sessions.begin() as session:
        session.expire_on_commit = False
        return add_site(session, house.world.dongchangfu), add_enterprise(session, "一家").id


def op(record_type, body, record_id=None, **more):
    named = {"type": record_type, "id": str(record_id or uuid7())}
    return {"op_id": str(uuid4()), "body": body} | named | more


def good(record_type, place, visit_id=None):
    site, enterprise_id = place
    if record_type == "visit":
        return op("visit", visit_body(enterprise_id=str(enterprise_id)), visit_id)
    if record_type == "checkin":
        return op("checkin", checkin_body(site))
    if record_type == "photo":
        photo = announcement(uuid4().bytes, accept=["put", "tus"])
        return op("photo", photo, photo["id"])
    return op("withdrawal", {"reason": "填错了"}, visit_id)


def batch_of_each(place, count):
    """So many ops, of all types in turn; each withdrawal is of the visit before it."""
    ops = []
    while len(ops) < count:
        visit_id = uuid7()
        ops += [good(record_type, place, visit_id) for record_type in TYPES]
    return ops[:count]


def push(phone, ops, query=""):
    answer = phone.post(PUSH + query, json={"ops": ops})
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()["results"]


def told(result):
    """What a repeat must answer again; a grant is signed anew, and each answer has its own trace."""
    status = "duplicate" if result["status"] == "applied" else result["status"]
    problem = {name: value for name, value in result.get("problem", {}).items() if name != "trace_id"}
    return {name: result.get(name) for name in ("op_id", "type", "id", "rev", "receipt", "state")} | {
        "status": status,
        "problem": problem,
    }


def rows(house):
    """The rows of every table, and the newest number that was given."""
    with house.sessions() as session:
        number = session.scalar(sa.text("SELECT last_value FROM record_numbers"))
        return count_rows(session.connection()) | {"record_numbers": number}


POISON = {
    "visit": {"mode": "by_balloon"},
    "checkin": {"kind": "loiter", "site_id": str(uuid4())},
    "photo": {"sha256": "00", "size": -1},
    "withdrawal": {"reason": 7},
}


@pytest.mark.parametrize("record_type", TYPES)
def test_one_poisoned_op_of_any_type_leaves_49_applied_and_a_repeat_is_answered_alike(
    house, phone, place, record_type
):
    ops = [*batch_of_each(place, 48), good("visit", place)]
    poisoned = good(record_type, place)
    ops.insert(17, poisoned | {"body": POISON[record_type]})
    first = push(phone, ops)
    assert [one["status"] for one in first].count("applied") == 49
    assert (first[17]["status"], first[17]["type"]) == ("quarantined", record_type)
    before = rows(house)
    again = push(phone, ops)
    assert [told(one) for one in again] == [told(one) for one in first]
    assert rows(house) == before
    with house.sessions() as session:
        assert verify(session).clean


@pytest.mark.parametrize("record_type", [*TYPES, "the counting"])
def test_a_server_that_dies_within_a_batch_leaves_nothing_of_it(
    house, phone, place, record_type, monkeypatch
):
    ops = [*batch_of_each(place, 48), op("visit", visit_body(mode="by_balloon"))]
    phone.get("/api/v1/me")
    before = rows(house)
    died = sa.exc.OperationalError("", {}, psycopg.errors.AdminShutdown())

    def conclude(_batch):
        raise died

    real = batch.batch_door_for

    def door_that_dies(asked):
        if asked == record_type:
            raise died
        return real(asked)

    with monkeypatch.context() as dying:
        if record_type == "the counting":
            dying.setattr(batch._Batch, "conclude", conclude)
        else:
            dying.setattr(batch, "batch_door_for", door_that_dies)
        refused = phone.post(PUSH, json={"ops": ops})
    assert (refused.status_code, refused.get_json()["client_action"]) == (503, "wait")
    after = rows(house)
    assert after.pop("record_numbers") >= before.pop("record_numbers")  # numbers may leave a gap
    assert after == before
    results = push(phone, ops)
    assert [one["status"] for one in results] == ["applied"] * 48 + ["quarantined"]


def test_a_trial_of_everything_leaves_no_row_in_any_table(house, phone, place):
    known = str(uuid7())
    push(phone, [good("visit", place, known), op("visit", visit_body(mode="x"), uuid7())])
    ops = [
        *batch_of_each(place, 8),
        op("visit", visit_body(summary="改"), known, base_rev=1),
        op("visit", visit_body(summary="冲突"), known),
        op("visit", visit_body(enterprise_id=str(uuid7()))),
        op("withdrawal", {"reason": "还没有"}),
        *[op(record_type, POISON[record_type]) for record_type in TYPES],
        op("nothing", {}),
        op("visit", visit_body(), author_id=str(uuid4())),
    ]
    before = rows(house)
    results = push(phone, ops, "?check_only=true")
    assert {one["status"] for one in results} == {"applied", "conflict", "quarantined", "error"}
    assert rows(house) == before
    tried = [told(one)["status"] for one in results]
    assert [told(one)["status"] for one in push(phone, ops)] == tried
    assert rows(house) != before


def test_a_trial_of_who_was_cut_off_leaves_no_row_either(house, person, place):
    with house.sessions.begin() as session:
        granted = open_sign_in(session, user_id=person.user_id, device_id=f"d{uuid4()}", secret=b"x")
    with house.sessions.begin() as session:
        device_id = session.scalar(
            sa.text("SELECT max(device_id) FROM sign_ins WHERE user_id = :of"), {"of": person.user_id}
        )
        revoke_device(session, house.world.hq1, device_id)
    cut_off = house.app.test_client()
    headers = {"Authorization": f"Bearer {granted.access_token}"}
    before = rows(house)
    answer = cut_off.post(f"{PUSH}?check_only=true", json={"ops": batch_of_each(place, 8)}, headers=headers)
    assert {one["status"] for one in answer.get_json()["results"]} == {"unpermitted", "error"}
    assert rows(house) == before


@pytest.mark.parametrize("others", [0, 3], ids=["alone", "together with others"])
@pytest.mark.parametrize("record_type", ["visit", "checkin"])
def test_what_met_a_taken_id_is_settled_when_it_comes_under_a_new_one(
    house, phone, place, record_type, others
):
    """That is what a phone does with it; headquarters could else make a second record of it."""
    taken, stranger = str(uuid7()), house.phone(house.world.field2)
    push(stranger, [good(record_type, place) | {"id": taken}])
    mine = good(record_type, place) | {"id": taken}
    mine["body"]["captured_at"] = "2026-01-02T03:04:05+08:00"
    (refused,) = push(phone, [mine])
    assert (refused["status"], refused["problem"]["code"]) == ("conflict", "id_taken")
    renamed = mine | {"id": str(uuid7())}
    sent = push(phone, [renamed, *[good(record_type, place) for _ in range(others)]])
    assert {one["status"] for one in sent} == {"applied"}
    (kept,) = phone.get("/api/v1/kept").get_json()["items"]
    assert (kept["settlement"], kept["became_record_id"]) == ("accepted_later", renamed["id"])
    hq = house.phone(house.world.hq1)
    answer = hq.post(f"/api/hq/v1/kept/{kept['id']}/settlement", json={"how": "new_record"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "already_settled")
