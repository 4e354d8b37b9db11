"""A batch: every op has its own outcome, whatever the others are."""

import json
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.kernel.ids import uuid7
from service.kernel.revisions import body_sha256
from service.programmes.models import Line
from service.submissions.models import KeptSubmission, RecordRevision, RecordType, Settlement, Withdrawal
from service.visits.models import CityLedgerRow, ReviewState, Visit
from service.visits.recounting import verify
from tests.factories.sites import add_site
from tests.factories.submissions import visit_body, whole_visit_body
from tests.factories.visits import add_enterprise
from tests.support.photos import announcement as announced

PUSH = "/api/v1/sync/push"


def announcement():
    return announced(uuid4().bytes)


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1)


def op(record_type="visit", body=None, record_id=None, **more):
    record_id = str(record_id or uuid7())
    body = visit_body() if body is None else body
    return {"op_id": f"op-{uuid4()}", "type": record_type, "id": record_id, "body": body} | more


def push(phone, ops, **options):
    answer = phone.post(PUSH, json={"ops": ops}, **options)
    assert answer.status_code == 200, answer.get_json()
    results = answer.get_json()["results"]
    assert [one["op_id"] for one in results] == [one.get("op_id") for one in ops]
    return results


def push_raw(phone, raw):
    return phone.post(PUSH, data=raw, content_type="application/json")


def statuses(results):
    return [one["status"] for one in results]


def kept_of(session, record_id):
    return session.scalars(
        sa.select(KeptSubmission).where(KeptSubmission.record_id == record_id),
        execution_options={"populate_existing": True},
    ).all()


# ── who ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_outsider_may_not(client):
    assert client.post(PUSH, json={"ops": []}).status_code == 401


def test_it_keeps_as_unpermitted_what_comes_from_somebody_who_only_reads(client, world, session):
    reader = client.as_(world.leader1)
    sent = op()
    (result,) = push(reader, [sent])
    assert (result["status"], result["problem"]["code"]) == ("unpermitted", "may_not_record")
    assert [one.because for one in kept_of(session, sent["id"])] == ["unpermitted"]


def test_it_says_nothing_about_the_record_behind_a_taken_id(client, world, phone):
    mine = op()
    push(phone, [mine])
    (result,) = push(client.as_(world.field2), [op(record_id=mine["id"])])
    assert (result["status"], result["problem"]["code"]) == ("conflict", "id_taken")
    assert not {"conflict", "kept", "quarantine"} & result["problem"].keys()
    assert not {"rev", "receipt"} & result.keys()


# ── accepted, repeated, edited ───────────────────────────────────────────────────────────────────────────────────


def test_it_applies_ops_of_every_type_in_any_order(phone, session, world):
    site, visit_id, photo = add_site(session, world.dongchangfu), str(uuid7()), announcement()
    ops = [
        op("withdrawal", {"reason": "填错了"}, visit_id),
        op("checkin", checkin_body(site)),
        op("visit", visit_body(photo_ids=[photo["id"]]), visit_id),
        op("photo", photo, photo["id"]),
    ]
    results = push(phone, ops)
    assert statuses(results) == ["applied"] * 4
    assert results[3]["state"] == "expected"
    assert results[3]["upload"]["kind"]
    assert results[2]["receipt"]["sha256"] == body_sha256(ops[2]["body"])
    assert results[0]["receipt"]["sha256"] == body_sha256(ops[0]["body"])
    visit = phone.get(f"/api/v1/visits/{visit_id}").get_json()
    assert (visit["review_state"], visit["review_reason"]) == ("withdrawn", "填错了")
    assert visit["photos"]["expected"] == 1


