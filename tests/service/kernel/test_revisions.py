"""What strict_json takes has one meaning, one canonical form and one hash."""

import gc
import hashlib
import json
import time
from contextlib import suppress

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from service.kernel.revisions import (
    LARGEST_INTEGER,
    Malformed,
    NotCanonical,
    NotRepresentable,
    body_sha256,
    canonical,
    strict_json,
)

TWO_MEGABYTES = 2_000_000

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
    | st.floats(-LARGEST_INTEGER, LARGEST_INTEGER)
    | texts
)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=20,
)


@given(documents, st.booleans())
def test_it_reads_an_ordinary_document_as_json_does(document, escaped):
    raw = json.dumps(document, ensure_ascii=escaped).encode()
    assert strict_json(raw) == json.loads(raw) == document


@given(documents)
def test_it_gives_everything_it_reads_a_canonical_form_that_reads_the_same(document):
    read = strict_json(json.dumps(document).encode())
    assert strict_json(canonical(read)) == read


@given(st.dictionaries(texts, documents, max_size=6), st.randoms())
def test_it_hashes_alike_whatever_the_order_of_keys(document, random):
    members = list(document.items())
    random.shuffle(members)
    assert canonical(dict(members)) == canonical(document)
    assert body_sha256(dict(members)) == body_sha256(document)


@given(
    st.binary(max_size=60)
    | st.text('[]{}",:\\u0d8e1.-NaIfty \ud83d', max_size=40).map(lambda t: t.encode("utf-8", "replace"))
)
def test_it_answers_any_bytes_with_a_value_or_one_of_two_refusals(raw):
    try:
        document = strict_json(raw)
    except (Malformed, NotRepresentable):
        return
    assert canonical(document)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"b": 1, "a": "é"}, '{"a":"é","b":1}'),
        (
            {"n": 1e21, "m": 1e-7, "k": 0.000001, "j": 1.0, "z": -0.0},
            '{"j":1,"k":0.000001,"m":1e-7,"n":1e+21,"z":0}',
        ),
        ([None, True, False, 56.0, 333333333.33333329], "[null,true,false,56,333333333.3333333]"),
        ('\x0f\n"\\/€', '"\\u000f\\n\\"\\\\/€"'),
        ({"\ufb33": 1, "😀": 2, "\r": 3}, '{"\\r":3,"😀":2,"\ufb33":1}'),
    ],
)
def test_it_writes_the_form_of_rfc_8785(body, expected):
    assert canonical(body).decode() == expected
    assert body_sha256(body) == hashlib.sha256(expected.encode()).hexdigest()


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "body",
    [
        2**53,
        float("nan"),
        float("inf"),
        "\ud800",
        {"\ud800": 1},
        {1: 2},
        {"a": object()},
        nested(5000),
    ],
)
def test_it_has_no_canonical_form_for_what_rfc_8785_excludes(body):
    with pytest.raises(NotCanonical):
        canonical(body)


@pytest.mark.parametrize(
    ("raw", "reason", "pointer"),
    [
        (b'{"a":1,"a":1}', "duplicate_key", "/a"),
        (b'{"x":[0,{"a/b~":1,"a/b~":2}]}', "duplicate_key", "/x/1/a~1b~0"),
        (b'{"a":{"b":1,"\\u0062":2}}', "duplicate_key", "/a/b"),
        (b'{"lat":NaN}', "not_a_number", "/lat"),
        (b"[1,Infinity]", "not_a_number", "/1"),
        (b"[-Infinity,NaN]", "not_a_number", "/0"),
        (b'{"a":9007199254740992}', "integer_too_large", "/a"),
        (b"[-9007199254740992]", "integer_too_large", "/0"),
        (b'{"a":[[1e999]]}', "number_too_large", "/a/0/0"),
        (b"[1e16]", "number_too_large", "/0"),
        (b"[9007199254740992.0]", "number_too_large", "/0"),
        (b'{"s":"\\ud800"}', "lone_surrogate", "/s"),
        (b'{"s":"\\udc00\\ud800"}', "lone_surrogate", "/s"),
        (b'{"a":{"\\uDFFF":1}}', "lone_surrogate", "/a/\ufffd"),
        (b'["a","b\\u0000"]', "nul", "/1"),
        (b'{"\\u0000":{}}', "nul", "/\ufffd"),
        (b"[" * 65 + b"]" * 65, "too_deep", None),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "too_deep", None),
    ],
)
def test_it_refuses_what_has_no_single_meaning_and_says_where(raw, reason, pointer):
    with pytest.raises(NotRepresentable) as refusal:
        strict_json(raw)
    assert refusal.value.reason == reason
    assert refusal.value.pointer == pointer


