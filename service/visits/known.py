"""What was known at a moment: the rows of the transactions that had ended then, so that the answer never changes.

::

    writers ─▶ ledger_tallies, ledger_changes (written_by) ─┐
    every minute, every report ─▶ known_moments (snapshot) ─┴─▶ rows not yet known then ─▶ figure then = now − those

A row's own time cannot decide it: a transaction that began before a moment may end after it. Moments follow each
other in the order in which they commit, because whoever takes one holds a lock until then; so once there is one at or
after the time that is asked for, no other will ever come before it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.calendar import SHANGHAI, chinese_date
from service.kernel.clock import now
from service.kernel.errors import Invalid
from service.visits.models import KnownEra, KnownMoment, LedgerChange, LedgerTally, LedgerTallyHistory

_LOCK = 0x71_62_6B
"""Whoever takes a moment holds it until the moment is committed."""
_TALLY_FIGURES = ("counted", "pending", "visits", "visits_pending")


class NotYetKnown(Invalid):
    """The time lies after the last moment: what was known then cannot be said for good."""

    code = "known_too_late"
    zh = "所问时点尚未固定，最近可查的时点是 {last}"
    en = "That moment is not settled yet; the last one is {last}"


class NotKnown(Invalid):
    """The time lies before the first moment."""

    code = "known_too_early"
    zh = "系统从 {first} 起才能按“当时所知”查询"
    en = "What was known can be asked for from {first} on"


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment as the statements need it; `before_*` are the last rows of earlier eras, `until_*` of its own."""

    taken_at: datetime
    xmin: int
    xmax: int
    running: tuple[int, ...]
    taken_by: int
    last_change: int
    last_tally: int
    before_change: int
    before_tally: int
    until_change: int | None
    until_tally: int | None


def take_moment(session: Session) -> Moment:
    """Fix this moment; it can be asked for as soon as this transaction commits, and waits for others that do so."""
    session.flush()
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    return _take(session)


def take_moment_unless_busy(session: Session) -> Moment | None:
    """The same for a job: whoever is taking one right now does its work."""
    if not session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))):
        return None
    return _take(session)


def begin_era(session: Session) -> None:
    """Transactions are numbered anew from here on: a restore calls it before anybody else writes."""
    session.execute(_BEGIN_ERA, {"at": now()})


def moment_at(session: Session, at: datetime) -> Moment:
    """The newest moment at or before a time.

    Raises:
        NotYetKnown: the time is after the last moment, so a later answer might be another.
        NotKnown: it is before the first.
    """
    first, last = session.execute(
        sa.select(sa.func.min(KnownMoment.taken_at), sa.func.max(KnownMoment.taken_at))
    ).one()
    if last is None or at > last:
        raise NotYetKnown(last="—" if last is None else _shown(last))
    found = session.scalar(
        sa.select(KnownMoment)
        .where(KnownMoment.taken_at <= at)
        .order_by(KnownMoment.taken_at.desc())
        .limit(1)
    )
    if found is None:
        raise NotKnown(first=_shown(first + timedelta(seconds=1)))
    return _moment(session, found)


def _shown(moment: datetime) -> str:
    """A moment as people here say it, to the second before it."""
    local = moment.astimezone(SHANGHAI)
    return f"{chinese_date(local.date())} {local:%H:%M:%S}"


def later_tallies(moment: Moment) -> sa.Subquery:
    """The differences of days that were not known yet, each negated: added to the present they give the past."""
    day_rows = sa.and_(sa.not_(LedgerTally.folded), sa.not_(LedgerTally.monthly))
    ours = (moment.last_tally, moment.before_tally, moment.until_tally)

    def read(table: Any, *conditions: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
        figures = [(-getattr(table, name)).label(name) for name in _TALLY_FIGURES]
        return sa.select(table.programme_id, table.line, table.unit_id, table.day, *figures).where(
            *conditions, not_known(table, moment, *ours)
        )

    return sa.union_all(read(LedgerTally, day_rows), read(LedgerTallyHistory)).subquery("later")


def change_not_known(moment: Moment) -> sa.ColumnElement[bool]:
    """The changes of ledger rows that were not known yet."""
    return not_known(LedgerChange, moment, moment.last_change, moment.before_change, moment.until_change)


def not_known(
    table: Any, moment: Moment, last: int, before: int, until: int | None
) -> sa.ColumnElement[bool]:
    """Rows whose transaction had not ended at the moment; `written_by >= xmin` is what the index serves."""
    own = sa.and_(table.written_by == moment.taken_by, table.id <= last)
    running = sa.literal(list(moment.running), sa.ARRAY(sa.BigInteger))
    in_its_era = sa.and_(
        table.id > before,
        table.written_by >= moment.xmin,
        sa.or_(table.written_by >= moment.xmax, table.written_by == sa.any_(running)),
        sa.not_(own),
    )
    return in_its_era if until is None else sa.or_(table.id > until, sa.and_(table.id <= until, in_its_era))


def _take(session: Session) -> Moment:
    # One statement sees one snapshot; the row it writes tells which.
    taken = session.execute(_TAKE, {"at": now()}).first()
    if taken is None:
        begin_era(session)
        taken = session.execute(_TAKE, {"at": now()}).one()
    return _moment(session, session.get_one(KnownMoment, taken.taken_at))


def _moment(session: Session, found: KnownMoment) -> Moment:
    era = session.get_one(KnownEra, found.era)
    following = session.scalar(
        sa.select(KnownEra).where(KnownEra.number > found.era).order_by(KnownEra.number).limit(1)
    )
    xmin, xmax, running = found.snapshot.split(":")
    return Moment(
        taken_at=found.taken_at,
        xmin=int(xmin),
        xmax=int(xmax),
        running=tuple(map(int, filter(None, running.split(",")))),
        taken_by=found.taken_by,
        last_change=found.last_change,
        last_tally=found.last_tally,
        before_change=era.after_change,
        before_tally=era.after_tally,
        until_change=None if following is None else following.after_change,
        until_tally=None if following is None else following.after_tally,
    )


_TAKE = sa.text("""
INSERT INTO known_moments (taken_at, era, snapshot, taken_by, last_change, last_tally)
SELECT greatest(:at, (SELECT max(taken_at) FROM known_moments) + interval '1 microsecond'), era.number,
       pg_current_snapshot()::text, pg_current_xact_id()::text::bigint,
       (SELECT coalesce(max(id), 0) FROM ledger_changes), (SELECT coalesce(max(id), 0) FROM ledger_tallies)
FROM (SELECT number, cluster FROM known_eras ORDER BY number DESC LIMIT 1) era
JOIN pg_control_system() control ON control.system_identifier::text = era.cluster
RETURNING taken_at
""").bindparams(sa.bindparam("at", type_=sa.DateTime(timezone=True)))

_BEGIN_ERA = sa.text("""
INSERT INTO known_eras (cluster, after_change, after_tally, began_at)
SELECT system_identifier::text, (SELECT coalesce(max(id), 0) FROM ledger_changes),
       greatest((SELECT coalesce(max(id), 0) FROM ledger_tallies),
                (SELECT coalesce(max(id), 0) FROM ledger_tally_history)), :at
FROM pg_control_system()
""").bindparams(sa.bindparam("at", type_=sa.DateTime(timezone=True)))
