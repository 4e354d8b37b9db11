"""Large objects in parts: what every S3 server must do for them, and what a folder leaves to the house."""

import hashlib
import http.client
import random
from urllib.parse import urlsplit

import pytest

from media.errors import NotFound, StoreRefused
from media.stores.protocol import LEAST_PART_BYTES

KEY = "photos/0190f3c2-0000-7000-8000-000000000001/original"
FIRST = random.Random(7).randbytes(LEAST_PART_BYTES)
LAST = random.Random(8).randbytes(70_000)


def send(store, parts_id, number, body, *, size=None):
    """As a phone does it: the presigned address and its headers, nothing else."""
    grant = store.parts.grant(KEY, parts_id, number=number, size=size or len(body), seconds=60)
    address = urlsplit(grant.url)
    connection = http.client.HTTPConnection(address.netloc, timeout=20)
    try:
        connection.request(
            grant.method, f"{address.path}?{address.query}", body=body, headers=dict(grant.headers)
        )
        answer = connection.getresponse()
        answer.read()
    except OSError:
        return 0
    else:
        return answer.status
    finally:
        connection.close()


@pytest.fixture
def store(s3_store):
    if s3_store._address.ca_bundle is not None:
        pytest.skip("phones are played over plain HTTP here")
    return s3_store


@pytest.fixture
def parts_id(store):
    begun = store.parts.begin(KEY, content_type="video/mp4")
    yield begun
    store.parts.give_up(KEY, begun)


def test_a_folder_takes_no_parts(folder_store):
    assert folder_store.parts is None


def test_it_puts_parts_together_that_phones_sent_in_any_order(store, parts_id):
    assert send(store, parts_id, 2, LAST) == 200
    assert send(store, parts_id, 1, FIRST) == 200
    there = store.parts.arrived(KEY, parts_id)
    assert [(part.number, part.size) for part in there] == [(1, len(FIRST)), (2, len(LAST))]
    store.parts.put_together(KEY, parts_id, there)
    stat = store.stat(KEY)
    assert (stat.size, stat.content_type) == (len(FIRST) + len(LAST), "video/mp4")
    with store.open(KEY) as stream:
        assert hashlib.sha256(stream.read()).digest() == hashlib.sha256(FIRST + LAST).digest()


def test_it_lists_what_has_arrived_and_nothing_before(store, parts_id):
    assert store.parts.arrived(KEY, parts_id) == []
    assert store.stat(KEY) is None
    send(store, parts_id, 3, LAST)
    assert [part.number for part in store.parts.arrived(KEY, parts_id)] == [3]


def test_a_part_that_is_sent_again_replaces_the_first(store, parts_id):
    send(store, parts_id, 1, b"cut off")
    send(store, parts_id, 1, LAST)
    assert [(part.number, part.size) for part in store.parts.arrived(KEY, parts_id)] == [(1, len(LAST))]


def test_it_refuses_a_part_of_another_length_than_granted(store, parts_id):
    assert send(store, parts_id, 1, LAST + b"!", size=len(LAST)) != 200
    assert store.parts.arrived(KEY, parts_id) == []


def test_what_was_given_up_is_gone(store, parts_id):
    send(store, parts_id, 1, LAST)
    there = store.parts.arrived(KEY, parts_id)
    store.parts.give_up(KEY, parts_id)
    store.parts.give_up(KEY, parts_id)
    with pytest.raises(NotFound):
        store.parts.arrived(KEY, parts_id)
    with pytest.raises(StoreRefused):
        store.parts.put_together(KEY, parts_id, there)
    assert store.stat(KEY) is None


def test_what_was_put_together_is_not_open_any_more(store, parts_id):
    send(store, parts_id, 1, LAST)
    store.parts.put_together(KEY, parts_id, store.parts.arrived(KEY, parts_id))
    assert list(store.parts.unfinished("photos/")) == []
    assert store.stat(KEY).size == len(LAST)


def test_it_names_what_is_unfinished(store, parts_id):
    found = [(one.key, one.parts_id) for one in store.parts.unfinished("photos/")]
    assert found == [(KEY, parts_id)]
    assert list(store.parts.unfinished("elsewhere/")) == []