def test_its_answer_to_a_repeated_batch_equals_the_first(phone, session, world):
    site, photo, edited = add_site(session, world.dongchangfu), announcement(), str(uuid7())
    ops = [
        op(),
        op("checkin", checkin_body(site)),
        op(body=visit_body(mode="by_balloon")),
        op("photo", photo, photo["id"]),
        op(record_id=edited),
        op(body=visit_body(summary="改了"), record_id=edited, base_rev=1),
        op("withdrawal", {"reason": "重复"}, edited),
        op("withdrawal", {"reason": "还没有"}),
        op(body=visit_body(enterprise_id=str(uuid4()))),
        op(body=visit_body(summary="另一份"), record_id=edited),
    ]
    first = push(phone, ops)
    for _ in range(2):
        again = push(phone, ops)
        for before, after in zip(first, again, strict=True):
            expected = "duplicate" if before["status"] == "applied" else before["status"]
            assert after["status"] == expected
            assert same(before) == same(after)
    assert statuses(first) == [
        *["applied", "applied", "quarantined", "applied", "applied", "applied", "applied"],
        *["quarantined", "quarantined", "conflict"],
    ]


def same(result):
    """What a repeat must answer again; a grant is signed anew, and each answer has its own trace."""
    problem = {key: value for key, value in result.get("problem", {}).items() if key != "trace_id"}
    return {key: result.get(key) for key in ("op_id", "type", "id", "rev", "receipt", "state")} | problem


def test_its_receipt_is_the_one_of_the_put(phone):
    body, visit_id = whole_visit_body(), str(uuid7())
    put = phone.put(f"/api/v1/visits/{visit_id}", json=body).get_json()
    (result,) = push(phone, [op(body=body, record_id=visit_id)])
    assert (result["status"], result["receipt"]) == ("duplicate", put["receipt"])


def test_it_takes_two_edits_of_one_record_in_their_order(phone, session):
    visit_id = str(uuid7())
    ops = [
        op(body=visit_body(summary="一"), record_id=visit_id),
        op(body=visit_body(summary="二"), record_id=visit_id, base_rev=1),
        op(body=visit_body(summary="三") | {"base_rev": 2}, record_id=visit_id),
    ]
    results = push(phone, ops)
    assert [one["rev"] for one in results] == [1, 2, 3]
    assert session.scalar(sa.select(Visit.summary).where(Visit.id == visit_id)) == "三"
    assert results[2]["receipt"]["sha256"] == body_sha256(
        {key: value for key, value in ops[2]["body"].items() if key != "base_rev"}
    )


def test_it_takes_the_same_op_twice_in_one_batch_once(phone, session):
    twice = op()
    first, second = push(phone, [twice, twice])
    assert (first["status"], second["status"]) == ("applied", "duplicate")
    assert first["receipt"] == second["receipt"]
    assert session.scalar(sa.select(sa.func.count()).where(RecordRevision.record_id == twice["id"])) == 1


def test_it_keeps_both_sides_of_a_conflict(phone, session):
    visit_id = str(uuid7())
    mine, other = visit_body(summary="甲"), visit_body(summary="乙")
    applied, refused = push(phone, [op(body=mine, record_id=visit_id), op(body=other, record_id=visit_id)])
    facts = refused["problem"]["conflict"]
    assert (applied["status"], refused["status"]) == ("applied", "conflict")
    assert (facts["server_rev"], facts["server_sha256"]) == (1, applied["receipt"]["sha256"])
    assert facts["kept_sha256"] == body_sha256(other)
    (kept,) = kept_of(session, visit_id)
    assert json.loads(kept.raw) == other
    (solved,) = push(phone, [op(body=other, record_id=visit_id, base_rev=1)])
    assert (solved["status"], solved["rev"]) == ("applied", 2)


def test_it_counts_what_it_takes(phone, session, world):
    enterprises = [add_enterprise(session, f"企业{n}") for n in range(3)]
    ops = [op(body=visit_body(enterprise_id=str(one.id))) for one in enterprises for _ in range(2)]
    push(phone, [*ops, op("withdrawal", {"reason": "撤"}, ops[0]["id"])])
    ledger = {row.subject_id: row.pending for row in session.scalars(sa.select(CityLedgerRow))}
    assert {one.id: ledger[one.id] for one in enterprises} == dict(
        zip((one.id for one in enterprises), (1, 2, 2), strict=True)
    )
    assert verify(session).clean


