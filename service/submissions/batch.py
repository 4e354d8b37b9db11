"""Many submissions in one transaction, each with its own outcome: one bad one never holds back the rest.

::

    ops ─▶ those that are plainly new, by type, together ──┐
       └─▶ each other one in a savepoint, in order of ids ─┼─▶ count once ─▶ outcomes in the order of the ops
             refusal: the savepoint is undone,             │
             what was sent is kept in the same transaction ┘

All batches touch records in the order of their ids, so that two phones that push the same records wait for each other
and never in a circle. What the database cannot do just now (a deadlock all the same, a lock that is not to be had, a
server that goes down) is the whole batch's trouble: nothing of it stays, and it is sent again.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from psycopg import errors as pg
from sqlalchemy import exc
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.errors import ClientAction, Invalid, NotSignedIn, Refusal
from service.submissions.doors import Conclude, Taken, batch_door_for
from service.submissions.handing_in import demand_pace, hand_in
from service.submissions.keeping import Unaccepted, because_of, keep
from service.submissions.models import KeptBecause, RecordType
from service.submissions.sent import Sent
from service.submissions.terms import Terms
from service.submissions.waiting import let_in_children

log = logging.getLogger(__name__)


class Status(StrEnum):
    """What became of one op of a batch."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    QUARANTINED = "quarantined"
    UNPERMITTED = "unpermitted"
    ERROR = "error"


_STATUS = {
    KeptBecause.QUARANTINED: Status.QUARANTINED,
    KeptBecause.CONFLICT: Status.CONFLICT,
    KeptBecause.ID_TAKEN: Status.CONFLICT,
    KeptBecause.UNPERMITTED: Status.UNPERMITTED,
    None: Status.ERROR,
}


class WrittenByAnother(NotSignedIn):
    """The op names another author than who is signed in; nothing of it was kept, the phone waits for its author."""

    code = "written_by_another"
    zh = "该记录由本机另一使用人填写，请由本人登录后提交，手机上的记录不会丢失"
    en = "Somebody else wrote this on this phone: it is sent when they sign in, and stays on the phone until then"


class Surprise(Refusal):
    """Something went wrong with this one alone; nothing of it was kept."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    zh: ClassVar[str] = "服务器出错，请保留记录稍后重试"
    en: ClassVar[str] = "Something went wrong; keep the record and try again"
    client_action: ClientAction = "retry"


@dataclass(frozen=True, slots=True)
class Op:
    """One submission of a batch, as far as it could be read."""

    op_id: str | None
    record_type: RecordType
    record_id: UUID
    raw: Callable[[], bytes]
    """Exactly the bytes that are kept when it is refused."""
    body: Mapping[str, Any] = field(default_factory=dict)
    base_rev: int | None = None
    author_id: UUID | None = None
    """Who wrote it, where the phone says so: two people may share it."""
    refusal: Refusal | None = None
    """Why it cannot be tried at all."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an op: taken, or refused with its problem."""

    op: Op
    status: Status
    taken: Taken | None = None
    problem: Refusal | None = None


def push(session: Session, actor: Actor, ops: Sequence[Op], *, terms: Terms, most_kept: int) -> list[Outcome]:
    """Take every op in, or keep it with its reason, and answer in the order they came.

    Raises:
        sqlalchemy.exc.OperationalError: the database cannot go on; nothing of the batch may stay.
    """
    batch = _Batch(session, actor, terms, most_kept)
    ops = [_of_its_author(actor, op) for op in ops]
    if actor.hands_in_only:
        demand_pace(session, actor)
    outcomes = {} if actor.hands_in_only else dict(batch.together(ops))
    for place in sorted(range(len(ops)), key=lambda place: _turn(ops[place])):
        if place not in outcomes:
            outcomes[place] = batch.alone(ops[place])
    batch.let_in_children(outcomes.values())
    batch.conclude()
    return [outcomes[place] for place in range(len(ops))]


def rehearse(
    session: Session, actor: Actor, ops: Sequence[Op], *, terms: Terms, most_kept: int
) -> list[Outcome]:
    """What `push` would answer; nothing of it stays."""
    trial = session.begin_nested()
    try:
        return push(session, actor, ops, terms=terms, most_kept=most_kept)
    finally:
        trial.rollback()


def _of_its_author(actor: Actor, op: Op) -> Op:
    """What somebody else wrote on this phone is not taken as this person's, nor kept as theirs."""
    return op if op.author_id in (None, actor.user_id) else replace(op, refusal=WrittenByAnother())


def _turn(op: Op) -> tuple[UUID, bool]:
    """Two edits of a record keep their order; its withdrawal comes after both."""
    return op.record_id, op.record_type is RecordType.WITHDRAWAL


