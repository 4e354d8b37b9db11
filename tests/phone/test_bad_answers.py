"""What a phone takes for an answer, and what each answer makes it do: against a living house behind a line that lies."""

import json
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from tests.faults.hurts import portal
from tests.faults.line import Line, composed, split
from tests.support.live import PASSWORD
from tests.support.phone import HandClock, Misbehaviour, State
from tests.support.phone_steps import visit_body
from tests.support.tiny_picture import tiny_picture

pytestmark = pytest.mark.xdist_group("bad_answers")

SEED = 11
PUSH = "/api/v1/sync/push"


@pytest.fixture
def clock():
    return HandClock(datetime.now(UTC))


def line_of(house, habit, only=lambda call: True):
    """A line on which these calls fall to the habit, and the others pass."""
    return Line(house.port, {habit: 1}, 1.0, SEED, spared=lambda call: not only(call))


def refusing(status, document, **headers):
    """A habit: the server turns the call down."""

    async def refused(call, _chance):
        await call.whole()
        body = json.dumps({"code": "told", "status": int(status[:3])} | document).encode()
        lines = [f"{name}: {value}" for name, value in headers.items()]
        await call.answer(composed(status, body, "application/problem+json", *lines))

    return refused


def seen(house, visit_id):
    return len(house.ask("SELECT 1 FROM visits WHERE id = :id", id=visit_id))


@pytest.mark.parametrize("batch", [True, False], ids=["batches", "one by one"])
def test_it_takes_no_page_of_a_captive_portal_for_success(house, phone_of, clock, batch):
    phone = phone_of(clock=clock, batch=batch)
    phone.sign_in()
    photo, visit = phone.keep_photo(tiny_picture()), phone.keep_visit(visit_body())
    with line_of(house, portal) as line:
        behind = phone_of(clock=clock, batch=batch, base_url=line.base_url)
        for _ in range(12):
            behind.sync()
            clock.sleep(600)
        assert line.hurt.total() >= 12
    assert (len(behind.outbox.pending), behind.outbox.acknowledged) == (2, {})
    assert behind.outbox.problems == []
    again = phone_of(clock=clock, batch=batch)
    assert again.sync_until_empty(3600)
    assert set(again.outbox.acknowledged) == {str(photo), str(visit)}


def test_it_refuses_a_receipt_with_another_hash(house, phone_of, clock):
    async def bends_receipts(call, _chance):
        _head, body = split(await call.forward())
        told = json.loads(body)
        for result in told["results"]:
            result["receipt"]["sha256"] = "0" * 64
        await call.answer(composed("200 OK", json.dumps(told).encode(), "application/json"))

    with line_of(house, bends_receipts, lambda call: call.path == PUSH) as line:
        phone = phone_of(clock=clock, base_url=line.base_url)
        visit = phone.keep_visit(visit_body())
        report = phone.sync()
    assert (report.sent, report.faults["not_our_receipt"]) == (0, 1)
    assert seen(house, visit) == 1, "the server has it, but has not proved that it is what the phone wrote"
    assert [one.state for one in phone.outbox.pending] == [State.WAITING]
    honest = phone_of(clock=clock)
    assert honest.sync_until_empty(600)
    assert seen(house, visit) == 1


def test_it_finds_results_by_their_op_and_sends_again_what_has_none(house, phone_of, clock):
    async def shuffles_and_drops(call, _chance):
        _head, body = split(await call.forward())
        told = json.loads(body)
        told["results"] = told["results"][:0:-1]
        await call.answer(composed("200 OK", json.dumps(told).encode(), "application/json"))

    with line_of(house, shuffles_and_drops, lambda call: call.path == PUSH) as line:
        phone = phone_of(clock=clock, base_url=line.base_url)
        visits = [str(phone.keep_visit(visit_body(summary=f"{n}"))) for n in range(5)]
        report = phone.sync()
    assert (report.sent, report.faults["no_result"]) == (4, 1)
    assert [one.id for one in phone.outbox.pending] == visits[:1]


@pytest.mark.parametrize(
    ("status", "action"),
    [("503 Service Unavailable", "wait"), ("507 Insufficient Storage", "wait"), ("429 Too Many", "wait")],
)
def test_it_keeps_everything_and_comes_back_no_earlier_than_it_was_asked_to(
    house, phone_of, clock, status, action
):
    habit = refusing(status, {"client_action": action}, **{"Retry-After": "120"})
    with line_of(house, habit, lambda call: call.path == PUSH) as line:
        phone = phone_of(clock=clock, base_url=line.base_url)
        phone.keep_visit(visit_body())
        assert phone.sync().faults["told"] == 1
        clock.sleep(119)
        phone.sync()
        assert line.hurt.total() == 1
        clock.sleep(30)
        phone.sync()
        assert line.hurt.total() == 2
    assert [one.state for one in phone.outbox.pending] == [State.PENDING]


