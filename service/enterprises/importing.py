"""A file of enterprises is read into the register with a line for every row: accepted, merged, or refused and why.

::

    file ─▶ table ─▶ rows ─▶ match ─▶ report                       rehearse_import stops here
                                 └─▶ enterprises, aliases, groups, places on a list, suspicions ─▶ report kept
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.accounts.queries import unit_in_force
from service.audit.commands import record
from service.enterprises.commands import REGISTER_LOCK
from service.enterprises.intake import Intake, write_drafts
from service.enterprises.mapping import KNOWN_HEADINGS, map_columns
from service.enterprises.matching import Draft, Register, read_register
from service.enterprises.models import EnterpriseImport
from service.enterprises.rows import RowFacts, RowRefusal, read_row
from service.enterprises.rules import keepers_only
from service.enterprises.suspicions import suspect_duplicates
from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.errors import NotFound
from service.kernel.ids import uuid7
from service.kernel.tables import read_table

MOST_ROWS = 20_000


class Outcome(StrEnum):
    """What became of a row."""

    ACCEPTED = "accepted"
    MERGED = "merged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """A file and what to do with its rows; `mapping` says for headings what they hold, where it must be told."""

    filename: str
    raw: bytes
    mapping: Mapping[str, str] = field(default_factory=dict)
    well_known: bool = False
    edition_id: UUID | None = None
    """Put the rows on this edition of a list, with the rank from the file."""
    confirmed: bool = False
    """Whether the places on that list are confirmed at once."""


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """What became of one row; `reason` is a code, `text` and `text_en` say it to the person."""

    line: int
    outcome: Outcome
    name: str
    enterprise_id: UUID | None = None
    reason: str | None = None
    text: str | None = None
    text_en: str | None = None
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file. A rehearsal has no `id` and no ids of enterprises."""

    id: UUID | None
    filename: str
    sha256: str
    dry_run: bool
    columns: Mapping[str, str]
    """Which heading was read as what."""
    rows: Sequence[ImportedRow]
    suspected: int = 0
    """New pairs of suspected duplicates."""
    imported_at: datetime | None = None
    drafts: Sequence[Draft] = ()
    """The enterprises that the accepted and merged rows are; not part of the kept report."""

    @property
    def accepted(self) -> int:
        """Rows that became new enterprises."""
        return self._count(Outcome.ACCEPTED)

    @property
    def merged(self) -> int:
        """Rows that were enterprises already, here or further up in the file."""
        return self._count(Outcome.MERGED)

    @property
    def refused(self) -> int:
        """Rows that were not taken."""
        return self._count(Outcome.REFUSED)

    def _count(self, outcome: Outcome) -> int:
        return sum(1 for row in self.rows if row.outcome == outcome)


@dataclass(frozen=True, slots=True)
class _Placing:
    order: ImportOrder
    register: Register
    units: Mapping[str, UUID]
    touched: dict[UUID, Draft] = field(default_factory=dict)


def rehearse_import(session: Session, actor: Actor, order: ImportOrder) -> ImportReport:
    """What `import_enterprises` would answer now; nothing is written."""
    keepers_only(actor)
    return _plan(session, order, dry_run=True)


def import_enterprises(session: Session, actor: Actor, order: ImportOrder) -> ImportReport:
    """The register with the rows of the file in it, and the report kept.

    Raises:
        NotATable, UnknownEncoding, TooManyRows, WrongMapping: of the file as a whole; nothing is written.
    """
    keepers_only(actor)
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(REGISTER_LOCK)))
    report = _plan(session, order, dry_run=False)
    write_drafts(
        session,
        actor,
        report.drafts,
        Intake(source=order.filename, edition_id=order.edition_id, confirmed=order.confirmed),
    )
    suspected = suspect_duplicates(
        session, [draft.id for draft in report.drafts if draft.is_new or draft.changed]
    )
    kept = replace(report, suspected=suspected)
    session.add(
        EnterpriseImport(
            id=kept.id or uuid7(),
            filename=kept.filename,
            sha256=kept.sha256,
            imported_by=actor.user_id,
            imported_at=kept.imported_at or now(),
            report=_document(kept),
        )
    )
    session.flush()
    record(
        session,
        actor,
        "enterprise.import",
        "enterprise_import",
        str(kept.id),
        filename=kept.filename,
        sha256=kept.sha256,
        accepted=kept.accepted,
        merged=kept.merged,
        refused=kept.refused,
        edition_id=order.edition_id,
        well_known=order.well_known,
    )
    return kept


