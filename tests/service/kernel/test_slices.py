"""Members and items are found in bytes, whatever they say."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.revisions import Malformed
from service.kernel.slices import demand_grammar, items, members

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(st.lists(values), st.sampled_from([None, 1]), st.booleans())
def test_it_cuts_the_items_of_any_array(found, indent, is_ascii):
    raw = json.dumps(found, indent=indent, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    assert [json.loads(one) for one in items(raw)] == found


@given(st.dictionaries(st.text(), values), st.sampled_from([None, 1]))
def test_it_cuts_the_members_of_any_object(found, indent):
    raw = json.dumps(found, indent=indent).encode()
    assert {json.loads(key): json.loads(value) for key, value in members(raw)} == found


def test_it_tells_what_is_named_twice():
    assert members(b'{"a": 1, "a" : [2, {"a": 3}]}') == [(b'"a"', b"1"), (b'"a"', b'[2, {"a": 3}]')]


@pytest.mark.parametrize("raw", [b"", b"null", b'"[1]"', b"{}", b"[]", b" [ ] "])
def test_it_finds_none_in_what_has_none(raw):
    assert items(raw) == []
    assert members(raw) == []


def test_it_does_not_descend():
    deep = b"[" * 100_000 + b"]" * 100_000
    assert items(b"[1, " + deep + b"]") == [b"1", deep]


@pytest.mark.parametrize("raw", [b"", b"{", b'{"a"}', b"[1 2]", b"[1,]", b'["a]', b"[1]]", b"nul"])
def test_what_is_no_json_is_told(raw):
    with pytest.raises(Malformed):
        demand_grammar(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'["\xff"]',
        b'["a\x01"]',
        b"[NaN]",
        b'{"a":1,"a":2}',
        b"[" + b"9" * 5000 + b"]",
        b"[" * 99999 + b"]" * 99999,
    ],
)
def test_what_stands_in_strings_and_numbers_does_not_matter(raw):
    demand_grammar(raw)
