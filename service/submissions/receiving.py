"""The gate: each revision of a record is let in once, whoever sends it how often and how many at once.

::

    no such record ─────────────────────────────▶ NEW      revision 1
    content known ──────────────────────────────▶ REPEAT   the receipt of that very revision
    base_rev (or If-Match) is current ──────────▶ EDIT     the next revision
    otherwise ──────────────────────────────────▶ RecordConflict, kept
    somebody else's ────────────────────────────▶ IdTaken, kept
    If-Match names another revision ────────────▶ Stale, not kept

The primary key of `record_revisions` decides races: a second sender waits there until the first has committed or
given up, and then reads what it did. Nothing is looked up first in the hope that it stays so.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.audit.models import AuditSeal
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import Stale, Unavailable
from service.kernel.together import Question, together
from service.submissions.errors import IdTaken, RecordConflict
from service.submissions.models import KeptBecause, KeptSubmission, RecordRevision, RecordType, Settlement
from service.submissions.receipt import Receipt
from service.submissions.sent import Sent

Row = sa.Row[*tuple[Any, ...]]
MOST_ROUNDS = 5
PATHS = {
    RecordType.VISIT: "/api/v1/visits",
    RecordType.CHECKIN: "/api/v1/checkins",
    RecordType.TRIP: "/api/v1/trips",
    RecordType.ISSUE: "/api/v1/issues",
}
"""Where a phone reads a record of each type."""

Owners = Callable[[Session, UUID], Collection[UUID]]
"""Who owns a stored record beside the person who sent it: a visit is its visitor's as well."""


class Outcome(StrEnum):
    """What became of what was sent."""

    NEW = "new"
    REPEAT = "repeat"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What was sent has its receipt; only NEW and EDIT leave anything to write."""

    outcome: Outcome
    receipt: Receipt
    author_id: UUID
    beside: Sequence[Row] | None = None
    """The answer to what was asked beside; None when it must be asked again."""

    @property
    def is_repeat(self) -> bool:
        """Whether the house has long known this content."""
        return self.outcome is Outcome.REPEAT

    @property
    def is_new(self) -> bool:
        """Whether this is the record's first revision."""
        return self.outcome is Outcome.NEW


def receive(
    session: Session,
    actor: Actor,
    record_type: RecordType,
    record_id: UUID,
    sent: Sent,
    *,
    owners: Owners | None = None,
    beside: Question | None = None,
) -> Arrival:
    """Let what was sent in as a new record, a repeat or an edit; the caller writes the record itself.

    `beside` is what a caller will ask about a new record: it travels with the first attempt.

    Raises:
        RecordConflict: the id holds other content and the edit's base is not the current revision.
        IdTaken: the id is a record of somebody else, or of another type.
        Stale: If-Match named a revision that is not current.
    """
    gate = _Gate(session, actor, record_type, record_id, sent, owners, beside)
    arrival = gate.try_to_write(1) if sent.base_rev is None and sent.if_match is None else None
    for _ in range(MOST_ROUNDS):
        arrival = arrival or gate.decide(stored_revisions(session, record_id))
        if arrival is not None:
            return arrival
    raise Unavailable


def stored_revisions(session: Session, record_id: UUID) -> Sequence[Row]:
    """What is known of every accepted revision of a record, oldest first, without the bodies."""
    columns = (
        RecordRevision.record_type,
        RecordRevision.rev,
        RecordRevision.sha256,
        RecordRevision.author_id,
        RecordRevision.received_at,
        RecordRevision.seal,
    )
    return session.execute(
        sa.select(*columns).where(RecordRevision.record_id == record_id).order_by(RecordRevision.rev)
    ).all()


def repeated(stored: Sequence[Row], sent: Sent) -> Row | None:
    """The revision this is a repeat of; an edit back to earlier content on top of the current one is none."""
    same = [row for row in stored if row.sha256 == sent.sha256]
    if not same or sent.base_rev is None:
        return same[0] if same else None
    if sent.base_rev == stored[-1].rev:
        return stored[-1] if stored[-1] in same else None
    # Accepted after its base, so this very edit has been let in before. What lies at or before the base was
    # known to the sender: sending it again would take the record back, which is an edit like any other.
    return next((row for row in same if row.rev > sent.base_rev), None)


