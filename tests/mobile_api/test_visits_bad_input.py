"""Whatever is thrown at a visit's door: never a 500, and what was understood and refused is kept."""

import json
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import fields

from mobile_api.schemas.visits import VisitIn
from service.submissions.models import KeptBecause, KeptSubmission
from tests.factories.submissions import visit_body, whole_visit_body

VISIT_FIELDS = VisitIn().fields
ANSWERS = {201, 400, 413, 422}
WRONG = [
    None, True, 0, -1, 1.5, 10**15, "", "x", "\u0000", "\ud800", "9999-12-31T23:59:59Z", [], [None], [[]],
    [{}], {}, {"name": None}, {"name": []}, {"lat": "1"}, "a" * 5000, ["a"] * 2000,
]  # fmt: skip


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1)


def send(phone, raw: bytes, **headers):
    visit_id = uuid4()
    answer = phone.put(
        f"/api/v1/visits/{visit_id}",
        data=raw,
        headers={"Content-Type": "application/json", **headers},
    )
    assert answer.status_code in ANSWERS, answer.get_data(as_text=True)
    return visit_id, answer


def kept_of(session, visit_id):
    return session.scalars(sa.select(KeptSubmission).where(KeptSubmission.record_id == visit_id)).all()


def demand_kept_if_refused(session, visit_id, answer, raw):
    kept = kept_of(session, visit_id)
    if answer.status_code == 422:
        assert [(one.because, one.raw) for one in kept] == [(KeptBecause.QUARANTINED, raw)]
        assert answer.get_json()["quarantine"]["sha256"] == kept[0].sha256
    else:
        assert kept == []


@pytest.mark.parametrize(
    "raw",
    [b"[]", b"[1, 2]", b"1", b"null", b"true", b'"text"', b"{}"],
)
def test_a_body_that_is_no_visit_is_quarantined(phone, session, raw):
    visit_id, answer = send(phone, raw)
    assert answer.status_code == 422
    demand_kept_if_refused(session, visit_id, answer, raw)


@pytest.mark.parametrize("raw", [b"", b"  ", b"\n"])
@pytest.mark.parametrize("door", ["visits", "checkins"])
def test_nothing_is_kept_of_no_body(phone, session, door, raw):
    record_id = uuid4()
    answer = phone.put(f"/api/v1/{door}/{record_id}", data=raw, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed_json")
    assert kept_of(session, record_id) == []


@pytest.mark.parametrize(
    "value",
    [
        b"NaN",
        b"-Infinity",
        b"1e999",
        b'"\\u0000"',
        b'"\\ud800"',
        b'{"a": 1, "a": 2}',
        b"9007199254740993",
        b"1" * 5000,
        b"[" * 200 + b"]" * 200,
    ],
)
def test_a_body_without_one_meaning_is_quarantined_as_bytes(phone, session, value):
    raw = json.dumps(visit_body()).encode()[:-1] + b', "extra": ' + value + b"}"
    visit_id, answer = send(phone, raw)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "not_representable")
    demand_kept_if_refused(session, visit_id, answer, raw)
    again = phone.put(f"/api/v1/visits/{visit_id}", data=raw, headers={"Content-Type": "application/json"})
    assert again.get_json()["quarantine"] == answer.get_json()["quarantine"]


@pytest.mark.parametrize(
    "raw", [b"{", b"\xff\xfe", b"{'a': 1}", b"<html>login</html>", b'{"a": 01}', b"{}{}", b"[" * 100_000]
)
def test_what_is_no_json_is_left_to_the_phone(phone, session, raw):
    visit_id, answer = send(phone, raw)
    if raw.startswith(b"[["):
        assert answer.status_code in {400, 422}  # too deep to say which
        return
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed_json")
    assert kept_of(session, visit_id) == []


def test_two_megabytes_are_left_to_the_phone(phone, session):
    raw = json.dumps(visit_body(summary="x" * 2_000_000)).encode()
    visit_id, answer = send(phone, raw)
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_large")
    assert kept_of(session, visit_id) == []


@pytest.mark.parametrize("field", sorted(VISIT_FIELDS))
def test_no_wrong_value_in_any_field_is_a_surprise(phone, session, field):
    for value in WRONG:
        raw = json.dumps(whole_visit_body() | {field: value}).encode()
        visit_id, answer = send(phone, raw)
        demand_kept_if_refused(session, visit_id, answer, raw)


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        (outer, inner)
        for outer, field in VISIT_FIELDS.items()
        for nested in [field.inner if isinstance(field, fields.List) else field]
        if isinstance(nested, fields.Nested)
        for inner in nested.schema.fields
    ],
)
def test_no_wrong_value_within_a_field_is_a_surprise(phone, session, outer, inner):
    usual = whole_visit_body()[outer]
    for value in WRONG:
        changed = [usual[0] | {inner: value}] if isinstance(usual, list) else usual | {inner: value}
        raw = json.dumps(whole_visit_body() | {outer: changed}).encode()
        visit_id, answer = send(phone, raw)
        demand_kept_if_refused(session, visit_id, answer, raw)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.dictionaries(
        st.sampled_from(sorted(VISIT_FIELDS)) | st.text(max_size=6), json_values, max_size=4
    )
)
def test_no_json_is_a_surprise(phone, session, changes):
    raw = json.dumps(whole_visit_body() | changes).encode()
    visit_id, answer = send(phone, raw)
    demand_kept_if_refused(session, visit_id, answer, raw)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=60))
def test_no_bytes_are_a_surprise(phone, session, raw):
    visit_id, answer = send(phone, raw)
    demand_kept_if_refused(session, visit_id, answer, raw)


@pytest.mark.parametrize(
    "tag", ["", '"', "W/", "*, *", '"1"' * 100, "\u00e9".encode().decode("latin-1"), "1", "-1"]
)
def test_no_if_match_is_a_surprise(phone, tag):
    visit_id, body = uuid4(), visit_body()
    phone.put(f"/api/v1/visits/{visit_id}", json=body)
    answer = phone.put(f"/api/v1/visits/{visit_id}", json=body | {"summary": "x"}, headers={"If-Match": tag})
    assert answer.status_code in {200, 409, 412}


@pytest.mark.parametrize("visit_id", ["1", "not-a-uuid", "00000000-0000-0000-0000-00000000000g", "%00"])
def test_an_id_that_is_none_is_not_found(phone, visit_id):
    assert phone.put(f"/api/v1/visits/{visit_id}", json=visit_body()).status_code == 404
