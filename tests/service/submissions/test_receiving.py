"""The gate decides new, repeat, edit or refusal, for any type of record."""

from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.audit.models import AuditSeal
from service.kernel.clock import now
from service.kernel.errors import Stale
from service.submissions.errors import IdTaken, RecordConflict
from service.submissions.models import RecordRevision, RecordType
from service.submissions.receiving import Outcome, receive, revision_matches
from service.submissions.sent import Sent

FIRST, SECOND, THIRD = ({"n": n} for n in (1, 2, 3))


@pytest.fixture
def send(session, world):
    record_id = uuid4()

    def send(body, base_rev=None, *, actor=None, record_type=RecordType.VISIT, **more):
        sent = replace(Sent.of(body), base_rev=base_rev, **more)
        return receive(session, actor or world.field1, record_type, record_id, sent)

    return send


def test_the_first_content_is_new(send):
    arrival = send(FIRST)
    assert (arrival.outcome, arrival.receipt.rev) == (Outcome.NEW, 1)


def test_the_same_content_is_a_repeat_with_the_same_receipt(send):
    first = send(FIRST)
    again = send(FIRST)
    assert (again.outcome, again.receipt) == (Outcome.REPEAT, first.receipt)


def test_content_on_top_of_the_current_revision_is_an_edit(send):
    send(FIRST)
    edit = send(SECOND, 1)
    assert (edit.outcome, edit.receipt.rev) == (Outcome.EDIT, 2)


@pytest.mark.parametrize(
    ("body", "base_rev", "outcome", "rev"),
    [
        (FIRST, None, Outcome.REPEAT, 1),
        (SECOND, None, Outcome.REPEAT, 2),
        (SECOND, 1, Outcome.REPEAT, 2),
        (THIRD, 2, Outcome.REPEAT, 3),
        (THIRD, 3, Outcome.REPEAT, 3),
        (FIRST, 0, Outcome.REPEAT, 1),
        (FIRST, 3, Outcome.EDIT, 4),
        ({"n": 4}, 3, Outcome.EDIT, 4),
    ],
)
def test_it_tells_repeats_from_edits_after_three_revisions(send, body, base_rev, outcome, rev):
    for content, base in ((FIRST, None), (SECOND, 1), (THIRD, 2)):
        send(content, base)
    arrival = send(body, base_rev)
    assert (arrival.outcome, arrival.receipt.rev) == (outcome, rev)


@pytest.mark.parametrize(
    ("body", "base_rev"),
    [({"n": 4}, None), ({"n": 4}, 1), ({"n": 4}, 2), ({"n": 4}, 9), (FIRST, 2), (SECOND, 2)],
)
def test_everything_else_is_a_conflict(send, body, base_rev):
    for content, base in ((FIRST, None), (SECOND, 1), (THIRD, 2)):
        send(content, base)
    with pytest.raises(RecordConflict) as refused:
        send(body, base_rev)
    assert refused.value.extra["conflict"]["server_rev"] == 3


def test_an_id_belongs_to_its_author_and_its_type(send, world):
    send(FIRST)
    for taken in ({"actor": world.field2}, {"record_type": RecordType.CHECKIN}):
        with pytest.raises(IdTaken):
            send(FIRST, **taken)
        with pytest.raises(IdTaken):
            send(SECOND, 1, **taken)


def test_an_owner_beside_the_author_may_edit(session, world):
    record_id = uuid4()
    receive(session, world.field1, RecordType.VISIT, record_id, Sent.of(FIRST))
    edit = Sent.of(SECOND).on_top_of(1)
    arrival = receive(
        session,
        world.colleague,
        RecordType.VISIT,
        record_id,
        edit,
        owners=lambda *_: [world.colleague.user_id],
    )
    assert arrival.outcome is Outcome.EDIT


def test_if_match_stands_for_base_rev_and_fails_alone(send):
    send(FIRST)
    with pytest.raises(Stale):
        send(SECOND, if_match='"2"')
    assert send(SECOND, if_match='"1"').outcome is Outcome.EDIT
    assert send(SECOND, if_match='"1"').outcome is Outcome.REPEAT


@pytest.mark.parametrize(
    ("if_match", "rev", "matches"),
    [
        ('"3"', 3, True),
        ('W/"3-abc"', 3, True),
        ('"2", "3-x"', 3, True),
        ("*", 1, True),
        ("*", 0, False),
        ('"30"', 3, False),
        ("", 3, False),
        ('"x"', 3, False),
    ],
)
def test_if_match_names_a_revision(if_match, rev, matches):
    assert revision_matches(if_match, rev) is matches


def test_the_receipt_carries_the_newest_seal_of_its_time(send, session):
    assert send(FIRST).receipt.seal is None
    session.add(AuditSeal(no=7, entries=1, hash="ab", previous_hash="", sealed_at=now()))
    session.flush()
    assert send(SECOND, 1).receipt.seal == "7:ab"
    assert send(FIRST).receipt.seal is None


def test_settling_by_headquarters_is_as_the_author(session, world):
    record_id = uuid4()
    receive(session, world.field1, RecordType.VISIT, record_id, Sent.of(FIRST))
    sent = Sent.of(SECOND).on_top_of(1).by(world.field1.user_id)
    receive(session, world.hq1, RecordType.VISIT, record_id, sent)
    authors = session.scalars(
        sa.select(RecordRevision.author_id).where(RecordRevision.record_id == record_id)
    )
    assert set(authors) == {world.field1.user_id}