@dataclass(frozen=True, slots=True)
class _Gate:
    session: Session
    actor: Actor
    record_type: RecordType
    record_id: UUID
    sent: Sent
    owners: Owners | None
    beside: Question | None = None

    @property
    def author_id(self) -> UUID:
        return self.sent.author_id or self.actor.person_id

    def decide(self, stored: Sequence[Row]) -> Arrival | None:
        """The arrival, or None when another sender was quicker and what is stored must be read again."""
        if not stored:
            self._demand_match(0)
            return self.try_to_write(1)
        self._demand_own(stored)
        current = stored[-1]
        known = repeated(stored, self.sent)
        if known is not None:
            return self._arrival(Outcome.REPEAT, known)
        self._demand_match(current.rev)
        if self.sent.base_rev not in ({current.rev} if self.sent.if_match is None else {current.rev, None}):
            raise conflict(RecordConflict, self.record_type, self._receipt(current), self.sent)
        return self.try_to_write(current.rev + 1)

    def try_to_write(self, rev: int) -> Arrival | None:
        """Write the revision, or nothing when that revision exists already."""
        # Headquarters settles one body; the others wait for their own decision.
        statement = _WRITE_AND_SETTLE if self.sent.author_id is None else _WRITE
        writing = Question(statement, self._columns(rev))
        # What is asked beside a lost race is thrown away: the winner's record may have changed the answer.
        asked = [writing] if self.beside is None or rev > 1 else [writing, self.beside]
        written, *beside = together(self.session, *asked)
        if not written:
            return None
        arrival = self._arrival(Outcome.NEW if rev == 1 else Outcome.EDIT, written[0])
        return replace(arrival, beside=beside[0]) if beside else arrival

    def _columns(self, rev: int) -> dict[str, Any]:
        return {
            "new_record_id": self.record_id,
            "new_rev": rev,
            "new_record_type": self.record_type,
            "new_sha256": self.sent.sha256,
            "new_body": dict(self.sent.document),
            "new_author_id": self.author_id,
            "new_device_id": self.actor.device_id if self.sent.author_id is None else None,
            "new_received_at": now(),
        }

    def _demand_own(self, stored: Sequence[Row]) -> None:
        if any(row.record_type != self.record_type for row in stored):
            raise IdTaken
        if any(row.author_id == self.author_id for row in stored):
            return
        if self.owners is None or self.author_id not in self.owners(self.session, self.record_id):
            raise IdTaken

    def _demand_match(self, current_rev: int) -> None:
        if self.sent.if_match is not None and not revision_matches(self.sent.if_match, current_rev):
            raise Stale

    def _arrival(self, outcome: Outcome, row: Row) -> Arrival:
        return Arrival(outcome, self._receipt(row), self.author_id)

    def _receipt(self, row: Row) -> Receipt:
        return Receipt(self.record_id, row.rev, row.sha256, row.received_at, row.seal)


def revision_matches(if_match: str, current_rev: int) -> bool:
    """Whether an `If-Match` header names the current revision: `"3"`, or an entity tag that begins with it, `"3-…"`."""
    if if_match.strip() == "*":
        return current_rev > 0
    tags = (tag.strip().removeprefix("W/").strip('"') for tag in if_match.split(","))
    return any(tag.partition("-")[0] == str(current_rev) for tag in tags)


def conflict(
    kind: type[RecordConflict], record_type: RecordType, held: Receipt, sent: Sent
) -> RecordConflict:
    """The refusal that tells an owner what the server holds, and that their own content is kept."""
    facts = {
        "id": held.id,
        "server_rev": held.rev,
        "server_sha256": held.sha256,
        "href": f"{PATHS[record_type]}/{held.id}",
        "kept_sha256": sent.sha256,
    }
    return kind(extra={"conflict": facts})


def _new(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(f"new_{name}", type_=RecordRevision.__table__.c[name].type)


def _written() -> sa.CTE:
    """The revision, if it is still free, with the newest seal as it is at that moment."""
    newest_seal = (
        sa.select(sa.cast(AuditSeal.no, sa.Text) + ":" + AuditSeal.hash)
        .order_by(AuditSeal.no.desc())
        .limit(1)
        .scalar_subquery()
    )
    names = ("record_id", "rev", "record_type", "sha256", "body", "author_id", "device_id", "received_at")
    return (
        insert(RecordRevision)
        .values({name: _new(name) for name in names} | {"seal": newest_seal})
        .on_conflict_do_nothing(index_elements=["record_id", "rev"])
        .returning(RecordRevision.rev, RecordRevision.sha256, RecordRevision.received_at, RecordRevision.seal)
        .cte("written")
    )


def _settled(written: sa.CTE) -> sa.CTE:
    """Whatever of this person's waited for that record, or met a taken id with this very body, is settled by it."""
    met_taken_id = KeptSubmission.because == KeptBecause.ID_TAKEN
    return (
        sa.update(KeptSubmission)
        .values(
            settled_at=_new("received_at"),
            settled_by=_new("author_id"),
            settlement=Settlement.ACCEPTED_LATER,
            became_record_id=_new("record_id"),
        )
        .where(
            KeptSubmission.author_id == _new("author_id"),
            KeptSubmission.record_type == _new("record_type"),
            sa.case(
                (met_taken_id, KeptSubmission.sha256 == _new("sha256")),
                else_=KeptSubmission.record_id == _new("record_id"),
            ),
            KeptSubmission.settled_at.is_(None),
            sa.exists(sa.select(written.c.rev)),
        )
        .cte("settled")
    )


# Built once: every submission passes here, and building a statement costs more than running it.
_WRITTEN = _written()
_WRITE = sa.select(_WRITTEN.c.rev, _WRITTEN.c.sha256, _WRITTEN.c.received_at, _WRITTEN.c.seal)
_WRITE_AND_SETTLE = _WRITE.add_cte(_settled(_WRITTEN))
