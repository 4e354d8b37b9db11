"""The 台账 of visits as a spreadsheet with the office's headings (拜访企业明细表), written as it is read.

Rows go to the file while the database still sends them, so that memory does not grow with the city. Contacts are
masked, codes are words, numbers of a register are text, and nothing a person typed is ever a formula.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.audit import commands as audit
from service.enterprises.models import Enterprise
from service.kernel.actor import Actor
from service.kernel.calendar import chinese_date, local_date
from service.kernel.clock import now
from service.programmes.models import Line
from service.progress.office_sheet import OfficeSheet, OfficeTable
from service.progress.sheet_cells import HEADINGS, MASKED, Labels, Veil, cells_of
from service.progress.sheet_scope import figures_of, filter_words, table_conditions
from service.visits.counting import explain
from service.visits.models import Visit, VisitCredit
from service.visits.queries import VisitFilter

TITLE = "拜访企业明细表"
# In characters of the sheet's font: with these a page of A3 holds about thirty rows of two lines.
_WIDTHS = (12, 11, 24, 20, 10, 12, 12, 16, 14, 38, 9, 22, 18, 15, 9, 26)
_TABLE = OfficeTable(
    title=TITLE,
    tab="拜访明细",
    columns=tuple(zip(HEADINGS[1:], _WIDTHS, strict=True)),
    note_from=7,
    signatures=(0, 4, 9),
)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class SheetOrder:
    """Which visits, who fills the table in (填报单位), and the Chinese names of codes."""

    visits: VisitFilter
    reporting_unit: str
    labels: Labels
    veil: Veil = MASKED


@dataclass(frozen=True, slots=True)
class _Notes:
    """The line under the title, and what counts of the table."""

    reporting_unit: str
    asked: str
    counted: str


def write_visit_sheet(session: Session, actor: Actor, order: SheetOrder, file: IO[bytes]) -> int:
    """Write the visits asked for within the actor's scope, oldest first; answers how many there were.

    Those voided or withdrawn are left out unless they are asked for. Taking the table out is noted: it leaves the
    house.
    """
    rows = max(rows_of_visit_sheet(session, actor, order, file), default=0)
    audit.record(session, actor, "visit.export", "visit_sheet", "xlsx", rows=rows, asked=_asked(order.visits))
    return rows


def rows_of_visit_sheet(
    session: Session,
    actor: Actor,
    order: SheetOrder,
    file: IO[bytes],
    note: Callable[[bytes], None] = lambda _row: None,
) -> Iterator[int]:
    """Write the same table row by row, telling how many there are so far; `note` is told the id of each.

    Nothing is written to the audit: whoever takes the file out does that.
    """
    notes = _notes(session, actor, order)
    right = "\n".join(part for part in (notes.asked, notes.counted) if part)
    sheet = OfficeSheet(file, _TABLE, left=notes.reporting_unit, right=right)
    enterprises = set[Any]()
    for row, texts in texts_of_visits(session, actor, order):
        note(row.id.bytes)
        enterprises.add(row.enterprise_id)
        sheet.add(texts)
        yield sheet.rows
    known = len(enterprises - {None})
    sheet.close(("", f"{sheet.rows} 条记录", f"{known} 家企业（已匹配）", notes.counted))


def _notes(session: Session, actor: Actor, order: SheetOrder) -> _Notes:
    figures = figures_of(session, actor, order.visits)
    return _Notes(
        reporting_unit=f"填报单位：{order.reporting_unit}",
        asked=f"填报日期：{chinese_date(local_date(now()))}　　"
        f"范围：{filter_words(session, actor, order.visits, order.labels)}",
        counted="" if figures is None else figures.words(),
    )


def texts_of_visits(
    session: Session, actor: Actor, order: SheetOrder
) -> Iterator[tuple[sa.Row[*tuple[Any, ...]], Sequence[str]]]:
    """Each visit of the table with its cells, as the database sends them; counting is asked for many at once."""
    today = local_date(now())
    result = session.execute(_statement(actor, order.visits), execution_options={"yield_per": _AT_ONCE})
    for some in result.partitions():
        countings = explain(session, [row.id for row in some])
        for row in some:
            yield row, cells_of(row, countings[row.id], order.labels, today, order.veil)


def count_of_visits(session: Session, actor: Actor, what: VisitFilter) -> int:
    """How many rows the table has."""
    listed = (
        sa.select(sa.func.count())
        .select_from(Visit)
        .outerjoin(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(*table_conditions(actor, what))
    )
    return session.scalar(listed) or 0


def persons_of_visits(actor: Actor, what: VisitFilter) -> sa.Select[*tuple[Any, ...]]:
    """The ids of those whose positions the rows tell."""
    columns: sa.Select[*tuple[Any, ...]] = sa.select(Visit.visitor_id.label("id"))
    return (
        columns.outerjoin(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(*table_conditions(actor, what), Visit.latitude.is_not(None))
        .distinct()
    )


def _statement(actor: Actor, what: VisitFilter) -> sa.Select[*tuple[Any, ...]]:
    hundred = sa.exists().where(
        VisitCredit.visit_id == Visit.id, VisitCredit.line == Line.HUNDRED, VisitCredit.own
    )
    return (
        sa.select(
            Visit.id,
            Visit.number,
            Visit.review_state,
            Visit.visited_on,
            Visit.hosts,
            Visit.led_by,
            Visit.summary,
            Visit.intention,
            Visit.next_step,
            Visit.next_on,
            Visit.free_enterprise,
            Visit.enterprise_id,
            Visit.latitude,
            Visit.longitude,
            Unit.name.label("unit"),
            Enterprise.name.label("enterprise"),
            Enterprise.credit_code,
            Enterprise.kind,
            Enterprise.well_known,
            Enterprise.industry,
            Enterprise.province,
            Enterprise.city,
            hundred.label("top500"),
        )
        .join(Unit, Unit.id == Visit.unit_id)
        .outerjoin(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(*table_conditions(actor, what))
        .order_by(Visit.visited_at, Visit.id)
    )


def _asked(what: VisitFilter) -> dict[str, str]:
    named = {
        name: getattr(what, name)
        for name in ("unit_id", "visitor_id", "enterprise_id", "chain", "state", "unassigned_in")
    }
    told = {name: str(value) for name, value in named.items() if value is not None}
    if what.from_on:
        told["from"] = what.from_on.isoformat()
    if what.until_on:
        told["until"] = what.until_on.isoformat()
    if what.records:
        told["records"] = repr(what.records)
    return told