def kept_report(session: Session, actor: Actor, import_id: UUID) -> ImportReport:
    """The report of an earlier import.

    Raises:
        NotFound: there was none of that id.
    """
    del actor
    kept = session.get(EnterpriseImport, import_id)
    if kept is None:
        raise NotFound
    rows = [
        ImportedRow(
            **row
            | {
                "outcome": Outcome(row["outcome"]),
                "enterprise_id": _id(row["enterprise_id"]),
                "notes": tuple(row["notes"]),
            }
        )
        for row in kept.report["rows"]
    ]
    return ImportReport(
        id=kept.id,
        filename=kept.filename,
        sha256=kept.sha256,
        dry_run=False,
        columns=kept.report["columns"],
        rows=rows,
        suspected=kept.report["suspected"],
        imported_at=kept.imported_at,
    )


def _plan(session: Session, order: ImportOrder, *, dry_run: bool) -> ImportReport:
    table = read_table(
        order.filename, order.raw, headings=(*KNOWN_HEADINGS, *order.mapping), most_rows=MOST_ROWS
    )
    columns = map_columns(table.header, order.mapping)
    read = [read_row(row, columns) for row in table.rows]
    register = read_register(session, [row for row in read if isinstance(row, RowFacts)])
    placing = _Placing(order, register, _units(session, read))
    rows = [_place(placing, row) for row in read]
    return ImportReport(
        id=None if dry_run else uuid7(),
        filename=order.filename,
        sha256=hashlib.sha256(order.raw).hexdigest(),
        dry_run=dry_run,
        columns={column.heading: column.field.value for column in columns.used},
        rows=[_without_new_id(row) for row in rows] if dry_run else rows,
        imported_at=None if dry_run else now(),
        drafts=list(placing.touched.values()),
    )


def _units(session: Session, rows: Sequence[RowFacts | RowRefusal]) -> dict[str, UUID]:
    """The units of today that rows name, by full or short name."""
    named = {row.unit for row in rows if isinstance(row, RowFacts) and row.unit}
    if not named:
        return {}
    units = session.execute(
        sa.select(Unit.id, Unit.name, Unit.short_name).where(
            sa.or_(Unit.name.in_(named), Unit.short_name.in_(named)), unit_in_force(local_date(now()))
        )
    ).all()
    return {unit.short_name: unit.id for unit in units} | {unit.name: unit.id for unit in units}


def _place(placing: _Placing, row: RowFacts | RowRefusal) -> ImportedRow:
    """The row's line of the report; its enterprise is among those touched."""
    if isinstance(row, RowRefusal):
        return _refused(row)
    found = placing.register.find(row)
    if isinstance(found, RowRefusal):
        return _refused(found)
    draft = found or placing.register.open(row)
    placing.register.fill(draft, row)
    placing.touched[draft.id] = draft
    if placing.order.well_known and not draft.well_known:
        draft.well_known = draft.changed = True
    notes = [*row.notes]
    unit_id = placing.units.get(row.unit or "")
    if row.unit and unit_id is None:
        notes.append(f"没有找到责任单位“{row.unit[:40]}”")
    if unit_id and draft.unit_id is None:
        draft.unit_id, draft.changed = unit_id, True
    return _taken(row, draft, tuple(notes), was_known=found is not None)


def _taken(row: RowFacts, draft: Draft, notes: tuple[str, ...], *, was_known: bool) -> ImportedRow:
    return ImportedRow(
        line=row.line_no,
        outcome=Outcome.MERGED if was_known else Outcome.ACCEPTED,
        name=row.name,
        enterprise_id=draft.id,
        reason="known_already" if was_known else None,
        text=f"与“{draft.name}”为同一企业，已补充空白项" if was_known else None,
        text_en=f"It is {draft.name}; blanks were filled" if was_known else None,
        notes=notes,
        facts=row.facts,
    )


def _refused(refusal: RowRefusal) -> ImportedRow:
    return ImportedRow(
        line=refusal.line_no,
        outcome=Outcome.REFUSED,
        name=refusal.name,
        reason=refusal.code,
        text=refusal.zh,
        text_en=refusal.en,
    )


def _without_new_id(row: ImportedRow) -> ImportedRow:
    return ImportedRow(**{**asdict(row), "enterprise_id": None, "notes": row.notes})


def _document(report: ImportReport) -> dict[str, Any]:
    rows = [
        asdict(row) | {"enterprise_id": str(row.enterprise_id) if row.enterprise_id else None}
        for row in report.rows
    ]
    return {
        "columns": dict(report.columns),
        "suspected": report.suspected,
        "accepted": report.accepted,
        "merged": report.merged,
        "refused": report.refused,
        "rows": rows,
    }


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
