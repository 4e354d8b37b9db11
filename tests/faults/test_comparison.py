"""The final read notices what is lost, doubled and altered, told row by row."""

import hashlib
import io
from types import SimpleNamespace
from uuid import uuid4

import pytest

from media.errors import NotFound
from tests.faults.comparison import Receipted, Story, body_hash, compare

BODY = {"summary": "走访"}
VISIT, PHOTO = uuid4(), uuid4()
BYTES = b"a picture"
TOLD = Receipted("visit", str(VISIT), body_hash(BODY))
SHOT = Receipted("photo", str(PHOTO), hashlib.sha256(BYTES).hexdigest())
STORY = Story([TOLD, SHOT], [TOLD, SHOT])


class House:
    """Answers the comparison's questions from rows that a test may spoil."""

    def __init__(self):
        self.revisions = [
            self.row(record_type="visit", record_id=VISIT, rev=1, sha256=TOLD.sha256, body=BODY)
        ]
        self.visits = [self.row(id=VISIT, rev=1, number="LC-1", told="走访", sent="走访", newest=1)]
        self.photos = [self.row(id=PHOTO, sha256=SHOT.sha256, object_key="k", received_at="now")]
        self.content = BYTES

    @staticmethod
    def row(**facts):
        return SimpleNamespace(**facts)

    def ask(self, question):
        if question.startswith("SELECT record_type"):
            return self.revisions
        if "FROM visits r" in question:
            return self.visits
        return self.photos if "FROM photos" in question else []

    def open(self, _key):
        if self.content is None:
            raise NotFound("gone")
        return io.BytesIO(self.content)


@pytest.fixture
def house():
    return House()


def counts(house, story=STORY):
    verdict = compare(house, story, house)
    return len(verdict.lost), len(verdict.doubled), len(verdict.altered)


def test_it_is_content_when_everything_is_there_once(house):
    assert counts(house) == (0, 0, 0)


def test_what_was_sent_without_a_receipt_may_be_missing(house):
    assert counts(house, Story([TOLD, SHOT, Receipted("visit", str(uuid4()), "0")], [TOLD, SHOT])) == (
        0,
        0,
        0,
    )


def test_it_misses_a_revision_and_its_record(house):
    house.revisions, house.visits = [], []
    assert counts(house) == (2, 0, 0)


def test_it_misses_a_photo_that_was_not_received(house):
    house.photos[0].received_at = None
    assert counts(house) == (1, 0, 0)


def test_it_misses_a_photos_bytes(house):
    house.content = None
    assert counts(house) == (1, 0, 0)


def test_it_sees_a_flipped_byte(house):
    house.content = b"a pictura"
    assert counts(house) == (0, 0, 1)


def test_it_sees_a_record_twice(house):
    house.visits *= 2
    assert counts(house)[1] > 0


def test_it_sees_a_revision_twice(house):
    house.revisions *= 2
    assert counts(house)[1] > 0


def test_it_sees_a_photo_under_two_ids(house):
    house.photos.append(house.row(id=uuid4(), sha256=SHOT.sha256, object_key="k", received_at="now"))
    assert counts(house) == (0, 1, 0)


def test_it_sees_an_altered_body(house):
    house.revisions[0].body = {"summary": "走访二"}
    assert counts(house) == (0, 0, 1)


def test_it_sees_what_nobody_sent(house):
    other = {"summary": "谁写的"}
    house.revisions.append(
        house.row(record_type="visit", record_id=uuid4(), rev=1, sha256=body_hash(other), body=other)
    )
    assert counts(house) == (0, 0, 1)


def test_it_sees_a_row_that_says_something_else_than_its_revision(house):
    house.visits[0].told = "走访二"
    assert counts(house) == (0, 0, 1)
