"""The phone as a whole, on a living house: what it keeps, sends, resumes, pulls, and does when it is asked."""

import errno
import hashlib
import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.sync.epoch import begin_epoch
from tests.faults.line import Line, composed
from tests.support.live import PASSWORD
from tests.support.phone import HandClock, Misbehaviour, Phone, PhoneFull, State
from tests.support.phone.bodies import new_id
from tests.support.phone.grants import CHUNK_BYTES
from tests.support.phone_steps import visit_body
from tests.support.tiny_picture import tiny_picture

pytestmark = pytest.mark.xdist_group("phone")


@pytest.fixture
def clock():
    return HandClock(datetime.now(UTC))


@pytest.fixture
def offline(tmp_path, clock):
    """A phone that finds nobody."""
    with Phone(
        "http://127.0.0.1:9",
        tmp_path / "offline",
        username="field1",
        password=PASSWORD,
        device_id="offline",
        clock=clock,
        timeout_s=0.2,
    ) as phone:
        yield phone


# What it keeps


def test_ids_are_of_version_seven_and_sort_by_time():
    ids = [new_id(datetime.fromtimestamp(seconds, UTC)) for seconds in range(1000)]
    assert ids == sorted(ids)
    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}


def test_nobody_there_is_no_error(offline):
    offline.keep_visit(visit_body())
    report = offline.sync()
    assert (report.sent, len(offline.outbox.pending)) == (0, 1)
    assert report.faults["no_answer"] > 0
    assert not offline.sync_until_empty(600)


def test_a_full_phone_keeps_the_form_open_and_nothing_half(offline):
    pages = offline._database.rows("PRAGMA page_count")[0][0]
    offline._database.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(PhoneFull) as full:
        offline.keep_visit(visit_body(summary="长" * 5000))
    assert full.value.errno == errno.ENOSPC
    assert offline.outbox.items == []
    offline._database.rows("PRAGMA max_page_count = 100000")
    kept = offline.keep_visit(visit_body(summary="长" * 5000))
    assert [one.id for one in offline.outbox.pending] == [str(kept)]


def test_a_photo_that_finds_no_room_leaves_no_file(offline, tmp_path):
    def full(_name):
        raise OSError(errno.ENOSPC, "no room")

    offline._files._on_step = full
    with pytest.raises(PhoneFull):
        offline.keep_photo(tiny_picture())
    assert list((tmp_path / "offline" / "photos").iterdir()) == []
    assert offline.outbox.items == []


def test_a_photo_whose_row_finds_no_room_leaves_no_file(offline, tmp_path, monkeypatch):
    def full(*_arguments):
        raise PhoneFull(errno.ENOSPC, "no room")

    monkeypatch.setattr(offline.outbox, "keep_photo", full)
    with pytest.raises(PhoneFull):
        offline.keep_photo(tiny_picture())
    assert list((tmp_path / "offline" / "photos").iterdir()) == []


def test_a_large_file_is_taken_from_where_it_lies(offline, tmp_path):
    content = random.Random(1).randbytes(3 * 1024 * 1024 + 7)
    (tmp_path / "clip.mp4").write_bytes(content)
    photo = offline.keep_photo(tmp_path / "clip.mp4", "video/mp4")
    assert offline.outbox.of(photo)[0].sha256 == hashlib.sha256(content).hexdigest()


# Its clocks


def test_a_capture_carries_its_distance_from_the_last_server_time(offline, clock):
    offline.account.meet("2026-03-01T00:00:00Z")
    clock.sleep(3600)
    clock.set(datetime(1999, 1, 1, tzinfo=UTC))
    visit = offline.keep_visit(visit_body())
    assert offline.outbox.of(visit)[0].body["clock"] == {
        "server_time": "2026-03-01T00:00:00Z",
        "elapsed_ms": 3_600_000,
        "phone_time": "1999-01-01T00:00:00+00:00",
    }


def test_a_restart_of_the_phone_ends_what_the_counter_can_tell(offline, clock):
    offline.account.meet("2026-03-01T00:00:00Z")
    clock.restart()
    assert "clock" not in offline.outbox.of(offline.keep_visit(visit_body()))[0].body


