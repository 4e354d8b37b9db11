"""The outbox by itself: what it holds, in which order it lets things go, and what it takes for a proof."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import rfc8785

from tests.support.phone import HandClock, Kind, State
from tests.support.phone.backoff import Problem
from tests.support.phone.bodies import freeze
from tests.support.phone.database import Database
from tests.support.phone.items import RECORDS, NotOurReceipt
from tests.support.phone.outbox import Outbox

MORNING = datetime(2026, 3, 2, 1, tzinfo=UTC)
RECEIVED = "2026-03-02T01:00:00Z"


@pytest.fixture
def clock():
    return HandClock(MORNING)


@pytest.fixture
def outbox(tmp_path, clock):
    database = Database(tmp_path / "phone.sqlite3")
    yield Outbox(database, clock)
    database.close()


def going(outbox, clock):
    return outbox.sendable(RECORDS, clock.elapsed_ms(), 50)


def receipt(item, rev=1, **changes):
    return {"id": item.id, "rev": rev, "sha256": item.sha256, "received_at": RECEIVED} | changes


def problem(code="invalid", status=422, **facts):
    return Problem.read({"code": code, "client_action": "quarantine"} | facts, status=status)


def test_it_freezes_a_body_with_the_hash_of_its_canonical_form(outbox):
    body = {"summary": "走访", "amount": 1.50, "base_rev": 3}
    item = outbox.keep(Kind.VISIT, uuid4(), freeze(body))
    assert item.text == rfc8785.dumps({"summary": "走访", "amount": 1.5})
    assert item.sha256 == hashlib.sha256(item.text).hexdigest()


def test_it_refuses_what_has_no_canonical_form_before_it_is_kept():
    with pytest.raises(ValueError, match=r".+"):
        freeze({"amount": 2**60})


def test_it_finds_everything_when_it_is_opened_again(tmp_path, clock):
    database = Database(tmp_path / "phone.sqlite3")
    kept = Outbox(database, clock).keep(Kind.VISIT, uuid4(), freeze({"n": 1}))
    database.close()
    again = Database(tmp_path / "phone.sqlite3")
    assert Outbox(again, clock).pending == [kept]
    again.close()


def test_it_sends_an_edit_behind_its_first_revision_and_on_top_of_it(outbox, clock):
    visit, other = uuid4(), uuid4()
    first = outbox.keep(Kind.VISIT, visit, freeze({"n": 1}))
    second = outbox.keep(Kind.VISIT, visit, freeze({"n": 2}))
    beside = outbox.keep(Kind.VISIT, other, freeze({"n": 3}))
    assert [(one.item, one.base_rev) for one in going(outbox, clock)] == [(first, None), (beside, None)]
    outbox.acknowledge(going(outbox, clock)[0], receipt(first))
    following = going(outbox, clock)[0]
    assert (following.item.seq, following.base_rev) == (second.seq, 1)


def test_it_does_not_let_a_poisoned_record_hold_back_another(outbox, clock):
    poisoned = outbox.keep(Kind.VISIT, uuid4(), freeze({"n": 1}))
    fine = outbox.keep(Kind.VISIT, uuid4(), freeze({"n": 2}))
    outbox.call_a_person(poisoned, problem())
    assert [one.item.id for one in going(outbox, clock)] == [fine.id]
    assert [one.problem["code"] for one in outbox.problems] == ["invalid"]


@pytest.mark.parametrize(
    "changes",
    [{"sha256": "0" * 64}, {"id": str(uuid4())}, {"rev": 0}, {"rev": "many"}, {"received_at": ...}],
    ids=["other hash", "other id", "no revision", "odd revision", "incomplete"],
)
def test_it_takes_no_receipt_that_is_about_something_else(outbox, clock, changes):
    item = outbox.keep(Kind.VISIT, uuid4(), freeze({"n": 1}))
    told = {name: value for name, value in (receipt(item) | changes).items() if value is not ...}
    with pytest.raises(NotOurReceipt):
        outbox.acknowledge(going(outbox, clock)[0], told)
    assert [(one.id, one.state) for one in outbox.pending] == [(item.id, State.PENDING)]
    assert outbox.acknowledged == {}


def test_it_takes_no_receipt_of_the_revision_that_it_edits(outbox, clock):
    """An edit back to the first wording has the first one's hash; its receipt does not say that the edit arrived."""
    visit = uuid4()
    for number, rev in ((1, 1), (2, 2)):
        item = outbox.keep(Kind.VISIT, visit, freeze({"n": number}))
        outbox.acknowledge(going(outbox, clock)[0], receipt(item, rev))
    back = outbox.keep(Kind.VISIT, visit, freeze({"n": 1}))
    with pytest.raises(NotOurReceipt):
        outbox.acknowledge(going(outbox, clock)[0], receipt(back, 1))


