"""A night of cut lines and impatient phones: nothing is lost, nothing is doubled, everything is visible."""

import base64
from uuid import uuid4

import pytest

from tests.support.live import together, wait_until
from tests.support.office_steps import open_site
from tests.support.phone_steps import (
    checkin_body,
    handed_in,
    receipt_hash,
    send_visit,
    visit_body,
)
from tests.support.photos import announcement, picture

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("a_bad_night_of_resends")]
PHONES = 20


def rows(house, visit_id):
    return house.ask("SELECT rev FROM visits WHERE id = :id", id=visit_id)


def kept_of(reader, url, visit_id):
    """What was kept of that record alone, whatever other phones sent in the same night."""
    return [one for one in reader.every(url) if one["record_id"] == str(visit_id)]


def test_twenty_identical_sends_give_one_row_and_twenty_equal_receipts(house, field1):
    visit_id, body = uuid4(), visit_body()
    answers = together(PHONES, lambda _number: send_visit(field1, body, visit_id))
    assert sorted(one.status for one in answers) == [200] * (PHONES - 1) + [201]
    receipts = [one.json["receipt"] for one in answers]
    assert all(one == receipts[0] for one in receipts)
    assert receipts[0]["sha256"] == receipt_hash(body)
    assert sum(one.header("Idempotency-Replayed") == "true" for one in answers) == PHONES - 1
    assert len(rows(house, visit_id)) == 1
    assert len({one.json["number"] for one in answers}) == 1


def test_twenty_differing_sends_give_one_winner_and_keep_all_losers(house, field1, hq):
    visit_id = uuid4()
    bodies = [visit_body(summary=f"第{number}稿") for number in range(PHONES)]
    answers = together(PHONES, lambda number: send_visit(field1, bodies[number], visit_id))
    assert sorted(one.status for one in answers) == [201] + [409] * (PHONES - 1)
    winner = next(one for one in answers if one.status == 201)
    for number, answer in enumerate(answers):
        if answer.status == 409:
            facts = answer.json["conflict"]
            assert facts["kept_sha256"] == receipt_hash(bodies[number])
            assert facts["server_sha256"] == winner.json["receipt"]["sha256"]
            assert facts["server_rev"] == 1
    kept = kept_of(hq, "/api/hq/v1/kept?because=conflict", visit_id)
    lost = {receipt_hash(body) for body in bodies} - {winner.json["receipt"]["sha256"]}
    assert {one["sha256"] for one in kept} == lost
    whole = hq.get(f"/api/hq/v1/kept/{kept[0]['id']}").json
    assert any(body["summary"] in whole["text"] for body in bodies)
    again = send_visit(field1, bodies[answers.index(winner) - 1], visit_id)
    assert again.status == 409, "a loser that asks again is still in conflict"
    once = kept_of(hq, "/api/hq/v1/kept?because=conflict", visit_id)
    assert len(once) == PHONES - 1, "and is kept once"


def test_headquarters_lets_a_loser_replace_the_winner(phone_of, field1, hq):
    visit = handed_in(phone_of("field1"), field1, summary="第一稿")
    send_visit(field1, visit_body(summary="改稿"), visit["id"])
    [kept] = kept_of(hq, "/api/hq/v1/kept?because=conflict", visit["id"])
    settled = hq.post(f"/api/hq/v1/kept/{kept['id']}/settlement", {"how": "replace", "note": "以改稿为准"})
    assert settled.status == 200, settled.body
    now = field1.get(f"/api/v1/visits/{visit['id']}").json
    assert (now["rev"], now["summary"]) == (2, "改稿")
    twice = hq.post(f"/api/hq/v1/kept/{kept['id']}/settlement", {"how": "server_stands", "note": "已处理"})
    assert twice.status == 409


def test_a_cut_answer_costs_nothing(house, field1):
    visit_id, body = str(uuid4()), visit_body()
    field1.hang_up_after("PUT", f"/api/v1/visits/{visit_id}", body)
    wait_until(lambda: len(rows(house, visit_id)) == 1, "the visit is stored although nobody read the answer")
    again = send_visit(field1, body, visit_id)
    assert (again.status, again.header("Idempotency-Replayed")) == (200, "true")
    assert again.json["receipt"]["sha256"] == receipt_hash(body)


def test_a_cut_request_leaves_nothing_behind(house, field1):
    visit_id, body = str(uuid4()), visit_body()
    for share in (0.05, 0.3, 0.6, 0.8, 0.95):
        field1.hang_up_after("PUT", f"/api/v1/visits/{visit_id}", body, share=share)
    whole = send_visit(field1, body, visit_id)
    assert whole.status == 201
    assert len(rows(house, visit_id)) == 1
    assert kept_of(field1, "/api/v1/kept", visit_id) == []


def test_a_late_repeat_of_the_first_revision_gets_its_own_first_receipt(field1):
    first = visit_body(summary="第一稿")
    visit_id = uuid4()
    one = send_visit(field1, first, visit_id)
    two = send_visit(field1, {**first, "summary": "第二稿", "base_rev": 1}, visit_id)
    assert (one.status, two.status, two.json["rev"]) == (201, 200, 2)
    late = send_visit(field1, first, visit_id)
    assert (late.status, late.header("Idempotency-Replayed")) == (200, "true")
    assert late.json["receipt"] == one.json["receipt"]
    assert field1.get(f"/api/v1/visits/{visit_id}").json["summary"] == "第二稿"


