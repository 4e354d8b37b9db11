"""Phones that push the same records at once: no deadlock reaches a phone, each record is there once, the count is right."""

import random
from functools import partial
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from service.kernel.ids import uuid7
from service.submissions import batch
from service.submissions.models import KeptSubmission, RecordRevision
from service.visits.models import Visit
from service.visits.recounting import verify
from tests.factories.submissions import visit_body
from tests.factories.visits import add_enterprise
from tests.support.committed import at_once, committed_house

PUSH = "/api/v1/sync/push"


@pytest.fixture(scope="module")
def house(postgres_url, tmp_path_factory):
    with committed_house(postgres_url, tmp_path_factory.mktemp("house")) as made:
        yield made


def op(body, record_id=None, **more):
    return {"op_id": str(uuid4()), "type": "visit", "id": str(record_id or uuid7()), "body": body} | more


def push(phone, ops):
    answer = phone.post(PUSH, json={"ops": ops})
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()["results"]


def enterprises(house, count):
    with house.sessions() as session:
        made = [str(add_enterprise(session, f"企业{n}").id) for n in range(count)]
        session.commit()
    return made


@pytest.mark.parametrize("seed", range(4))
def test_overlapping_batches_in_different_orders_leave_each_record_once(house, seed):
    chance = random.Random(seed)
    few = enterprises(house, 5)
    ops = [op(visit_body(enterprise_id=chance.choice(few), summary=str(n))) for n in range(24)]
    ops += [op(visit_body(summary=f"改{n}"), ops[n]["id"], base_rev=1) for n in range(4)]
    phones = [house.phone(house.world.field1) for _ in range(5)]
    batches = []
    for _ in phones:
        edits = ops[24:]
        rest = chance.sample(ops[:24], 20)
        chance.shuffle(rest)
        batches.append(rest + [one for one in edits if any(one["id"] == other["id"] for other in rest)])
    answers = at_once([partial(push, phone, sent) for phone, sent in zip(phones, batches, strict=True)])
    results = [one for answer in answers for one in answer]
    assert {one["status"] for one in results} == {"applied", "duplicate"}
    by_op = {}
    for one in results:
        assert by_op.setdefault(one["op_id"], one["receipt"]) == one["receipt"]
    applied = [one["op_id"] for one in results if one["status"] == "applied"]
    assert len(applied) == len(set(applied)) == len(by_op)
    with house.sessions() as session:
        ids = {one["id"] for one in ops}
        assert session.scalar(sa.select(sa.func.count()).where(Visit.id.in_(ids))) == len(
            {one["id"] for sent in batches for one in sent}
        )
        assert session.scalar(sa.select(sa.func.count()).where(RecordRevision.record_id.in_(ids))) == len(
            by_op
        )
        assert session.scalar(sa.select(sa.func.count()).where(KeptSubmission.record_id.in_(ids))) == 0
        assert verify(session).clean


def test_a_batch_and_single_puts_of_the_same_records_agree(house):
    (enterprise,) = enterprises(house, 1)
    ops = [op(visit_body(enterprise_id=enterprise, summary=str(n))) for n in range(12)]
    phone = house.phone(house.world.field1)

    def puts(order):
        return [phone.put(f"/api/v1/visits/{one['id']}", json=one["body"]).get_json() for one in order]

    first, second, third = at_once(
        [partial(push, phone, ops), partial(puts, ops[::-1]), partial(push, phone, ops[::-1])]
    )
    receipts = {one["id"]: one["receipt"] for one in first}
    assert {one["id"]: one["receipt"] for one in second} == receipts
    assert {one["id"]: one["receipt"] for one in third} == receipts
    with house.sessions() as session:
        assert verify(session).clean


def demand_that_one_bad_op_spoils_no_other(house):
    phone = house.phone(house.world.field1)
    ops = [op(visit_body()), op(visit_body(mode="by_balloon")), op(visit_body())]
    results = push(phone, ops)
    assert [one["status"] for one in results] == ["applied", "quarantined", "applied"]
    with house.sessions() as session:
        assert [session.get(Visit, one["id"]) is not None for one in ops] == [True, False, True]
        assert session.scalar(sa.select(KeptSubmission.id).where(KeptSubmission.record_id == ops[1]["id"]))