@pytest.mark.parametrize("years", [-10, 10])
def test_a_clock_ten_years_wrong_loses_and_delays_nothing(house, phone_of, clock, years):
    clock.set(clock.now() + timedelta(days=365 * years))
    phone = phone_of(clock=clock)
    visit = phone.keep_visit(visit_body())
    assert phone.sync_until_empty(60)
    assert str(visit) in phone.outbox.acknowledged


# What it sends


def test_known_bytes_are_not_sent_again(house, phone_of, clock):
    content = tiny_picture(50_000)
    phone = phone_of(clock=clock)
    phone.keep_photo(content)
    assert phone.sync_until_empty(60)
    sent = phone.wire.sent_bytes
    again = phone.keep_photo(content)
    assert phone.sync_until_empty(60)
    assert phone.wire.sent_bytes - sent < 5_000
    assert str(again) in phone.outbox.acknowledged


def test_a_broken_upload_goes_on_where_it_stopped(house, phone_of, clock):
    content = tiny_picture(CHUNK_BYTES * 5)

    async def breaks_once(call, _chance):
        if line.hurt.total() == 3:
            call.reset()
        await call.answer(await call.forward())

    with Line(house.port, {breaks_once: 1}, 1.0, 1, spared=lambda call: call.method != "PATCH") as line:
        phone = phone_of(clock=clock, base_url=line.base_url)
        photo = phone.keep_photo(content)
        assert phone.sync().photos == 0
    assert phone.outbox.pending[0].problem == {"code": "no_answer"}
    restarted = phone_of(clock=clock)
    assert restarted.sync_until_empty(60)
    assert restarted.wire.sent_bytes < CHUNK_BYTES * 3.5, "the first two pieces had arrived"
    assert restarted.outbox.acknowledged[str(photo)] == hashlib.sha256(content).hexdigest()


def test_a_bent_piece_is_sent_again(house, phone_of, clock):
    async def bends_once(call, _chance):
        request = await call.whole()
        if line.hurt.total() == 1:
            request = request[:-1] + bytes([request[-1] ^ 1])
        await call.answer(await call.line.ask(request, call.method))

    with Line(house.port, {bends_once: 1}, 1.0, 1, spared=lambda call: call.method != "PATCH") as line:
        phone = phone_of(clock=clock, base_url=line.base_url)
        phone.keep_photo(tiny_picture(CHUNK_BYTES * 2))
        assert phone.sync().photos == 1


def test_bytes_that_wait_to_be_verified_are_not_sent_again(house, phone_of, clock):
    async def verifies_for_a_while(call, _chance):
        if line.hurt.total() < 3:
            body = b'{"id": "x", "state": "expected", "verifying": true}'
            await call.answer(composed("202 Accepted", body, "application/json", "Retry-After: 5"))
        else:
            await call.answer(await call.forward())

    only_completion = lambda call: not call.path.endswith("/complete")  # noqa: E731
    with Line(house.port, {verifies_for_a_while: 1}, 1.0, 1, spared=only_completion) as line:
        phone = phone_of(clock=clock, base_url=line.base_url)
        phone.keep_photo(tiny_picture(100_000))
        assert phone.sync_until_empty(60)
    assert phone.wire.sent_bytes < 130_000


def test_an_older_server_without_batches_is_spoken_to_one_by_one(house, phone_of, clock):
    async def knows_no_batches(call, _chance):
        await call.whole()
        body = b'{"code": "not_found", "client_action": "fix"}'
        await call.answer(composed("404 Not Found", body, "application/problem+json"))

    with Line(house.port, {knows_no_batches: 1}, 1.0, 1, spared=lambda call: "push" not in call.path) as line:
        phone = phone_of(clock=clock, base_url=line.base_url)
        visit, photo = phone.keep_visit(visit_body()), phone.keep_photo(tiny_picture())
        phone.edit(visit, visit_body(summary="改"))
        phone.withdraw(visit, "重复")
        assert phone.sync_until_empty(60)
    assert (phone.outbox.problems, set(phone.outbox.acknowledged)) == ([], {str(visit), str(photo)})


