"""Reads the chain from its first seal to its last and says in plain words where it no longer fits.

A changed, missing, added or moved entry breaks the hash of its seal. A tail that was cut, or a chain that was written
anew from some seal on, fits within itself: only a seal noted elsewhere (the anchor) shows it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit.chain import FIRST_PREVIOUS_HASH, Anchor, Link
from service.audit.models import AuditEntry, AuditSeal
from service.audit.texts import entry_columns, sealed_at_text

MOST_FINDINGS = 100
"""So many are told one by one; the rest is counted."""

LONGEST_TRANSACTION = timedelta(hours=1)
"""No writer takes so long: an entry this much older than the seal before its own was put there afterwards."""

_ROWS_AT_ONCE = 1_000


class Fault(StrEnum):
    """What can be wrong with a chain."""

    SEAL_MISSING = "seal_missing"
    SEAL_UNLINKED = "seal_unlinked"
    SEAL_BROKEN = "seal_broken"
    ENTRY_WITHOUT_SEAL = "entry_without_seal"
    ENTRY_BACKDATED = "entry_backdated"
    ANCHOR_MISSING = "anchor_missing"
    ANCHOR_DIFFERS = "anchor_differs"


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the chain does not fit."""

    fault: Fault
    seal_no: int | None
    zh: str
    en: str


