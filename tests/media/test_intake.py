"""How a body of declared size comes in."""

import hashlib
import io

import pytest

from media.errors import WrongHash, WrongLength
from media.intake import CHUNK_BYTES, Declared, measure, take_in

BODY = bytes(range(256)) * 4000


class Counting(io.BytesIO):
    """Knows how far it was read."""

    def __init__(self, body):
        super().__init__(body)
        self.asked = []

    def read(self, size=-1):
        self.asked.append(size)
        return super().read(size)


def test_it_passes_the_body_on_and_measures_it():
    sink = io.BytesIO()
    measured = take_in(io.BytesIO(BODY), sink.write, Declared(len(BODY)))
    assert sink.getvalue() == BODY
    assert measured.size == len(BODY)
    assert measured.sha256 == hashlib.sha256(BODY).hexdigest()
    assert measured.md5 == hashlib.md5(BODY).hexdigest()
    assert measured == measure(io.BytesIO(BODY))


def test_it_never_reads_more_than_one_byte_past_the_declared_size():
    source = Counting(BODY)
    with pytest.raises(WrongLength):
        take_in(source, io.BytesIO().write, Declared(1000))
    assert source.tell() == 1001
    assert max(source.asked) <= CHUNK_BYTES


def test_it_stops_an_endless_generator_and_hands_on_no_more_than_declared():
    def endless():
        while True:
            yield b"x" * 600

    sink = io.BytesIO()
    with pytest.raises(WrongLength):
        take_in(endless(), sink.write, Declared(1000))
    assert len(sink.getvalue()) == 600


@pytest.mark.parametrize(
    ("declared", "refusal"),
    [
        (Declared(len(BODY) + 1), WrongLength),
        (Declared(len(BODY), sha256="0" * 64), WrongHash),
        (Declared(len(BODY), md5="0" * 32), WrongHash),
    ],
)
def test_it_refuses_another_body_than_declared(declared, refusal):
    with pytest.raises(refusal) as caught:
        take_in(io.BytesIO(BODY), io.BytesIO().write, declared)
    assert caught.value.code in {"wrong_length", "wrong_hash"}
