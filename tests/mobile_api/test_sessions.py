"""People come in by password or PIN, come back by refresh, and are kept out by everything else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import argon2
import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import sessionmaker

from service.accounts import devices, enrolment, lockout, passwords, people, sign_in
from service.accounts.devices import DeviceFacts
from service.accounts.errors import TooManyFailures, WrongPassword, WrongPin
from service.accounts.models import Device, SignInFailure, User
from service.accounts.sign_in import PasswordAttempt, PinAttempt, Terms
from service.audit.models import AuditEntry
from service.kernel.db import make_engine
from tests.factories.accounts import PASSWORD, PHONE, credentials, give_password
from tests.support.postgres import migrated_database
from tests.support.world import build_world

SESSIONS = "/api/v1/sessions"
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def quick(monkeypatch):
    """Only the right password matches, and no time is spent on it."""

    def matches(password_hash, password):
        return password_hash is not None and password == PASSWORD

    monkeypatch.setattr(passwords, "matches", matches)


def bearer(answer):
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


def wrong(client, username="field1", **device):
    return client.post(SESSIONS, json=credentials(username, "not the password", **device))


def without_trace(answer):
    return {key: value for key, value in answer.json.items() if key != "trace_id"}


# outsiders


def test_it_answers_a_stranger_as_it_answers_a_wrong_password(client, session, world):
    give_password(session, world.field1)
    known, unknown = wrong(client), wrong(client, "nobody")
    people.close_person(session, world.admin, world.leader1.person_id)
    session.commit()
    no_password, closed = wrong(client, "field2"), wrong(client, "leader1")
    assert {one.status_code for one in (known, unknown, no_password, closed)} == {401}
    assert (
        without_trace(known) == without_trace(unknown) == without_trace(no_password) == without_trace(closed)
    )
    assert known.json["code"] == "wrong_password"


def test_it_hashes_once_for_known_and_unknown_alike(client, session, world, monkeypatch):
    give_password(session, world.field1)
    compared = []
    real = passwords._HASHER

    class Watching:
        def verify(self, password_hash, password):
            compared.append(password_hash[:30])
            return real.verify(password_hash, password)

    monkeypatch.setattr(passwords, "_HASHER", Watching())
    wrong(client)
    wrong(client, "nobody")
    assert len(compared) == 2
    assert compared[0] == compared[1]  # the same algorithm and cost


def test_it_keeps_a_closed_account_out(client, session, world):
    give_password(session, world.field1)
    people.close_person(session, world.admin, world.field1.person_id)
    session.commit()
    assert client.post(SESSIONS, json=credentials("field1")).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"username": "field1"},
        {"username": "field1", "password": 5},
        {"username": "field1", "password": PASSWORD, "device": {}},
        {"username": "field1", "password": PASSWORD, "device": {"id": "a/b"}},
        {"username": "field1", "password": PASSWORD, "device": "phone"},
        {"username": "x" * 65, "password": PASSWORD},
        {"username": "field1", "password": "x" * 257},
    ],
)
def test_it_says_what_is_wrong_with_a_body(client, world, body):
    assert client.post(SESSIONS, json=body).status_code == 422


# password


def test_it_signs_a_person_in_as_the_contract_says(client, session, world):
    give_password(session, world.field1)
    answer = client.post(SESSIONS, json=credentials(" Field1 "))
    assert answer.status_code == 201
    assert {"access_token", "expires_at", "refresh_token", "user"} <= set(answer.json)
    assert answer.headers["Cache-Control"] == "no-store"
    user = answer.json["user"]
    assert (user["id"], user["name"], user["roles"]) == (str(world.field1.user_id), "field1", ["field_staff"])
    assert user["unit"] == {"id": str(world.dongchangfu.id), "name": "东昌府区", "kind": "county"}
    assert client.get("/api/v1/me", headers=bearer(answer)).status_code == 200


def test_it_remembers_the_device_and_writes_the_audit(client, session, world):
    give_password(session, world.field1)
    client.post(SESSIONS, json=credentials("field1"))
    device = session.get_one(Device, PHONE["id"])
    assert (device.platform, device.model, device.app_version) == ("android", "Pixel 8", "1.0")
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "session.open")).one()
    assert (entry.actor_id, entry.details) == (world.field1.user_id, {"way": "password"})


def test_it_signs_in_a_browser_that_names_no_device(client, session, world):
    give_password(session, world.hq1)
    assert client.post(SESSIONS, json={"username": "hq1", "password": PASSWORD}).status_code == 201


def test_it_hashes_an_old_hash_anew(client, session, world):
    give_password(session, world.field1)
    user = session.get_one(User, world.field1.user_id)
    user.password_hash = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    session.commit()
    assert client.post(SESSIONS, json=credentials("field1")).status_code == 201
    session.refresh(user)
    assert "m=19456,t=2,p=1" in user.password_hash


# lockout


def test_it_locks_an_account_after_five_failures_for_a_quarter_of_an_hour(
    client, session, world, clock, quick
):
    give_password(session, world.field1)
    assert [wrong(client).status_code for _ in range(6)] == [401] * 5 + [429]
    locked = client.post(SESSIONS, json=credentials("field1"))
    assert (locked.status_code, locked.json["code"], locked.headers["Retry-After"]) == (
        429,
        "too_many_failures",
        "900",
    )
    clock.shift(timedelta(minutes=15))
    assert client.post(SESSIONS, json=credentials("field1")).status_code == 201


def test_it_locks_a_name_that_nobody_has_in_the_same_way(client, world, clock, quick):
    assert [wrong(client, "nobody").status_code for _ in range(6)] == [401] * 5 + [429]


def test_it_lets_the_known_phone_in_while_a_stranger_has_locked_the_account(
    client, session, world, clock, quick
):
    give_password(session, world.field1)
    assert client.post(SESSIONS, json=credentials("field1")).status_code == 201
    for _ in range(6):
        wrong(client, id="thief")
    assert client.post(SESSIONS, json=credentials("field1", id="thief")).status_code == 429
    assert client.post(SESSIONS, json=credentials("field1")).status_code == 201


def test_it_limits_the_known_phone_too(client, session, world, clock, quick):
    give_password(session, world.field1)
    client.post(SESSIONS, json=credentials("field1"))
    assert [wrong(client).status_code for _ in range(11)] == [401] * 10 + [429]


def test_it_does_not_trust_a_known_phone_that_was_reported_lost(client, session, world, clock, quick):
    give_password(session, world.field1)
    client.post(SESSIONS, json=credentials("field1"))
    devices.revoke_device(session, world.admin, PHONE["id"])
    session.commit()
    assert [wrong(client).status_code for _ in range(6)] == [401] * 5 + [429]


def test_it_locks_an_address_that_tries_many_names(client, world, clock, quick):
    answers = [wrong(client, f"name{turn}").status_code for turn in range(51)]
    assert answers == [401] * 50 + [429]


def test_it_lets_five_of_forty_guesses_at_once_reach_a_hash(postgres_url, monkeypatch):
    reached = []
    monkeypatch.setattr(passwords, "matches", lambda *_: reached.append(1))
    with migrated_database(postgres_url) as url:
        engine = make_engine(url)
        opener = sessionmaker(engine, expire_on_commit=False)

        def guess(turn):
            attempt = PasswordAttempt("field1", "x", DeviceFacts(f"phone-{turn}"), f"10.0.0.{turn}")
            with pytest.raises((WrongPassword, TooManyFailures)):
                sign_in.sign_in(opener.begin, attempt, Terms(b"test secret"))

        with ThreadPoolExecutor(10) as pool:
            list(pool.map(guess, range(40)))
        engine.dispose()
    assert len(reached) == 5


def test_it_forgives_the_account_after_success(client, session, world, clock, quick):
    give_password(session, world.field1)
    for _ in range(4):
        wrong(client)
    client.post(SESSIONS, json=credentials("field1"))
    assert session.scalar(sa.select(sa.func.count()).select_from(SignInFailure)) == 0


def test_it_lets_at_most_a_hundred_guesses_a_day_reach_a_hash(client, session, world, clock, monkeypatch):
    give_password(session, world.field1)
    reached = []
    monkeypatch.setattr(passwords, "matches", lambda *_: reached.append(1))
    monkeypatch.setattr(lockout, "ADDRESS", ())
    for _ in range(96):
        for _ in range(6):
            wrong(client)
        clock.shift(timedelta(minutes=15))
    assert len(reached) <= 100


def test_it_forgets_failures_that_nobody_counts(client, session, world, clock, quick):
    wrong(client)
    clock.shift(timedelta(days=1, seconds=1))
    lockout.forget_old_failures(session)
    assert session.scalar(sa.select(sa.func.count()).select_from(SignInFailure)) == 0


# a one-time password


def test_it_opens_only_the_own_page_to_a_one_time_password(client, session, world):
    password = people.reset_password(session, world.admin, world.field1.person_id)
    session.commit()
    answer = client.post(SESSIONS, json=credentials("field1", password))
    assert answer.json["user"]["must_change_password"] is True
    assert client.get("/api/v1/me", headers=bearer(answer)).status_code == 200
    refused = client.get("/api/hq/v1/units", headers=bearer(answer))
    assert (refused.status_code, refused.json["code"]) == (403, "password_change_due")
    change = {"old_password": password, "new_password": "green tea in the rain"}
    assert client.put("/api/v1/me/password", json=change, headers=bearer(answer)).status_code == 204
    assert client.get("/api/hq/v1/units", headers=bearer(answer)).json["code"] == "forbidden"


def test_it_takes_a_one_time_password_for_three_days(client, session, world, clock, quick):
    give_password(session, world.field1, must_change=True)
    clock.shift(timedelta(days=3, seconds=1))
    answer = client.post(SESSIONS, json=credentials("field1"))
    assert (answer.status_code, answer.json["code"]) == (401, "one_time_password_too_old")


# devices


def test_it_keeps_a_lost_device_out_until_it_is_enrolled_anew(client, session, world):
    give_password(session, world.field1)
    first = client.post(SESSIONS, json=credentials("field1"))
    devices.revoke_device(session, world.admin, PHONE["id"])
    session.commit()
    assert client.get("/api/v1/me", headers=bearer(first)).status_code == 401
    refused = client.post(SESSIONS, json=credentials("field1"))
    assert (refused.status_code, refused.json["code"]) == (403, "device_revoked")
    assert enrolled(client, issued(session, world)).status_code == 201
    assert client.post(SESSIONS, json=credentials("field1")).status_code == 201


# PIN


def issued(session, world, person="field1"):
    pin = enrolment.issue_pin(
        session, world.admin, getattr(world, person).person_id, secret=b"test secret", server="https://here"
    ).pin
    session.commit()
    return pin


def enrolled(client, pin, **device):
    return client.post(f"{SESSIONS}/enrol", json={"pin": pin, "device": PHONE | device})


def test_it_enrols_a_phone_by_a_pin_once(client, session, world):
    pin = issued(session, world)
    answer = enrolled(client, f"{pin[:4]} {pin[4:]}")
    assert (answer.status_code, answer.json["user"]["name"]) == (201, "field1")
    assert client.get("/api/v1/me", headers=bearer(answer)).status_code == 200
    again = enrolled(client, pin, id="phone-2")
    assert (again.status_code, again.json["code"]) == (401, "wrong_pin")


def test_it_lets_only_one_of_two_phones_claim_a_pin_at_once(postgres_url):
    with migrated_database(postgres_url) as url:
        engine = make_engine(url)
        opener = sessionmaker(engine, expire_on_commit=False)
        with opener.begin() as session:
            pin = issued(session, build_world(session))

        def claim(turn):
            attempt = PinAttempt(pin, DeviceFacts(f"phone-{turn}"), "1.2.3.4")
            try:
                return sign_in.enrol(opener.begin, attempt, Terms(b"test secret")).user.name
            except WrongPin:
                return None

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(claim, range(8)))
        engine.dispose()
    assert sorted(answers, key=str) == [None] * 7 + ["field1"]


def test_it_refuses_a_pin_after_ten_minutes(client, session, world, clock):
    pin = issued(session, world)
    clock.shift(timedelta(minutes=10))
    assert enrolled(client, pin).status_code == 401


def test_it_refuses_the_earlier_of_two_pins(client, session, world):
    earlier, later = issued(session, world), issued(session, world)
    assert enrolled(client, earlier).status_code == 401
    assert enrolled(client, later).status_code == 201


def test_it_refuses_the_pin_of_a_closed_account(client, session, world):
    pin = issued(session, world)
    people.close_person(session, world.admin, world.field1.person_id)
    session.commit()
    assert enrolled(client, pin).status_code == 401


def test_it_limits_wrong_pins_from_an_address(client, session, world, clock):
    answers = [enrolled(client, f"{turn:08d}").status_code for turn in range(11)]
    assert answers == [401] * 10 + [429]
    assert enrolled(client, issued(session, world)).status_code == 429


@pytest.mark.parametrize("pin", ["", "12345", "123456789", "abcdefgh", "１２３４５６７８", 12345678])
def test_it_says_that_this_is_no_pin(client, world, pin):
    assert enrolled(client, pin).status_code == 422


# refresh and sign-out


def test_it_refreshes_and_repeats_the_same_answer(client, session, world):
    give_password(session, world.field1)
    first = client.post(SESSIONS, json=credentials("field1"))
    held = {"refresh_token": first.json["refresh_token"]}
    one, other = (client.post(f"{SESSIONS}/refresh", json=held) for _ in range(2))
    assert one.status_code == other.status_code == 200
    assert one.json == other.json
    assert client.get("/api/v1/me", headers=bearer(one)).status_code == 200
    assert client.get("/api/v1/me", headers=bearer(first)).status_code == 401


def test_it_ends_the_sign_in_for_thief_and_owner_when_a_spent_token_returns(
    client, session, world, clock, quick
):
    give_password(session, world.field1)
    first = client.post(SESSIONS, json=credentials("field1"))
    held = {"refresh_token": first.json["refresh_token"]}
    current = client.post(f"{SESSIONS}/refresh", json=held)
    clock.shift(timedelta(minutes=11))
    assert client.get("/api/v1/me", headers=bearer(current)).status_code == 200
    clock.shift(timedelta(minutes=1))
    assert client.post(f"{SESSIONS}/refresh", json=held).status_code == 401
    assert client.get("/api/v1/me", headers=bearer(current)).status_code == 401
    session.expire_all()


@pytest.mark.parametrize("token", ["x", "A" * 86, "\x00", "é" * 10])
def test_it_refuses_a_refresh_token_it_never_gave_out(client, world, token):
    assert client.post(f"{SESSIONS}/refresh", json={"refresh_token": token}).status_code in {401, 422}


def test_it_signs_out_this_device_alone(client, session, world):
    give_password(session, world.field1)
    here, there = (client.post(SESSIONS, json=credentials("field1", id=name)) for name in ("here", "there"))
    assert client.delete(f"{SESSIONS}/current", headers=bearer(here)).status_code == 204
    assert client.get("/api/v1/me", headers=bearer(here)).status_code == 401
    assert client.get("/api/v1/me", headers=bearer(there)).status_code == 200
