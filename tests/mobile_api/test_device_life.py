"""A phone's whole life: new, lost, shared, doubled, cut off while offline, and asleep for three months."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
import time_machine

from service.accounts import people
from service.submissions import handing_in
from service.submissions.models import KeptSubmission
from service.visits.models import Visit
from tests.factories.accounts import credentials, give_password
from tests.factories.submissions import visit_body
from tests.support.photos import announcement, picture

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
PUSH = "/api/v1/sync/push"


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def hq(client, world):
    return client.as_(world.hq1)


class Phone:
    """A phone with its tokens, as an app holds them."""

    def __init__(self, client, device_id="phone-1"):
        self.client, self.device_id, self.tokens = client, device_id, {}

    def sign_in(self, username="field1"):
        answer = self.client.post("/api/v1/sessions", json=credentials(username, id=self.device_id))
        return self._took(answer, 201)

    def enrol(self, hq, person):
        pin = hq.post(f"/api/hq/v1/people/{person.user_id}/enrolments").get_json()["pin"]
        body = {"pin": pin, "device": {"id": self.device_id}}
        return self._took(self.client.post("/api/v1/sessions/enrol", json=body), 201)

    def refresh(self):
        answer = self.client.post(
            "/api/v1/sessions/refresh", json={"refresh_token": self.tokens["refresh_token"]}
        )
        if answer.status_code == 200:
            self._took(answer, 200)
        return answer

    def ask(self, method, path, *, token="access_token", **options):
        headers = {"Authorization": f"Bearer {self.tokens[token]}"}
        return self.client.request(method, path, headers=headers, **options)

    def push(self, *ops, token="access_token", query=""):
        return self.ask("POST", PUSH + query, token=token, json={"ops": list(ops)})

    def _took(self, answer, status):
        assert answer.status_code == status, answer.get_data(as_text=True)
        self.tokens = answer.get_json()
        return self


@pytest.fixture
def phone(client, session, world):
    give_password(session, world.field1)
    return Phone(client).sign_in()


def op(body, record_id=None, **more):
    return {"op_id": str(uuid4()), "type": "visit", "id": str(record_id or uuid4()), "body": body} | more


def results(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()["results"]


def status(answer):
    (only,) = results(answer)
    return only["status"]


def revoke(hq, device_id="phone-1"):
    assert hq.post(f"/api/hq/v1/devices/{device_id}/revocation").status_code == 204


def settle(hq, kept_id, how, **more):
    return hq.post(f"/api/hq/v1/kept/{kept_id}/settlement", json={"how": how, **more})


def visits(session):
    return session.scalar(sa.select(sa.func.count()).select_from(Visit))


# a new phone


def test_a_new_phone_shows_the_records_and_may_bring_the_old_ones_outbox(client, world, hq, phone, session):
    sent, unsent, body = uuid4(), uuid4(), visit_body()
    assert status(phone.push(op(body, sent))) == "applied"
    new = Phone(client, "phone-2").enrol(hq, world.field1)
    assert new.ask("GET", f"/api/v1/visits/{sent}").status_code == 200
    brought = results(new.push(op(body, sent), op(body | {"summary": "备份中的一条"}, unsent)))
    assert [one["status"] for one in brought] == ["duplicate", "applied"]
    assert status(phone.push(op(body | {"summary": "备份中的一条"}, unsent))) == "duplicate"
    assert visits(session) == 2


# a lost phone


def test_a_lost_phone_is_out_at_once_and_reads_nothing(hq, phone):
    visit_id = uuid4()
    phone.push(op(visit_body(), visit_id))
    revoke(hq)
    for token in ("access_token", "refresh_token"):
        for path in ("me", "visits", f"visits/{visit_id}", "kept", "enterprises", "sites", "progress"):
            assert phone.ask("GET", f"/api/v1/{path}", token=token).status_code == 401
        put = phone.ask("PUT", f"/api/v1/visits/{uuid4()}", token=token, json=visit_body())
        assert put.status_code == 401
        beat = {"pending_records": 1, "pending_photos": 0}
        assert phone.ask("POST", "/api/v1/heartbeats", token=token, json=beat).status_code == 401
    refused = phone.refresh()
    assert (refused.status_code, refused.get_json()["code"]) == (401, "cut_off")


@pytest.mark.parametrize("token", ["access_token", "refresh_token"])
def test_what_a_lost_phone_still_holds_is_kept_for_headquarters(hq, phone, session, token):
    revoke(hq)
    visit_id, body = uuid4(), visit_body(summary="山里三天")
    (told,) = results(phone.push(op(body, visit_id), token=token))
    assert (told["status"], told["problem"]["code"]) == ("unpermitted", "handed_in")
    assert set(told["problem"]["kept"]) == {"id", "sha256", "received_at"}
    assert "receipt" not in told
    assert visits(session) == 0
    (kept,) = hq.get("/api/hq/v1/kept?because=unpermitted").get_json()["items"]
    assert (kept["record_id"], kept["device_id"], kept["code"]) == (str(visit_id), "phone-1", "handed_in")
    (person,) = hq.get("/api/hq/v1/outboxes").get_json()["items"]
    assert person["kept"]["unpermitted"] == 1


def test_handing_in_twice_keeps_once_and_is_answered_alike(hq, phone, session):
    revoke(hq)
    one = op(visit_body())
    (first,), (again,) = results(phone.push(one)), results(phone.push(one, token="refresh_token"))
    assert first["problem"].pop("trace_id") != again["problem"].pop("trace_id")
    assert first == again
    assert session.scalar(sa.select(sa.func.count()).select_from(KeptSubmission)) == 1


def test_what_was_accepted_before_the_loss_is_a_repeat(hq, phone):
    one = op(visit_body())
    receipt = results(phone.push(one))[0]["receipt"]
    revoke(hq)
    (again,) = results(phone.push(one))
    assert (again["status"], again["receipt"]) == ("duplicate", receipt)


def test_an_edit_back_to_an_earlier_wording_is_handed_in_and_not_taken_for_a_repeat(hq, phone, session):
    visit_id, first, second = uuid4(), visit_body(summary="甲"), visit_body(summary="乙")
    phone.push(op(first, visit_id), op(second, visit_id, base_rev=1))
    revoke(hq)
    back = op(first, visit_id, base_rev=2)
    for unclear in (back, op(first | {"base_rev": "二"}, visit_id)):
        (told,) = results(phone.push(unclear))
        assert (told["status"], told["problem"]["code"]) == ("unpermitted", "handed_in")
    (kept,) = session.scalars(sa.select(KeptSubmission)).all()
    assert settle(hq, kept.id, "replace").status_code == 200
    (again,) = results(phone.push(back))
    assert (again["status"], again["rev"]) == ("duplicate", 3)


def test_a_withdrawal_that_was_accepted_before_the_loss_is_a_repeat(hq, phone, session):
    visit_id = uuid4()
    phone.push(op(visit_body(), visit_id))
    withdrawal = op({"reason": "填错了"}, visit_id) | {"type": "withdrawal"}
    receipt = results(phone.push(withdrawal))[0]["receipt"]
    revoke(hq)
    (again,) = results(phone.push(withdrawal))
    assert (again["status"], again["receipt"]) == ("duplicate", receipt)
    assert (
        status(phone.push(op({"reason": "另一个原因"}, visit_id) | {"type": "withdrawal"})) == "unpermitted"
    )
    assert session.scalar(sa.select(sa.func.count()).select_from(KeptSubmission)) == 1


def test_nobody_elses_record_is_told_of(client, world, hq, phone, session):
    give_password(session, world.field2)
    other = Phone(client, "phone-2").sign_in("field2")
    taken = op(visit_body())
    assert status(other.push(taken)) == "applied"
    revoke(hq)
    (told,) = results(phone.push(taken))
    assert (told["status"], told["problem"]["code"]) == ("unpermitted", "handed_in")


def test_what_was_handed_in_is_accepted_once_whoever_comes_first(client, world, hq, phone, session):
    revoke(hq)
    first, second = op(visit_body()), op(visit_body(summary="另一条"))
    phone.push(first, second)
    kept = {one["record_id"]: one["id"] for one in hq.get("/api/hq/v1/kept").get_json()["items"]}
    assert settle(hq, kept[first["id"]], "replace").status_code == 200
    new = Phone(client, "phone-2").enrol(hq, world.field1)
    assert [one["status"] for one in results(new.push(first, second))] == ["duplicate", "applied"]
    told = {one["record_id"]: one["settlement"] for one in new.ask("GET", "/api/v1/kept").get_json()["items"]}
    assert told == {first["id"]: "replaced_server", second["id"]: "accepted_later"}
    assert visits(session) == 2


def test_what_headquarters_made_a_record_of_its_own_is_not_doubled_by_its_phone(
    client, world, hq, phone, session
):
    revoke(hq)
    visit_id, body = uuid4(), visit_body()
    assert status(phone.push(op(body, visit_id))) == "unpermitted"
    (kept,) = session.scalars(sa.select(KeptSubmission)).all()
    settled = settle(hq, kept.id, "new_record")
    assert (settled.status_code, settled.get_json()["record_id"]) == (200, str(visit_id))
    assert status(Phone(client, "phone-2").enrol(hq, world.field1).push(op(body, visit_id))) == "duplicate"
    assert visits(session) == 1


def test_headquarters_sees_what_a_handed_in_edit_would_write_over(client, world, hq, phone, session):
    visit_id, body = uuid4(), visit_body(summary="初谈")
    phone.push(op(body, visit_id))
    new = Phone(client, "phone-2").enrol(hq, world.field1)
    assert status(new.push(op(body | {"summary": "深谈"}, visit_id, base_rev=1))) == "applied"
    revoke(hq)
    assert status(phone.push(op(body | {"summary": "路上补记"}, visit_id, base_rev=1))) == "unpermitted"
    (kept,) = session.scalars(sa.select(KeptSubmission)).all()
    shown = hq.get(f"/api/hq/v1/kept/{kept.id}").get_json()
    assert (shown["server"]["rev"], shown["server"]["body"]["summary"]) == (2, "深谈")
    (difference,) = shown["differences"]
    assert (difference["base"], difference["server"], difference["kept"]) == ("初谈", "深谈", "路上补记")
    for how in ("replace", "repair"):
        assert settle(hq, kept.id, how, base_rev=1).status_code == 412
    assert settle(hq, kept.id, "repair", base_rev=2).status_code == 200


def test_a_lost_phone_that_is_found_is_enrolled_anew(world, hq, phone):
    revoke(hq)
    assert phone.client.post("/api/v1/sessions", json=credentials("field1")).status_code == 403
    assert status(phone.enrol(hq, world.field1).push(op(visit_body()))) == "applied"


def test_photos_stay_on_the_phone(hq, phone, session):
    content = picture()
    revoke(hq)
    announced = announcement(content)
    (told,) = results(phone.push(op(announced, announced["id"], type="photo")))
    assert (told["status"], told["problem"]["code"], told["problem"]["client_action"]) == (
        "error",
        "sign_in_for_photos",
        "login",
    )
    assert session.scalar(sa.select(sa.func.count()).select_from(KeptSubmission)) == 0


def test_a_trial_keeps_nothing(hq, phone, session):
    revoke(hq)
    assert status(phone.push(op(visit_body()), query="?check_only=true")) == "unpermitted"
    assert session.scalar(sa.select(sa.func.count()).select_from(KeptSubmission)) == 0


def test_a_cut_off_phone_does_not_flood_the_shelf(hq, phone, monkeypatch):
    monkeypatch.setattr(handing_in, "MOST_AN_HOUR", 2)
    revoke(hq)
    phone.push(op(visit_body()), op(visit_body()))
    full = phone.push(op(visit_body()))
    assert (full.status_code, full.get_json()["code"], full.get_json()["client_action"]) == (
        429,
        "too_many_handed_in",
        "wait",
    )


def test_the_way_in_is_closed_after_three_months(hq, phone, clock, client, session, world):
    asleep = Phone(client, "phone-9").sign_in()
    hq.post("/api/hq/v1/devices/phone-9/revocation")
    clock.shift(timedelta(days=89))
    assert status(asleep.push(op(visit_body()), token="refresh_token")) == "unpermitted"
    clock.shift(timedelta(days=2))
    assert asleep.push(op(visit_body()), token="refresh_token").status_code == 401


def test_who_signed_out_or_was_robbed_of_the_token_hands_nothing_in(client, phone):
    assert phone.ask("DELETE", "/api/v1/sessions/current").status_code == 204
    assert phone.push(op(visit_body())).status_code == 401
    assert phone.push(op(visit_body()), token="refresh_token").status_code == 401
    robbed = Phone(client, "phone-3").sign_in()
    first = dict(robbed.tokens)
    robbed.refresh()
    robbed.ask("GET", "/api/v1/me")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        assert (
            client.post(
                "/api/v1/sessions/refresh", json={"refresh_token": first["refresh_token"]}
            ).get_json()["code"]
            == "not_signed_in"
        )
        assert robbed.push(op(visit_body()), token="refresh_token").status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "Ä"])
def test_a_token_that_nobody_was_given_opens_nothing(client, world, token):
    headers = {"Authorization": f"Bearer {token}"}
    assert client.post(PUSH, json={"ops": []}, headers=headers).status_code == 401


# an account that ended while its phone was offline


def test_three_weeks_of_a_closed_account_are_kept_and_its_owner_is_told(world, hq, phone, session):
    ops = [op(visit_body(summary=f"第{day}天")) for day in range(21)]
    people.close_person(session, world.admin, world.field1.person_id)
    session.commit()
    assert {one["status"] for one in results(phone.push(*ops, token="refresh_token"))} == {"unpermitted"}
    kept = hq.get("/api/hq/v1/kept?because=unpermitted&open=true").get_json()["items"]
    assert len(kept) == 21
    assert settle(hq, kept[0]["id"], "replace", note="在岗期间走访").status_code == 200
    assert settle(hq, kept[1]["id"], "discard", note="已离岗").status_code == 200
    visit = session.scalars(sa.select(Visit)).one()
    assert (visit.unit_id, visit.recorded_by) == (world.dongchangfu.id, world.field1.user_id)
    people.reopen_person(session, world.admin, world.field1.person_id)
    session.commit()
    phone.sign_in()
    told = phone.ask("GET", "/api/v1/kept").get_json()["items"]
    assert {one["settlement"] for one in told} == {None, "replaced_server", "discarded"}


def test_an_unpermitted_body_that_is_invalid_can_be_repaired(hq, phone):
    revoke(hq)
    one = op(visit_body(mode="by magic"))
    phone.push(one)
    (kept,) = hq.get("/api/hq/v1/kept").get_json()["items"]
    assert settle(hq, kept["id"], "replace").status_code == 422
    assert settle(hq, kept["id"], "repair", body=visit_body()).status_code == 200


def test_a_person_without_a_writing_role_is_told_and_nothing_is_lost(world, hq, phone, session):
    hq.patch(f"/api/hq/v1/people/{world.field1.user_id}", json={"roles": ["leader"]})
    (told,) = results(phone.push(op(visit_body())))
    assert (told["status"], told["problem"]["code"]) == ("unpermitted", "may_not_record")


# a phone that changes hands, or is shared


def test_a_phone_that_was_given_away_hands_in_its_first_holders_records(client, world, hq, phone):
    given = hq.post(
        "/api/hq/v1/devices/phone-1/handover", json={"to_user_id": str(world.field2.user_id)}
    ).get_json()
    second = Phone(client)
    body = {"pin": given["pin"], "device": {"id": "phone-1"}}
    second.tokens = client.post("/api/v1/sessions/enrol", json=body).get_json()
    assert status(second.push(op(visit_body()))) == "applied"
    assert status(phone.push(op(visit_body()))) == "unpermitted"
    (kept,) = hq.get("/api/hq/v1/kept").get_json()["items"]
    assert kept["author_name"] == "field1"


def test_two_people_on_one_phone_keep_their_own_outboxes(client, world, session, phone):
    give_password(session, world.field2)
    second = Phone(client).sign_in("field2")
    one, two = op(visit_body()), op(visit_body())
    assert status(second.push(two)) == "applied"
    assert status(phone.push(one)) == "applied"
    assert phone.refresh().status_code == 200
    mixed = results(phone.push(two | {"author_id": str(world.field2.user_id)}))[0]
    assert (mixed["status"], mixed["problem"]["code"]) == ("error", "written_by_another")
    unsent = op(visit_body(), author_id=str(world.field1.user_id))
    held = results(second.push(unsent, op(visit_body(), author_id=str(world.field2.user_id))))
    assert [entry["status"] for entry in held] == ["error", "applied"]
    assert session.scalar(sa.select(sa.func.count()).select_from(KeptSubmission)) == 0
    assert status(phone.push(unsent)) == "applied"


def test_a_record_sent_by_the_other_holder_does_not_touch_the_first(client, world, session, phone):
    give_password(session, world.field2)
    second = Phone(client).sign_in("field2")
    one = op(visit_body())
    phone.push(one)
    (told,) = results(second.push(one))
    assert (told["status"], told["problem"]["code"]) == ("conflict", "id_taken")
    assert session.scalars(sa.select(Visit.recorded_by)).all() == [world.field1.user_id]


def test_it_says_what_is_wrong_with_an_author(phone):
    (told,) = results(phone.push(op(visit_body(), author_id="me")))
    assert (told["status"], told["problem"]["errors"][0]["pointer"]) == ("quarantined", "/ops/0/author_id")


# two phones of one person


def test_two_phones_of_one_person_both_write_and_edits_conflict_openly(client, world, phone, session):
    tablet = Phone(client, "tablet").sign_in()
    visit_id, body = uuid4(), visit_body()
    assert status(phone.push(op(body, visit_id))) == "applied"
    assert status(tablet.push(op(visit_body()))) == "applied"
    assert status(tablet.push(op(body | {"summary": "平板"}, visit_id, base_rev=1))) == "applied"
    (told,) = results(phone.push(op(body | {"summary": "手机"}, visit_id, base_rev=1)))
    assert (told["status"], told["problem"]["conflict"]["server_rev"]) == ("conflict", 2)
    assert status(phone.push(op(body | {"summary": "手机"}, visit_id, base_rev=2))) == "applied"
    assert visits(session) == 2


# asleep


def test_a_phone_that_slept_89_days_goes_on_by_itself(client, session, world, clock):
    give_password(session, world.field1)
    phone = Phone(client, "sleeper").sign_in()
    one = op(visit_body())
    clock.shift(timedelta(days=89))
    assert phone.push(one).status_code == 401
    assert phone.refresh().status_code == 200
    assert status(phone.push(one)) == "applied"


def test_a_phone_that_slept_longer_signs_in_and_loses_nothing(client, session, world, clock):
    give_password(session, world.field1)
    phone = Phone(client, "sleeper").sign_in()
    one = op(visit_body())
    clock.shift(timedelta(days=91))
    assert phone.refresh().get_json()["code"] == "not_signed_in"
    assert phone.push(one, token="refresh_token").status_code == 401
    assert status(phone.sign_in().push(one)) == "applied"