def test_it_sends_records_while_photos_must_wait(house, phone_of, clock):
    habit = refusing("503 Service Unavailable", {"client_action": "wait"}, **{"Retry-After": "600"})
    with line_of(house, habit, lambda call: "/tus" in call.path or "/content" in call.path) as line:
        phone = phone_of(clock=clock, base_url=line.base_url)
        photo = phone.keep_photo(tiny_picture())
        visit = phone.keep_visit(visit_body(photo_ids=[str(photo)]))
        report = phone.sync()
    assert (report.sent, report.photos) == (1, 0)
    assert [one.id for one in phone.outbox.pending] == [str(photo)]
    assert seen(house, visit) == 1


def test_it_stops_and_says_so_when_the_app_is_too_old(house, phone_of, clock):
    habit = refusing("426 Upgrade Required", {"client_action": "upgrade", "code": "client_too_old"})
    with line_of(house, habit, lambda call: call.path == PUSH) as line:
        phone = phone_of(clock=clock, base_url=line.base_url)
        phone.keep_visit(visit_body())
        assert phone.sync().stopped == "client_too_old"
        assert not phone.sync_until_empty(3600)
        assert line.hurt.total() == 2, "it does not go on asking by itself"
    assert len(phone.outbox.pending) == 1
    newer = phone_of(clock=clock, app_version="2.0.0")
    assert newer.sync_until_empty(60)


def test_it_lets_one_poisoned_item_wait_alone(house, phone_of, clock):
    """The server stumbles over a whole batch whenever one certain record is in it."""

    async def stumbles(call, _chance):
        request = await call.whole()
        if b"poison" in request:
            body = json.dumps({"code": "internal_error", "client_action": "retry"}).encode()
            await call.answer(composed("500 Internal Error", body, "application/problem+json"))
        else:
            await call.answer(await call.forward())

    with line_of(house, stumbles, lambda call: call.path == PUSH) as line:
        phone = phone_of(clock=clock, base_url=line.base_url)
        for number in range(30):
            phone.keep_visit(visit_body(summary="poison" if number == 7 else f"{number}"))
        for _ in range(40):
            phone.sync()
            clock.sleep(120)
    assert [one.body["summary"] for one in phone.outbox.pending] == ["poison"]
    assert len(phone.outbox.acknowledged) == 29


def test_it_renews_its_access_by_itself(house, phone_of, clock):
    phone = phone_of(clock=clock, device_id="renews")
    phone.sign_in()
    _end(house, "access_expires_at", "renews")
    phone.keep_visit(visit_body())
    report = phone.sync()
    assert (report.sent, report.stopped) == (1, None)


def test_it_signs_in_again_when_its_refresh_has_run_out_too(house, phone_of, clock):
    phone = phone_of(clock=clock, device_id="signs-in")
    phone.sign_in()
    _end(house, "access_expires_at", "signs-in")
    _end(house, "refresh_expires_at", "signs-in")
    phone.keep_visit(visit_body())
    assert phone.sync().sent == 1


def test_a_password_that_is_no_longer_right_costs_nothing_but_time(house, phone_of, clock):
    phone = phone_of("colleague", clock=clock, password="not the password any more")
    visit, photo = phone.keep_visit(visit_body()), phone.keep_photo(tiny_picture())
    report = phone.sync()
    assert report.stopped == "wrong_password"
    assert {one.id for one in phone.outbox.pending} == {str(visit), str(photo)}
    right = phone_of("colleague", clock=clock, password=PASSWORD)
    assert right.sync_until_empty(60)


def test_a_revoked_device_hands_in_what_it_has_and_still_keeps_it(house, phone_of, clock):
    phone = phone_of("field2", clock=clock, device_id="to-be-revoked")
    phone.sign_in()
    hq = house.sign_in("hq1")
    device = next(one for one in hq.every("/api/hq/v1/devices") if one["id"] == "to-be-revoked")
    assert hq.post(f"/api/hq/v1/devices/{device['id']}/revocation", {"reason": "手机丢失"}).status < 300
    visit = phone.keep_visit(visit_body())
    report = phone.sync()
    assert report.stopped == "device_revoked"
    assert [(one.id, one.problem["code"]) for one in phone.outbox.problems] == [(str(visit), "handed_in")]


def test_hanging_up_and_tapping_twice_double_nothing(house, phone_of, clock):
    bad = Misbehaviour(hang_up=0.3, double_tap=0.3)
    phone = phone_of(clock=clock, misbehaviour=bad)
    photos = [str(phone.keep_photo(tiny_picture())) for _ in range(5)]
    visits = [
        str(phone.keep_visit(visit_body(summary=f"{n}", photo_ids=photos[n : n + 1]))) for n in range(30)
    ]
    assert phone.sync_until_empty(36_000)
    assert bad.hung_up > 0
    assert bad.double_tapped > 0
    assert set(phone.outbox.acknowledged) == {*photos, *visits}
    assert all(seen(house, visit) == 1 for visit in visits)


def _end(house, column, device_id):
    engine = sa.create_engine(house.database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(
            sa.text(f"UPDATE sign_ins SET {column} = now() - interval '1 day' WHERE device_id = :device"),
            {"device": device_id},
        )