# ── poison ───────────────────────────────────────────────────────────────────────────────────────────────────────

GOOD = json.dumps(visit_body(), ensure_ascii=False)


def raw_op(body=GOOD, **changed):
    facts = {"op_id": '"poison"', "type": '"visit"', "id": f'"{uuid7()}"', "body": body} | changed
    return "{" + ", ".join(f'"{name}": {value}' for name, value in facts.items() if value is not None) + "}"


POISONS = {
    "a key twice in its body": raw_op('{"summary": "a", "summary": "b"}'),
    "NUL": raw_op('{"summary": "a\\u0000b"}'),
    "a lone surrogate": raw_op('{"summary": "\\ud800"}'),
    "NaN": raw_op('{"amount": NaN}'),
    "an integer past 2^53": raw_op('{"n": 9007199254740993}'),
    "a number of 5,000 digits": raw_op('{"n": ' + "9" * 5000 + "}"),
    "brackets without end": raw_op('{"n": ' + "[" * 5000 + "]" * 5000 + "}"),
    "a raw control character": raw_op('{"summary": "a\x01b"}'),
    "a wrong type of field": raw_op('{"visited_at": 7}'),
    "an unknown mode": raw_op(json.dumps(visit_body(mode="by_balloon"))),
    "a body that is a text": raw_op('"body"'),
    "no body": raw_op(None),
    "a body twice": raw_op(GOOD + ', "body": {}'),
    "an id twice": raw_op(id=f'"{uuid7()}", "id": "{uuid7()}"'),
    "an id that is none": raw_op(id='"七"'),
    "an unknown type": raw_op(type='"balloon"'),
    "a type that is a list": raw_op(type="[]"),
    "an odd base": raw_op(base_rev="true"),
    "no op_id": raw_op(op_id=None),
    "an op_id that is a number": raw_op(op_id="7"),
    "nothing": "null",
    "a number": "17",
    "a list": "[[], {}]",
    "a text": '"op"',
    "a text with a lone surrogate": '"\\udc00"',
    "NaN itself": "NaN",
    "an empty object": "{}",
    "an end before its beginning": raw_op(
        json.dumps(visit_body(ended_at="2020-01-01T00:00:00+08:00"), ensure_ascii=False)
    ),
}


@pytest.mark.parametrize("name", POISONS)
def test_one_poisoned_op_of_50_leaves_49_applied(phone, session, name):
    goods = [op() for _ in range(49)]
    texts = [json.dumps(one, ensure_ascii=False) for one in goods]
    texts.insert(17, POISONS[name])
    answer = push_raw(phone, ('{"ops": [' + ",\n ".join(texts) + "]}").encode())
    assert answer.status_code == 200, answer.get_json()
    results = answer.get_json()["results"]
    poisoned = results.pop(17)
    assert statuses(results) == ["applied"] * 49
    assert [one["op_id"] for one in results] == [one["op_id"] for one in goods]
    assert poisoned["status"] == "quarantined", poisoned
    kept = session.get_one(KeptSubmission, poisoned["problem"]["quarantine"]["id"])
    assert kept.sha256 == poisoned["problem"]["quarantine"]["sha256"]
    assert bytes(kept.raw).decode() in POISONS[name]
    listed = phone.get("/api/v1/kept").get_json()["items"]
    assert [one["id"] for one in listed] == [str(kept.id)]


def test_it_keeps_a_poisoned_body_byte_for_byte(phone, session):
    body = '{ "summary":"a",\t"summary" : "b", "n":1.50 }'
    (result,) = push_raw(phone, f'{{"ops":[{raw_op(body)}]}}'.encode()).get_json()["results"]
    kept = session.get_one(KeptSubmission, result["problem"]["quarantine"]["id"])
    assert bytes(kept.raw) == body.encode()
    assert result["problem"]["errors"][0]["pointer"] == "/summary"