@dataclass(slots=True)
class Verification:
    """What was read, and what is wrong with it."""

    seals: int = 0
    entries: int = 0
    unsealed: int = 0
    last: str | None = None
    """The newest seal as `no:hash`: note it elsewhere, it is the next check's anchor."""
    findings: list[Finding] = field(default_factory=list)
    more_findings: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def add(self, fault: Fault, seal_no: int | None, zh: str, en: str) -> None:
        """Note a finding, or count it when there are too many to tell."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(fault, seal_no, zh, en))
        else:
            self.more_findings += 1


def verify(session: Session, *, anchor: Anchor | None) -> Verification:
    """Check the whole chain, in bounded memory, while others go on writing.

    Entries of the last minute that have no seal yet are counted, and covered by the next check.
    """
    found = Verification()
    newest = session.scalar(sa.select(sa.func.max(AuditSeal.no)))
    # What is sealed never changes, so everything up to this seal can be read in several statements.
    _walk(session, found, upto=newest or 0)
    _look_for_strays(session, found, after=newest or 0)
    _count_unsealed(session, found)
    if anchor is not None:
        _compare(session, found, anchor)
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    seal_no: int
    place: int | None
    is_backdated: bool
    columns: tuple[str | None, ...]


def _walk(session: Session, found: Verification, *, upto: int) -> None:
    entries = _Entries(_sealed_entries(session, upto))
    expected_no, previous_hash = 1, FIRST_PREVIOUS_HASH
    for seal in _seals(session, upto):
        if seal.no != expected_no:
            _tell_missing(found, expected_no, seal.no - 1)
        elif seal.previous_hash != previous_hash:
            found.add(
                Fault.SEAL_UNLINKED,
                seal.no,
                f"封条 {seal.no} 与前一封条不相连，二者之一被改写",
                f"seal {seal.no} does not continue the seal before it: one of the two was rewritten",
            )
        _tell_strays(found, entries.before(seal.no))
        _check(found, seal, entries.of(seal.no))
        expected_no, previous_hash = seal.no + 1, seal.hash
        found.seals += 1
        found.last = str(Anchor(seal.no, seal.hash)) if len(seal.hash) == 64 else None
    _tell_strays(found, entries.before(upto + 1))


def _check(found: Verification, seal: Any, rows: Iterator[_Row]) -> None:
    link = Link(no=seal.no, previous_hash=seal.previous_hash, sealed_at=seal.sealed_at)
    in_place = True
    backdated = 0
    for row in rows:
        link.add(row.columns)
        in_place = in_place and row.place == link.entries
        backdated += row.is_backdated
        found.entries += 1
    if not in_place or link.entries != seal.entries or link.hash() != seal.hash:
        found.add(
            Fault.SEAL_BROKEN,
            seal.no,
            f"封条 {seal.no} 与其条目不符（应有 {seal.entries} 条，现有 {link.entries} 条）："
            "有条目被改动、删除、插入或调换，或封条本身被改动",
            f"seal {seal.no} does not fit its entries ({seal.entries} when sealed, {link.entries} now): one was "
            "changed, deleted, added or moved, or the seal itself was changed",
        )
    if backdated:
        _tell_backdated(found, seal.no, backdated)


class _Entries:
    """Entries in the order of their seals, handed out seal by seal without holding more than one."""

    def __init__(self, rows: Iterator[_Row]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def of(self, no: int) -> Iterator[_Row]:
        """The entries of this seal; those before it have been taken."""
        while self._next is not None and self._next.seal_no == no:
            yield self._next
            self._next = next(self._rows, None)

    def before(self, no: int) -> Iterator[_Row]:
        """Entries of seals that are not there."""
        while self._next is not None and self._next.seal_no < no:
            yield self._next
            self._next = next(self._rows, None)


def _seals(session: Session, upto: int) -> Iterator[Any]:
    columns = (
        AuditSeal.no,
        AuditSeal.entries,
        AuditSeal.hash,
        AuditSeal.previous_hash,
        sealed_at_text().label("sealed_at"),
    )
    statement = sa.select(*columns).where(AuditSeal.no <= upto).order_by(AuditSeal.no)
    return _streamed(session, statement)


def _sealed_entries(session: Session, upto: int) -> Iterator[_Row]:
    before = sa.select(AuditSeal.no, AuditSeal.sealed_at).subquery("before")
    statement = (
        sa.select(AuditEntry.seal_no, AuditEntry.place, _is_backdated(before.c.sealed_at), *entry_columns())
        .outerjoin(before, before.c.no == AuditEntry.seal_no - 1)
        .where(AuditEntry.seal_no <= upto)
        .order_by(AuditEntry.seal_no, AuditEntry.place, AuditEntry.id)
    )
    for no, place, is_backdated, *columns in _streamed(session, statement):
        yield _Row(no, place, is_backdated=bool(is_backdated), columns=tuple(columns))


def _is_backdated(sealed_before: Any) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(AuditEntry.at < sealed_before - LONGEST_TRANSACTION, sa.false())


def _streamed(session: Session, statement: sa.Executable) -> Iterator[Any]:
    options = {"stream_results": True, "yield_per": _ROWS_AT_ONCE}
    yield from session.execute(statement, execution_options=options)


def _look_for_strays(session: Session, found: Verification, *, after: int) -> None:
    has_seal = sa.exists().where(AuditSeal.no == AuditEntry.seal_no)
    strays = sa.select(sa.func.count()).where(AuditEntry.seal_no > after, ~has_seal)
    count = session.scalar(strays.select_from(AuditEntry)) or 0
    if count:
        found.add(
            Fault.ENTRY_WITHOUT_SEAL,
            None,
            f"{count} 条条目所属的封条不存在",
            f"{count} entries name a seal that is not there",
        )


def _count_unsealed(session: Session, found: Verification) -> None:
    newest = sa.select(sa.func.max(AuditSeal.sealed_at)).scalar_subquery()
    backdated = sa.func.count().filter(_is_backdated(newest))
    row = session.execute(sa.select(sa.func.count(), backdated).where(AuditEntry.seal_no.is_(None))).one()
    found.unsealed = row[0]
    if row[1]:
        _tell_backdated(found, None, row[1])


def _compare(session: Session, found: Verification, anchor: Anchor) -> None:
    seen = session.scalar(sa.select(AuditSeal.hash).where(AuditSeal.no == anchor.no))
    if seen is None:
        found.add(
            Fault.ANCHOR_MISSING,
            anchor.no,
            f"另处记下的封条 {anchor.no} 已不存在：尾部被截去",
            f"seal {anchor.no}, noted elsewhere, is not there: the tail was cut",
        )
    elif seen != anchor.hash:
        found.add(
            Fault.ANCHOR_DIFFERS,
            anchor.no,
            f"封条 {anchor.no} 与另处记下的不同：其前的记录被整体重写",
            f"seal {anchor.no} is not the one noted elsewhere: history up to it was written anew",
        )


def _tell_missing(found: Verification, first: int, last: int) -> None:
    found.add(
        Fault.SEAL_MISSING,
        first,
        f"缺少封条 {first} 至 {last}",
        f"seals {first} to {last} are missing",
    )


def _tell_strays(found: Verification, rows: Iterator[_Row]) -> None:
    for row in rows:
        found.add(
            Fault.ENTRY_WITHOUT_SEAL,
            row.seal_no,
            f"条目 {row.columns[0]} 所属的封条 {row.seal_no} 不存在",
            f"entry {row.columns[0]} names seal {row.seal_no}, which is not there",
        )


def _tell_backdated(found: Verification, seal_no: int | None, count: int) -> None:
    found.add(
        Fault.ENTRY_BACKDATED,
        seal_no,
        f"{count} 条条目的时间早于其可能写入的时间，疑为事后插入",
        f"{count} entries say a time at which they cannot have been written: they were added afterwards",
    )