@dataclass(slots=True)
class _Batch:
    session: Session
    actor: Actor
    terms: Terms
    most_kept: int
    to_count: defaultdict[Conclude, set[UUID]] = field(default_factory=lambda: defaultdict(set))

    def together(self, ops: Sequence[Op]) -> Iterator[tuple[int, Outcome]]:
        """Those that are plainly new; when a set fails for whatever reason, its members are left to be taken alone."""
        for record_type, places in _plain(ops).items():
            door = batch_door_for(record_type)
            if door.take_new is None:
                continue
            bodies = sorted((ops[place].record_id, ops[place].body) for place in places.values())
            try:
                with self.session.begin_nested():
                    taken = door.take_new(self.session, self.actor, bodies, terms=self.terms)
            except exc.OperationalError as error:
                if not _is_its_own_fault(error):
                    raise
                continue
            except Exception:
                log.info("taken one by one", exc_info=True)
                continue
            for record_id, one in taken.items():
                yield places[record_id], self._accepted(ops[places[record_id]], one)

    def alone(self, op: Op) -> Outcome:
        """One op, in a savepoint of its own."""
        try:
            return self._tried(op)
        except exc.OperationalError:
            raise
        except Exception:
            log.exception("unexpected error in an op")
            return Outcome(op, Status.ERROR, problem=Surprise())

    def let_in_children(self, outcomes: Iterable[Outcome]) -> None:
        """What waited for a record of this batch is let in with it."""
        arrived = [one.op.record_id for one in outcomes if one.status is Status.APPLIED]
        for record_type, record_id in let_in_children(self.session, arrived, terms=self.terms):
            self._count(record_type, record_id)

    def conclude(self) -> None:
        """Count whatever was taken, once."""
        for conclude, record_ids in self.to_count.items():
            conclude(self.session, sorted(record_ids))

    def _tried(self, op: Op) -> Outcome:
        try:
            if op.refusal is not None:
                raise op.refusal
            with self.session.begin_nested():
                taken = self._take(op)
            return self._accepted(op, taken)
        except Refusal as refusal:
            return self._refused(op, refusal)
        except exc.DBAPIError as error:
            # The database's own rules refuse it: what a phone sent is kept for a person to look at.
            if not (isinstance(error, (exc.IntegrityError, exc.DataError)) or _is_its_own_fault(error)):
                raise
            return self._refused(op, Invalid())

    def _take(self, op: Op) -> Taken:
        def shape(sent: Sent) -> Sent:
            return sent if op.base_rev is None else sent.on_top_of(op.base_rev)

        if self.actor.hands_in_only:
            return hand_in(self.session, self.actor, op.record_type, op.record_id, shape(Sent.of(op.body)))
        take = batch_door_for(op.record_type).take
        return take(self.session, self.actor, op.record_id, op.body, shape=shape, terms=self.terms)

    def _accepted(self, op: Op, taken: Taken) -> Outcome:
        if not taken.is_repeat:
            self._count(op.record_type, op.record_id)
        return Outcome(op, Status.DUPLICATE if taken.is_repeat else Status.APPLIED, taken=taken)

    def _count(self, record_type: RecordType, record_id: UUID) -> None:
        conclude = batch_door_for(record_type).conclude
        if conclude is not None:
            self.to_count[conclude].add(record_id)

    def _refused(self, op: Op, refusal: Refusal) -> Outcome:
        what = Unaccepted(op.record_type, op.record_id, op.raw(), op.base_rev)
        try:
            with self.session.begin_nested():
                problem = keep(self.session, self.actor, what, refusal, most=self.most_kept)
        except Refusal as full:
            problem = full
        return Outcome(op, _STATUS[because_of(problem)], problem=problem)


def _plain(ops: Sequence[Op]) -> dict[RecordType, dict[UUID, int]]:
    """The places of ops that may be new, whose record no other op of the batch is about; nothing when it is one."""
    about = Counter(op.record_id for op in ops)
    found: defaultdict[RecordType, dict[UUID, int]] = defaultdict(dict)
    for place, op in enumerate(ops):
        is_edit = op.base_rev is not None or op.body.get("base_rev") is not None
        if op.refusal is None and not is_edit and about[op.record_id] == 1:
            found[op.record_type][op.record_id] = place
    return {record_type: places for record_type, places in found.items() if len(places) > 1}


def _is_its_own_fault(error: exc.DBAPIError) -> bool:
    """Whether what was sent is past a limit of the database, rather than the database in trouble."""
    return isinstance(error.orig, pg.ProgramLimitExceeded) and not error.connection_invalidated