def test_a_stale_edit_is_kept_and_a_failed_if_match_is_not(field1):
    first = visit_body(summary="一")
    visit_id = uuid4()
    send_visit(field1, first, visit_id)
    send_visit(field1, {**first, "summary": "二", "base_rev": 1}, visit_id)
    stale = send_visit(field1, {**first, "summary": "三", "base_rev": 1}, visit_id)
    assert (stale.status, stale.json["conflict"]["server_rev"]) == (409, 2)
    before = kept_of(field1, "/api/v1/kept", visit_id)
    assert len(before) == 1
    unmatched = field1.put(
        f"/api/v1/visits/{visit_id}", {**first, "summary": "四", "base_rev": 2}, headers={"If-Match": '"1"'}
    )
    assert unmatched.status == 412
    assert kept_of(field1, "/api/v1/kept", visit_id) == before


def test_a_quarantined_body_is_repaired_by_a_valid_one(field1, hq):
    visit_id = uuid4()
    wrong = visit_body(mode="by magic")
    first = send_visit(field1, wrong, visit_id)
    assert (first.status, first.json["client_action"]) == (422, "quarantine")
    assert [one["pointer"] for one in first.json["errors"]] == ["/mode"]
    assert send_visit(field1, wrong, visit_id).json["quarantine"] == first.json["quarantine"]
    kept_id = first.json["quarantine"]["id"]
    assert kept_id in [one["id"] for one in hq.every("/api/hq/v1/kept?because=quarantined&open=true")]
    assert send_visit(field1, visit_body(), visit_id).status == 201
    assert kept_id not in [one["id"] for one in hq.every("/api/hq/v1/kept?open=true")]
    closed = next(one for one in field1.every("/api/v1/kept") if one["id"] == kept_id)
    assert closed["settlement"] == "accepted_later"


def test_bytes_that_no_database_can_hold_are_quarantined_as_bytes(field1, hq):
    raw = b'{"summary":"a","summary":"b\\u0000\\ud800","amount_wan":' + b"9" * 5000 + b"}"
    answer = field1.put(f"/api/v1/visits/{uuid4()}", raw=raw, headers={"Content-Type": "application/json"})
    assert answer.status == 422, answer.body
    whole = hq.get(f"/api/hq/v1/kept/{answer.json['quarantine']['id']}").json
    assert whole["kept"]["size"] == len(raw)


def test_an_id_of_somebody_else_is_taken_and_says_nothing_about_it(house, phone_of, field1):
    visit = handed_in(phone_of("field1"), field1)
    other = house.sign_in("field2")
    answer = send_visit(other, visit_body(), visit["id"])
    assert (answer.status, answer.json["code"]) == (409, "id_taken")
    assert {"conflict", "kept", "quarantine"}.isdisjoint(answer.json)
    assert other.get(f"/api/v1/visits/{visit['id']}").status == 404


def test_check_ins_race_as_safely_as_visits(house, hq):
    site = open_site(hq, house.world.dongchangfu.id)
    phone, checkin_id, body = house.sign_in("commissioner1"), uuid4(), checkin_body(site)
    answers = together(PHONES, lambda _number: phone.put(f"/api/v1/checkins/{checkin_id}", body))
    assert sorted(one.status for one in answers) == [200] * (PHONES - 1) + [201]
    assert len({one.json["receipt"]["sha256"] for one in answers}) == 1
    assert len(house.ask("SELECT 1 FROM checkins WHERE id = :id", id=checkin_id)) == 1


def test_a_photo_sent_twice_at_once_is_received_once(house, field1):
    content = picture(77)
    announced = announcement(content)
    upload = field1.post("/api/v1/photos", announced).json["upload"]
    sent = together(4, lambda _number: field1.put(upload["url"], raw=content, headers=upload["headers"]))
    assert {one.status for one in sent} == {200}
    done = together(4, lambda _number: field1.post(f"/api/v1/photos/{announced['id']}/complete"))
    assert {one.status for one in done} == {200}
    assert len({one.json["receipt"]["received_at"] for one in done}) == 1
    known = field1.post("/api/v1/photos", announcement(content))
    assert known.status in (200, 201)


def test_a_photo_whose_bytes_differ_is_not_received(field1):
    content = picture(78)
    announced = announcement(content)
    upload = field1.post("/api/v1/photos", announced).json["upload"]
    cut = field1.put(
        upload["url"], raw=content[:-1], headers={"Content-MD5": upload["headers"]["Content-MD5"]}
    )
    assert (cut.status, cut.json["code"]) == (422, "bytes_differ")
    wrong = base64.b64encode(b"0" * 16).decode()
    lied = field1.put(upload["url"], raw=content, headers={**upload["headers"], "Content-MD5": wrong})
    assert lied.status == 422
    missing = field1.post(f"/api/v1/photos/{announced['id']}/complete")
    assert (missing.status, missing.json["code"]) == (409, "not_uploaded")


def test_the_ledgers_and_the_audit_chain_are_whole_in_the_morning(house, field1):
    _a_short_bad_night(house, field1)
    rebuilt = house.command("rebuild")
    assert "were right" in rebuilt.stdout, rebuilt.stdout + rebuilt.stderr
    seal = house.command("audit", "seal").stdout.strip()
    verified = house.command("audit", "verify", "--anchor", seal)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def _a_short_bad_night(house, phone):
    """A race that one body wins, a cut answer and a repaired quarantine: what ledgers must survive."""
    raced, cut, repaired = uuid4(), uuid4(), uuid4()
    bodies = [visit_body(summary=f"第{number}稿") for number in range(PHONES)]
    answers = together(PHONES, lambda number: send_visit(phone, bodies[number], raced))
    assert sorted(one.status for one in answers) == [201] + [409] * (PHONES - 1)
    phone.hang_up_after("PUT", f"/api/v1/visits/{cut}", visit_body())
    wait_until(lambda: len(rows(house, cut)) == 1, "the cut visit is stored")
    assert send_visit(phone, visit_body(mode="by magic"), repaired).status == 422
    assert send_visit(phone, visit_body(), repaired).status == 201