def test_a_conflict_waits_for_the_person_and_is_then_settled(house, phone_of, clock, tmp_path):
    one, other = phone_of(clock=clock), phone_of(clock=clock, device_id="second", folder=tmp_path / "second")
    visit = one.keep_visit(visit_body(summary="一"))
    other.keep_visit(visit_body(summary="二"), visit)
    assert one.sync_until_empty(60)
    other.sync()
    assert [item.problem["code"] for item in other.outbox.problems] == ["conflict"]
    other.edit(visit, visit_body(summary="两人商定"))
    assert other.sync_until_empty(60)
    assert [item.state for item in other.outbox.of(visit)] == [State.REPLACED, State.SENT]
    one.sync()
    assert one.store.get("visit", str(visit))["summary"] == "两人商定"


def test_a_record_that_came_by_the_feed_is_edited_on_top_of_what_was_seen(house, phone_of, clock, tmp_path):
    first = phone_of(clock=clock)
    visit = first.keep_visit(visit_body(summary="一"))
    first.sync_until_empty(60)
    new_phone = phone_of(clock=clock, device_id="new", folder=tmp_path / "new")
    new_phone.sync()
    new_phone.edit(visit, visit_body(summary="在新手机上改"))
    assert new_phone.sync_until_empty(60)
    assert house.ask("SELECT rev FROM visits WHERE id = :id", id=visit)[0].rev == 2


# What it is told


def test_a_cursor_that_is_too_old_begins_the_store_anew_and_touches_nothing_unsent(house, phone_of, clock):
    phone = phone_of(clock=clock, misbehaviour=Misbehaviour())
    phone.keep_visit(visit_body())
    assert phone.sync_until_empty(60)
    before = phone.store.counts()
    engine = sa.create_engine(house.database_url, poolclass=sa.NullPool)
    with Session(engine) as session:
        begin_epoch(session)
        session.commit()
    phone.keep_visit(visit_body(mode="by magic"))
    report = phone.sync()
    assert report.faults["cursor_expired"] == 1
    assert report.pulled >= sum(before.values())
    assert {name: many for name, many in phone.store.counts().items() if name != "kept"} == {
        name: many for name, many in before.items() if name != "kept"
    }
    assert len(phone.outbox.problems) == 1


def test_it_sends_again_what_headquarters_recalls_and_says_what_is_gone(house, phone_of, clock):
    phone = phone_of(clock=clock)
    photo = phone.keep_photo(tiny_picture())
    visit = phone.keep_visit(visit_body(photo_ids=[str(photo)]))
    assert phone.sync_until_empty(60)
    hq, gone = house.sign_in("hq1"), str(uuid4())
    asked = {"user_id": str(house.world.field1.person_id), "record_ids": [str(visit), gone], "reason": "核对"}
    assert hq.post("/api/hq/v1/recalls", asked).status == 201
    assert phone.sync().recalled == 1
    assert phone.outbox.of(visit)[0].state is State.PENDING
    assert phone.sync_until_empty(60)
    [answer] = house.ask(
        "SELECT sent_ids, missing_ids, answered_at FROM recall_answers WHERE answered_at IS NOT NULL"
    )
    assert (answer.sent_ids, [str(one) for one in answer.missing_ids]) == ([visit], [gone])
    assert phone.sync().recalled == 0


def test_it_tells_the_server_what_it_still_holds(house, phone_of, clock):
    phone = phone_of("field2", clock=clock)
    phone.sign_in()

    async def no_push(call, _chance):
        call.reset()

    with Line(house.port, {no_push: 1}, 1.0, 1, spared=lambda call: "push" not in call.path) as line:
        behind = phone_of("field2", clock=clock, base_url=line.base_url)
        behind.keep_visit(visit_body())
        behind.keep_photo(tiny_picture())
        assert behind.sync().is_reported
    [told] = house.ask(
        "SELECT pending_records, pending_photos FROM heartbeats WHERE device_id = 'phone-of-field2'"
    )
    assert tuple(told) == (1, 1)


def test_it_lets_go_of_originals_long_after_they_were_proved(house, phone_of, clock):
    phone = phone_of(clock=clock)
    photo = phone.keep_photo(tiny_picture())
    assert phone.sync_until_empty(60)
    path = phone._files.path(photo)
    clock.sleep(90 * 86400)
    phone.sync()
    assert path.exists(), "the phone's own clock decides nothing"
    phone.account.meet((datetime.now(UTC) + timedelta(days=31)).isoformat().replace("+00:00", "Z"))
    phone._tidy()
    assert (path.exists(), phone.outbox.of(photo)) == (False, [])