def test_it_replaces_a_quarantined_body_only_when_the_repair_has_its_receipt(outbox, clock):
    visit = uuid4()
    broken = outbox.keep(Kind.VISIT, visit, freeze({"n": 1}))
    outbox.call_a_person(broken, problem())
    repair = outbox.keep(Kind.VISIT, visit, freeze({"n": 2}))
    assert [one.state for one in outbox.of(visit)] == [State.NEEDS_PERSON, State.PENDING]
    assert going(outbox, clock)[0].base_rev is None
    outbox.acknowledge(going(outbox, clock)[0], receipt(repair))
    assert [one.state for one in outbox.of(visit)] == [State.REPLACED, State.SENT]
    assert outbox.acknowledged == {str(visit): repair.sha256}


def test_it_waits_by_the_counter_and_not_by_the_clock(outbox, clock):
    item = outbox.keep(Kind.VISIT, uuid4(), freeze({"n": 1}))
    outbox.put_off(item, {"code": "unavailable"}, now_ms=clock.elapsed_ms(), pause_s=60)
    clock.set(MORNING + timedelta(days=3))
    assert going(outbox, clock) == []
    clock.set(MORNING - timedelta(days=3))
    clock.sleep(59)
    assert outbox.next_due_ms(RECORDS, clock.elapsed_ms()) == 1000
    clock.sleep(1)
    assert [one.item.failures for one in going(outbox, clock)] == [1]
    assert outbox.pending[0].problem == {"code": "unavailable"}


def test_it_waits_no_longer_after_a_restart_of_the_phone(outbox, clock):
    item = outbox.keep(Kind.VISIT, uuid4(), freeze({"n": 1}))
    outbox.put_off(item, {"code": "unavailable"}, now_ms=clock.elapsed_ms(), pause_s=60)
    clock.restart()
    assert len(going(outbox, clock)) == 1


def test_it_sends_again_what_is_recalled_in_its_old_order(outbox, clock):
    visit = uuid4()
    for number in (1, 2):
        item = outbox.keep(Kind.VISIT, visit, freeze({"n": number}))
        outbox.acknowledge(going(outbox, clock)[0], receipt(item, number))
    assert outbox.recall([str(visit), str(uuid4())]) == 2
    [first] = going(outbox, clock)
    assert (first.item.body, first.base_rev) == ({"n": 1}, None)
    outbox.acknowledge(first, receipt(first.item, 1))
    [second] = going(outbox, clock)
    assert (second.item.body, second.base_rev) == ({"n": 2}, 1)


def test_it_lets_go_only_of_what_was_proved_long_ago(outbox, clock):
    old, young, unsent = (outbox.keep(Kind.VISIT, uuid4(), freeze({"n": n})) for n in range(3))
    for sending in going(outbox, clock):
        if sending.item.id != unsent.id:
            at = "2026-01-01T00:00:00Z" if sending.item.id == old.id else RECEIVED
            outbox.acknowledge(sending, receipt(sending.item, received_at=at))
    assert [one.id for one in outbox.let_go_before("2026-02-01T00:00:00Z")] == [old.id]
    assert {one.id for one in outbox.items} == {young.id, unsent.id}


def test_it_keeps_a_proved_revision_while_an_edit_of_it_is_unsent(outbox, clock):
    visit = uuid4()
    first = outbox.keep(Kind.VISIT, visit, freeze({"n": 1}))
    outbox.acknowledge(going(outbox, clock)[0], receipt(first, received_at="2020-01-01T00:00:00Z"))
    outbox.keep(Kind.VISIT, visit, freeze({"n": 2}))
    assert outbox.let_go_before("2026-02-01T00:00:00Z") == []
    assert going(outbox, clock)[0].base_rev == 1


def test_it_forgets_a_problem_that_headquarters_has_settled(outbox):
    item = outbox.keep(Kind.VISIT, uuid4(), freeze({"n": 1}))
    outbox.call_a_person(item, problem("conflict", 409))
    outbox.settled(item.id, item.sha256, RECEIVED)
    assert (outbox.problems, outbox.of(item.id)[0].state) == ([], State.SETTLED)