def test_it_isolates_bytes_that_are_no_text(phone, session):
    good = json.dumps(op()).encode()
    bad = raw_op('{"summary": "?"}').encode().replace(b"?", b"\xff\xfe")
    results = push_raw(phone, b'{"ops": [' + bad + b"," + good + b"]}").get_json()["results"]
    assert statuses(results) == ["quarantined", "applied"]
    kept = session.get_one(KeptSubmission, results[0]["problem"]["quarantine"]["id"])
    assert bytes(kept.raw) == b'{"summary": "\xff\xfe"}'


def test_it_gives_the_same_poison_the_same_answer(phone):
    raw = f'{{"ops":[{POISONS["a key twice in its body"]}, {POISONS["nothing"]}]}}'.encode()
    first, second = (push_raw(phone, raw).get_json()["results"] for _ in range(2))
    assert [same(one) for one in first] == [same(one) for one in second]
    assert [one["problem"]["quarantine"] for one in first] == [one["problem"]["quarantine"] for one in second]


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 400, "malformed_json"),
        (b"ops", 400, "malformed_json"),
        (b'{"ops": [', 400, "malformed_json"),
        (b'{"ops": [{"op_id": "1",}]}', 400, "malformed_json"),
        (b'{"ops": [1 2]}', 400, "malformed_json"),
        (b"[]", 422, "invalid"),
        (b"{}", 422, "invalid"),
        (b'{"ops": {}}', 422, "invalid"),
        (b'{"ops": null}', 422, "invalid"),
        (b'{"ops": [], "ops": []}', 422, "invalid"),
        (b'{"ops": [' + b",".join([b"null"] * 101) + b"]}", 422, "invalid"),
        (b'{"ops": ["' + b"x" * 1024 * 1024 + b'"]}', 413, "too_large"),
    ],
)
def test_it_keeps_nothing_of_a_body_that_is_no_batch(phone, session, raw, status, code):
    answer = push_raw(phone, raw)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert session.scalar(sa.select(sa.func.count()).select_from(KeptSubmission)) == 0


def test_it_takes_an_empty_batch_and_a_byte_order_mark(phone):
    assert push(phone, []) == []
    raw = b"\xef\xbb\xbf" + json.dumps({"ops": [op()]}).encode()
    assert statuses(push_raw(phone, raw).get_json()["results"]) == ["applied"]


def test_it_says_wait_when_too_much_of_a_person_is_kept(client, world, session, settings, monkeypatch):
    from service.submissions import keeping

    phone = client.as_(world.field1)
    monkeypatch.setattr(keeping, "MOST_KEPT_BYTES", 400)
    bad = [op(body={"summary": "x" * 150, "n": n}) for n in range(4)]
    results = push(phone, [*bad, op()])
    assert sorted(statuses(results)) == ["applied", "error", "error", "quarantined", "quarantined"]
    full = [one["problem"] for one in results if one["status"] == "error"]
    assert {(one["code"], one["client_action"]) for one in full} == {("kept_full", "wait")}


# ── repaired ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_valid_body_for_that_id_closes_what_was_kept_and_counts(phone, session, world):
    enterprise = add_enterprise(session)
    bad = op(body=visit_body(enterprise_id=str(enterprise.id), mode="by_balloon"))
    assert statuses(push(phone, [bad])) == ["quarantined"]
    (result,) = push(phone, [op(body=visit_body(enterprise_id=str(enterprise.id)), record_id=bad["id"])])
    assert result["status"] == "applied"
    (kept,) = kept_of(session, bad["id"])
    assert kept.settlement is Settlement.ACCEPTED_LATER
    assert session.get_one(CityLedgerRow, (world.programme.id, Line.THOUSAND, enterprise.id)).pending == 1


