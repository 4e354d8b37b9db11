"""A browser signs in by cookie: its page reads no token, proves itself with every write, and refreshes in peace."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from service.accounts import devices, enrolment, people
from service.accounts.models import SignIn
from service.accounts.sessions import GRACE
from service.app import create_app
from service.http.browser_cookies import REFRESH_PATH
from service.submissions.models import KeptSubmission
from tests.factories.accounts import PASSWORD, PHONE, credentials, give_password
from tests.support.browser import CURRENT, SESSIONS, Browser, set_cookies
from tests.support.phone_steps import visit_body
from tests.support.photos import announcement, picture

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
HEARTBEAT = {"pending_records": 0, "pending_photos": 0}


@pytest.fixture
def desk(app, session, world):
    give_password(session, world.field1)
    return Browser(app)


@pytest.fixture
def signed_in(desk):
    assert desk.sign_in(credentials("field1")).status_code == 201
    return desk


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


# coming in


def test_it_tells_the_page_who_it_is_and_never_a_token(desk):
    answer = desk.sign_in(credentials("field1"))
    assert answer.status_code == 201
    assert set(answer.json) == {"user", "csrf_token", "expires_at", "must_change_password"}
    assert (answer.json["user"]["name"], answer.json["must_change_password"]) == ("field1", False)
    for name, path in (("qianbai_access", "/"), ("qianbai_refresh", REFRESH_PATH)):
        assert desk.cookie(name, path) not in answer.get_data(as_text=True)


def test_its_cookies_are_hidden_from_scripts_and_stay_on_this_site(desk):
    given = set_cookies(desk.sign_in(credentials("field1")))
    assert set(given) == {"qianbai_access", "qianbai_refresh"}
    for line in given.values():
        assert "HttpOnly" in line
        assert "SameSite=Strict" in line
        assert "Domain" not in line
        assert "Secure" not in line  # plain HTTP: the browser would throw it away
    assert given["qianbai_access"].split("; ").count("Path=/") == 1
    assert f"Path={REFRESH_PATH}" in given["qianbai_refresh"].split("; ")


def test_it_marks_them_secure_through_tls(app, session, world):
    give_password(session, world.field1)
    secure = Browser(app, origin="https://localhost")
    given = set_cookies(secure.sign_in(credentials("field1")))
    assert set(given) == {"__Host-qianbai_access", "__Secure-qianbai_refresh"}
    assert all("Secure" in line.split("; ") for line in given.values())
    assert secure.get("/api/v1/me").status_code == 200
    assert secure.post("/api/v1/heartbeats", json=HEARTBEAT).status_code < 300


def test_it_knows_tls_from_the_proxy_that_it_was_told_to_trust(settings, sessions, store, session, world):
    give_password(session, world.field1)
    through = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.0.0.9"}
    for proxies, expected in ((1, "__Host-qianbai_access"), (0, "qianbai_access")):
        app = create_app(replace(settings, trusted_proxies=proxies), sessions=sessions, store=store)
        answer = app.test_client().post(SESSIONS, json=credentials("field1"), headers=through)
        assert expected in set_cookies(answer)


def test_it_takes_no_plain_cookie_through_tls(signed_in):
    planted = signed_in.cookie("qianbai_access")
    over_tls = Browser(signed_in.app, origin="https://localhost")
    answer = over_tls.get("/api/v1/me", headers={"Cookie": f"qianbai_access={planted}"})
    assert answer.status_code == 401


def test_it_opens_reads_to_the_cookie_alone_and_writes_to_page_and_cookie(signed_in):
    assert signed_in.get("/api/v1/me").json["username"] == "field1"
    assert signed_in.get("/api/v1/codes").status_code == 200
    assert signed_in.post("/api/v1/heartbeats", json=HEARTBEAT).status_code < 300


def test_a_pin_enrols_a_phones_browser_once(desk, session, world):
    pin = enrolment.issue_pin(
        session, world.admin, world.field2.person_id, secret=b"test secret", server="https://here"
    ).pin
    session.commit()
    assert desk.enrol(pin, PHONE).json["user"]["name"] == "field2"
    assert desk.get("/api/v1/me").json["device_id"] == PHONE["id"]
    again = Browser(desk.app).enrol(pin, PHONE | {"id": "phone-2"})
    assert (again.status_code, again.json["code"]) == (401, "wrong_pin")


def test_a_wrong_password_opens_nothing_and_sets_no_cookie(desk):
    answer = desk.sign_in(credentials("field1", "not the password"))
    assert (answer.status_code, answer.json["code"]) == (401, "wrong_password")
    assert not set_cookies(answer)


def test_five_wrong_passwords_lock_the_account_as_they_do_elsewhere(desk):
    answers = [desk.sign_in(credentials("field1", "wrong")).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]
    assert desk.sign_in(credentials("field1")).status_code == 429


def test_it_counts_a_small_write_while_the_disk_is_low(desk, monkeypatch, app):
    class Full:
        is_low = True

    house = app.extensions["qianbai"]
    monkeypatch.setitem(app.extensions, "qianbai", replace(house, space=Full()))
    assert desk.sign_in(credentials("field1")).status_code == 201


def test_the_next_person_in_a_browser_ends_the_sign_in_before(signed_in, session, world):
    give_password(session, world.field2)
    before = signed_in.cookie("qianbai_access")
    assert signed_in.sign_in(credentials("field2")).status_code == 201
    assert signed_in.get("/api/v1/me").json["username"] == "field2"
    stale = Browser(signed_in.app).get("/api/v1/me", headers={"Cookie": f"qianbai_access={before}"})
    assert stale.status_code == 401


# who is here


def test_it_says_who_is_here_and_the_same_proof_again(signed_in):
    answer = signed_in.get(CURRENT)
    assert answer.status_code == 200
    assert answer.json["csrf_token"] == signed_in.csrf
    assert answer.json["user"]["roles"] == ["field_staff"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_says_that_nobody_is_here(desk):
    assert desk.get(CURRENT).status_code == 401


def test_signing_out_ends_the_sign_in_and_takes_the_cookies_away(signed_in):
    held = signed_in.cookie("qianbai_access")
    answer = signed_in.delete(CURRENT)
    assert answer.status_code == 204
    assert answer.headers["Clear-Site-Data"] == '"cache"'  # photos go, the outbox stays
    assert signed_in.cookie("qianbai_access") is None
    assert signed_in.cookie("qianbai_refresh", REFRESH_PATH) is None
    late = Browser(signed_in.app).get("/api/v1/me", headers={"Cookie": f"qianbai_access={held}"})
    assert late.status_code == 401
    assert signed_in.refresh().status_code == 401


# a one-time password


def test_a_one_time_password_opens_only_the_own_page(desk, session, world):
    password = people.reset_password(session, world.admin, world.field1.person_id)
    session.commit()
    answer = desk.sign_in(credentials("field1", password))
    assert answer.json["must_change_password"] is True
    assert desk.get(CURRENT).status_code == 200
    refused = desk.get("/api/v1/codes")
    assert (refused.status_code, refused.json["code"]) == (403, "password_change_due")
    change = {"old_password": password, "new_password": "green tea in the rain"}
    assert desk.put("/api/v1/me/password", json=change).status_code == 204
    assert desk.get(CURRENT).json["must_change_password"] is False
    assert desk.get("/api/v1/codes").status_code == 200


# refreshing


def test_a_refresh_gives_new_cookies_and_keeps_the_pages_proof(desk, clock):
    desk.sign_in(credentials("field1"))
    before, csrf = desk.cookie("qianbai_access"), desk.csrf
    clock.shift(timedelta(minutes=40))
    assert desk.get("/api/v1/me").status_code == 401
    answer = desk.refresh()
    assert answer.status_code == 200
    assert answer.json["csrf_token"] == csrf
    assert desk.cookie("qianbai_access") != before
    assert desk.get("/api/v1/me").status_code == 200
    assert desk.post("/api/v1/heartbeats", json=HEARTBEAT).status_code < 300


def test_a_refresh_needs_no_proof_because_a_reloaded_page_has_none(desk, clock):
    desk.sign_in(credentials("field1"))
    desk.csrf = None
    clock.shift(timedelta(minutes=40))
    assert desk.refresh().status_code == 200


def test_a_refresh_whose_answer_was_cut_gives_the_same_cookies_again(desk, clock):
    desk.sign_in(credentials("field1"))
    held = {
        "qianbai_access": desk.cookie("qianbai_access"),
        "qianbai_refresh": desk.cookie("qianbai_refresh", REFRESH_PATH),
    }
    line = "; ".join(f"{name}={value}" for name, value in held.items())
    clock.shift(timedelta(minutes=40))
    first, second = (Browser(desk.app).refresh(headers={"Cookie": line}) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json == second.json
    assert set_cookies(first).keys() == set_cookies(second).keys()
    for name, given in set_cookies(first).items():
        assert given.split(";")[0] == set_cookies(second)[name].split(";")[0]


def test_page_and_worker_that_refresh_one_after_the_other_keep_the_same_cookies(desk, clock):
    desk.sign_in(credentials("field1"))
    clock.shift(timedelta(minutes=40))
    first = desk.refresh()
    given = desk.cookie("qianbai_access")
    second = desk.refresh()
    assert (second.status_code, second.json) == (200, first.json)
    assert desk.cookie("qianbai_access") == given
    assert desk.get("/api/v1/me").status_code == 200


def test_a_refresh_token_that_is_spent_long_ago_ends_the_sign_in(desk, clock):
    desk.sign_in(credentials("field1"))
    stolen = desk.cookie("qianbai_refresh", REFRESH_PATH)
    clock.shift(timedelta(minutes=40))
    desk.refresh()
    clock.shift(timedelta(seconds=1))
    desk.get("/api/v1/me")
    clock.shift(GRACE + timedelta(minutes=30))
    thief = Browser(desk.app).refresh(headers={"Cookie": f"qianbai_refresh={stolen}"})
    assert thief.status_code == 401
    assert desk.refresh().status_code == 401


@pytest.mark.parametrize(
    "cookie", ["", "qianbai_refresh=", "qianbai_refresh=x", "qianbai_refresh=" + "A" * 90]
)
def test_a_refresh_without_a_token_of_ours_opens_nothing(desk, cookie):
    assert desk.refresh(headers={"Cookie": cookie}).status_code == 401


# cut off


def push(desk, **options):
    op = {"op_id": "1", "type": "visit", "id": "0190f3c0-0000-7000-8000-000000000001", "body": visit_body()}
    return desk.post("/api/v1/sync/push", json={"ops": [op]}, **options)


def test_a_phone_that_was_cut_off_reads_nothing_and_hands_in_what_it_holds(signed_in, session, world):
    devices.revoke_device(session, world.admin, PHONE["id"])
    session.commit()
    assert signed_in.get(CURRENT).status_code == 401
    assert signed_in.get("/api/v1/me").status_code == 401
    assert push(signed_in).status_code == 200
    assert session.scalar(sa.select(sa.func.count()).select_from(KeptSubmission)) == 1


def test_it_hands_nothing_in_without_the_pages_proof(signed_in, session, world):
    devices.revoke_device(session, world.admin, PHONE["id"])
    session.commit()
    refused = push(signed_in, headers={"X-CSRF-Token": "another"})
    assert (refused.status_code, refused.json["code"]) == (403, "csrf_failed")


def test_a_page_that_forgot_its_proof_gets_it_with_the_refusal(desk, session, world, clock):
    desk.sign_in(credentials("field1"))
    devices.revoke_device(session, world.admin, PHONE["id"])
    session.commit()
    desk.csrf = None
    desk.jar.delete_cookie("qianbai_access", domain="localhost")
    clock.shift(timedelta(days=30))
    refused = desk.refresh()
    assert (refused.status_code, refused.json["code"]) == (401, "cut_off")
    assert push(desk).status_code == 200
    assert desk.get("/api/v1/me").status_code == 401


def test_a_closed_account_is_out_at_once(signed_in, session, world):
    people.close_person(session, world.admin, world.field1.person_id)
    session.commit()
    assert signed_in.get(CURRENT).status_code == 401
    assert signed_in.refresh().json["code"] == "cut_off"


# photos


def test_the_worker_sends_a_photo_with_the_same_cookie(signed_in):
    content = picture()
    told = announcement(content)
    announced = signed_in.post("/api/v1/photos", json=told)
    assert announced.status_code == 201
    address = f"/api/v1/photos/{announced.json['id']}/tus"
    protocol = {"Tus-Resumable": "1.0.0"}
    opened = signed_in.post(address, headers={**protocol, "Upload-Length": str(len(content))})
    assert opened.status_code == 201
    sent = signed_in.post(
        address,
        headers={**protocol, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"},
        data=content,
        content_type="application/offset+octet-stream",
    )
    assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, str(len(content)))


def test_a_photo_without_the_pages_proof_is_not_taken(signed_in):
    told = announcement(picture())
    announced = signed_in.post("/api/v1/photos", json=told)
    address = f"/api/v1/photos/{announced.json['id']}/content"
    refused = signed_in.put(
        address, data=picture(), content_type="image/jpeg", headers={"X-CSRF-Token": "another"}
    )
    assert (refused.status_code, refused.json["code"]) == (403, "csrf_failed")


def test_it_writes_only_hashes(signed_in, session):
    row = session.scalars(sa.select(SignIn).order_by(SignIn.created_at.desc())).first()
    held = signed_in.cookie("qianbai_access")
    assert held.encode() not in (row.access_hash, row.refresh_hash)
    assert PASSWORD not in held
