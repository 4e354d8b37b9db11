"""A file of enterprises is read into the register with a line for every row: accepted, merged, or refused and why.

::

    file ─▶ table ─▶ rows ─▶ match ─▶ report                       rehearse_import stops here
                                 └─▶ enterprises, aliases, groups, places on a list, suspicions ─▶ report kept
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.accounts.queries import unit_in_force
from service.audit.commands import record
from service.enterprises.commands import REGISTER_LOCK
from service.enterprises.import_reports import ImportedRow, ImportReport, Outcome, keep_report
from service.enterprises.intake import Intake, write_drafts
from service.enterprises.mapping import KNOWN_HEADINGS, map_columns
from service.enterprises.matching import Draft, Register, read_register
from service.enterprises.rows import RowFacts, RowRefusal, read_row
from service.enterprises.rules import keepers_only
from service.enterprises.suspicions import suspect_duplicates
from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.ids import uuid7
from service.kernel.tables import read_table

MOST_ROWS = 20_000


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
    keep_report(session, actor, kept)
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