def test_headquarters_repairs_what_was_pushed_and_it_counts(phone, client, session, world):
    enterprise = add_enterprise(session)
    bad = op(body=visit_body(enterprise_id=str(enterprise.id), mode="by_balloon"))
    (result,) = push(phone, [bad])
    answer = client.as_(world.hq1).post(
        f"/api/hq/v1/kept/{result['problem']['quarantine']['id']}/settlement",
        json={"how": "repair", "body": bad["body"] | {"mode": "online"}},
    )
    assert answer.status_code == 200, answer.get_json()
    assert phone.get(f"/api/v1/visits/{bad['id']}").status_code == 200
    assert session.get_one(CityLedgerRow, (world.programme.id, Line.THOUSAND, enterprise.id)).pending == 1


def test_headquarters_can_only_discard_what_names_no_record(phone, client, session, world):
    (result,) = push_raw(phone, b'{"ops": [null]}').get_json()["results"]
    path = f"/api/hq/v1/kept/{result['problem']['quarantine']['id']}/settlement"
    hq = client.as_(world.hq1)
    assert hq.post(path, json={"how": "repair", "body": {}}).get_json()["code"] == "cannot_settle_so"
    assert hq.post(path, json={"how": "discard", "note": "空"}).status_code == 200


# ── tried only ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_check_only_tells_and_keeps_nothing(phone, session, world):
    enterprise, photo = add_enterprise(session), announcement()
    visit = op(body=visit_body(enterprise_id=str(enterprise.id)))
    ops = [
        visit,
        op(body={}),
        op("photo", photo, photo["id"]),
        visit,
        op("checkin", {"site_id": str(uuid4())}),
    ]
    before = session.scalar(sa.text("SELECT last_value FROM record_numbers"))
    answer = phone.post(f"{PUSH}?check_only=true", json={"ops": ops}).get_json()
    assert answer["check_only"] is True
    assert statuses(answer["results"]) == ["applied", "quarantined", "applied", "duplicate", "quarantined"]
    for table in (Visit, RecordRevision, KeptSubmission, CityLedgerRow, Withdrawal):
        assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    assert session.scalar(sa.text("SELECT last_value FROM record_numbers")) == before
    assert phone.get(f"/api/v1/photos/{photo['id']}").status_code == 404
    assert statuses(push(phone, [visit])) == ["applied"]


def test_it_says_how_it_was_understood(phone):
    """Phones' doors ignore what they do not know; a misspelt trial is seen in the answer."""
    assert phone.post(f"{PUSH}?checkonly=true", json={"ops": []}).get_json()["check_only"] is False


def checkin_body(site, **facts):
    moment = visit_body()["visited_at"]
    usual = {"site_id": str(site.id), "kind": "arrive", "at": moment, "captured_at": moment}
    return usual | facts


def test_a_withdrawal_of_somebody_elses_record_says_nothing_about_it(client, world, phone):
    mine = op()
    push(phone, [mine])
    (result,) = push(client.as_(world.field2), [op("withdrawal", {"reason": "x"}, mine["id"])])
    assert (result["status"], result["problem"]["code"]) == ("conflict", "id_taken")


def test_a_checkin_is_withdrawn_as_well(phone, session, world):
    sent = op("checkin", checkin_body(add_site(session, world.dongchangfu)))
    push(phone, [sent])
    withdrawal = op("withdrawal", {"reason": "走错了"}, sent["id"])
    first, again = push(phone, [withdrawal])[0], push(phone, [withdrawal])[0]
    assert (first["status"], again["status"]) == ("applied", "duplicate")
    assert first["receipt"] == again["receipt"]
    assert phone.get(f"/api/v1/checkins/{sent['id']}").get_json()["withdrawn_because"] == "走错了"


def test_it_keeps_a_withdrawal_of_a_voided_visit_as_a_conflict(phone, session):
    sent = op()
    push(phone, [sent])
    session.execute(sa.update(Visit).values(review_state=ReviewState.VOIDED))
    session.commit()
    (result,) = push(phone, [op("withdrawal", {"reason": "x"}, sent["id"])])
    assert (result["status"], result["problem"]["code"]) == ("conflict", "already_voided")
    (kept,) = kept_of(session, sent["id"])
    assert kept.record_type is RecordType.WITHDRAWAL