def test_one_bad_op_spoils_no_other(house):
    demand_that_one_bad_op_spoils_no_other(house)


@pytest.mark.parametrize("plant", ["one savepoint for all", "no savepoint at all"])
def test_a_batch_without_a_savepoint_for_each_would_be_noticed(house, monkeypatch, plant):
    """The test of the test: with either fault planted, it fails."""
    monkeypatch.setattr(batch._Batch, "together", lambda _batch, _ops: ())
    if plant == "no savepoint at all":
        monkeypatch.setattr(batch._Batch, "_tried", _tried_without_savepoint)
    else:
        monkeypatch.setattr("mobile_api.sync_push.push", _push_in_one_savepoint)
    with pytest.raises(AssertionError):
        demand_that_one_bad_op_spoils_no_other(house)


def _tried_without_savepoint(shared, one):
    return batch.Outcome(one, batch.Status.APPLIED, taken=shared._take(one))


def _push_in_one_savepoint(session, actor, ops, *, terms, most_kept):
    shared = batch._Batch(session, actor, terms, most_kept)
    try:
        with session.begin_nested():
            return [batch.Outcome(one, batch.Status.APPLIED, taken=shared._take(one)) for one in ops]
    except Exception:  # noqa: BLE001 this is the fault that is planted
        return [batch.Outcome(one, batch.Status.ERROR, problem=batch.Surprise()) for one in ops]


def test_what_goes_wrong_with_one_alone_is_told_and_may_be_sent_again(house, monkeypatch):
    taken = batch._Batch._take

    def stumble(shared, one):
        if one.op_id == "stumbles":
            raise ZeroDivisionError
        return taken(shared, one)

    phone = house.phone(house.world.field1)
    ops = [op(visit_body()), op(visit_body()) | {"op_id": "stumbles"}, op(visit_body(), base_rev=1)]
    with monkeypatch.context() as patched:
        patched.setattr(batch._Batch, "together", lambda _batch, _ops: ())
        patched.setattr(batch._Batch, "_take", stumble)
        results = push(phone, ops)
    assert [one["status"] for one in results] == ["applied", "error", "applied"]
    problem = results[1]["problem"]
    assert (problem["code"], problem["retryable"], problem["client_action"]) == (
        "internal_error",
        True,
        "retry",
    )
    assert [one["status"] for one in push(phone, ops)] == ["duplicate", "applied", "duplicate"]


def test_a_set_that_fails_is_taken_one_by_one(house, monkeypatch):
    def fail(*_args, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr("service.visits.many.claim_for_new", fail)
    phone = house.phone(house.world.field1)
    ops = [op(visit_body()) for _ in range(3)]
    assert [one["status"] for one in push(phone, ops)] == ["applied"] * 3
    with house.sessions() as session:
        ids = [one["id"] for one in ops]
        assert session.scalar(sa.select(sa.func.count()).where(Visit.id.in_(ids))) == 3
        assert verify(session).clean


def test_a_constraint_of_the_database_quarantines_one(house, monkeypatch):
    """A rule that only the database knows: here, that a visit does not end before it starts."""
    monkeypatch.setattr("service.visits.rules.faults_of", lambda _what: ())
    phone = house.phone(house.world.field1)
    bad = op(visit_body(ended_at="2020-01-01T00:00:00+08:00"))
    results = push(phone, [op(visit_body()), bad, op(visit_body())])
    assert [one["status"] for one in results] == ["applied", "quarantined", "applied"]
    assert results[1]["problem"]["quarantine"]["id"]


def test_a_deadlock_is_tried_again_and_reaches_no_phone(house, monkeypatch):
    tries = []
    conclude = batch._Batch.conclude

    def collide(shared):
        tries.append(shared)
        if len(tries) == 1:
            raise sa.exc.OperationalError("", {}, psycopg.errors.DeadlockDetected())
        conclude(shared)

    monkeypatch.setattr(batch._Batch, "conclude", collide)
    phone = house.phone(house.world.field1)
    ops = [op(visit_body()) for _ in range(3)]
    assert [one["status"] for one in push(phone, ops)] == ["applied"] * 3
    assert len(tries) == 2