def test_it_cuts_a_long_key_in_the_place_it_names():
    with pytest.raises(NotRepresentable) as refusal:
        strict_json(b'{"' + b"k" * 100_000 + b'":NaN}')
    assert len(refusal.value.pointer) < 120


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"\xef\xbb\xbf",
        b"{",
        b'{"a":1,}',
        b"[1 2]",
        b"nul",
        b"'a'",
        b"01",
        b"+1",
        b"1.",
        b".5",
        b"0x10",
        b"[NaN,",
        b'{"a":1,"a":2',
        b'"a\nb"',
        b'"\x00"',
        b'"\\x41"',
        b'"\\ud8"',
        b"\xff",
        b'"\xed\xa0\x80"',
        b'"\xc0\x80"',
        '{"a":1}'.encode("utf-16"),
        "名".encode("gb18030"),
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
        b"{} {}",
        "１".encode(),
    ],
)
def test_it_calls_malformed_what_is_not_json_in_utf_8(raw):
    with pytest.raises(Malformed):
        strict_json(raw)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b" \r\n\t[]\n", []),
        (b"9007199254740991", LARGEST_INTEGER),
        (b"-9007199254740991", -LARGEST_INTEGER),
        (b"-0", 0),
        (b"1e-999", 0.0),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"\\\\ud800"', "\\ud800"),
        (b'"\\\\u0000"', "\\u0000"),
        (b'"' + b"[" * 1000 + b'\\"{"', "[" * 1000 + '"{'),
        (b"[" * 64 + b"]" * 64, nested(63)),
        (b"[" + b"{}," * 100 + b"{}]", [{}] * 101),
    ],
)
def test_it_takes_what_only_looks_strange(raw, value):
    assert strict_json(raw) == value


HOSTILE = {
    "open brackets": b"[" * TWO_MEGABYTES,
    "open objects": b'{"a":' * (TWO_MEGABYTES // 5),
    "flat brackets": b"[" + b"[]," * (TWO_MEGABYTES // 3) + b"1]",
    "64 deep again and again": b"[" + (b"[" * 63 + b"]" * 63 + b",") * (TWO_MEGABYTES // 127) + b"1]",
    "escaped quotes": b"[[" * 40 + b'"\\"' * (TWO_MEGABYTES // 3),
    "quotes": b"[[" * 40 + b'"' * TWO_MEGABYTES,
    "backslashes": b"[[" * 40 + b'"' + b"\\" * TWO_MEGABYTES,
    "NaN": b"[" + b"NaN," * (TWO_MEGABYTES // 4) + b"1]",
    "one long integer": b"1" * TWO_MEGABYTES,
    "5,000 digits": b'{"a":' + b"1" * 5000 + b"}",
    "one long fraction": b"0." + b"1" * TWO_MEGABYTES,
    "one long exponent": b"1e" + b"9" * TWO_MEGABYTES,
    "one key again and again": b"{" + b'"a":1,' * (TWO_MEGABYTES // 6) + b'"b":1}',
    "objects with doubled keys": b"[" + b'{"a":1,"a":1},' * (TWO_MEGABYTES // 14) + b"1]",
    "surrogate pairs": b"[" + b'"\\ud83d\\ude00",' * (TWO_MEGABYTES // 15) + b'"\\u0000"]',
    "a defect behind objects": b"[" + b'{"a":1},' * (TWO_MEGABYTES // 8) + b'"\\ud800"]',
    "a defect behind long keys": b'{"'
    + b"k" * 1000
    + b'":['
    + b'"",' * (TWO_MEGABYTES // 3)
    + b'"\\u0000"]}',
    "spaces": b" " * TWO_MEGABYTES,
    "an open string": b'"' + b"a" * TWO_MEGABYTES,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_it_answers_two_hostile_megabytes_within_a_second_of_its_own_time(raw):
    gc.collect()
    gc.freeze()  # the objects of other tests are not this one's work
    before = time.thread_time()
    with suppress(Malformed, NotRepresentable):
        strict_json(raw)
    spent_s = time.thread_time() - before
    slower = max(1, _loop_s() / LOOP_S)
    gc.unfreeze()
    assert spent_s < slower


LOOP_S = 0.05
"""What a million squares take where the second was measured; they take longer where two threads share a core."""


def _loop_s():
    before = time.thread_time()
    sum(number * number for number in range(1_000_000))
    return time.thread_time() - before


def test_it_is_safe_where_little_stack_is_left():
    def at_depth(frames):
        return strict_json(b"[" * 60 + b"]" * 60) if frames == 0 else at_depth(frames - 1)

    assert at_depth(300) == nested(59)


_KEYS = st.text(max_size=4) | st.sampled_from(["id", "é", "\U0001f600", "\ue000", "a", "A", "_"])
_NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False, width=64)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | _NUMBERS
    | st.text()
    | st.sampled_from([0.0, -0.0, 62.0, 1e-5, 1e-7, 0.1, 1e15]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
)


@settings(max_examples=300)
@given(_VALUES)
def test_it_writes_what_the_library_writes(value):
    assert canonical(value) == rfc8785.dumps(value)
