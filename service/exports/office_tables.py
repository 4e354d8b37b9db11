"""A table that can be taken out in every form: its lines come one by one, and are counted by a query of their own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from service.exports.csv_form import write_csv
from service.exports.geojson_form import feature, write_geojson
from service.exports.orders import Order
from service.kernel.actor import Actor
from service.kernel.calendar import chinese_date, local_date
from service.kernel.clock import now
from service.progress.office_sheet import Cell, OfficeSheet, OfficeTable
from service.progress.sheet_cells import Labels


@dataclass(frozen=True, slots=True)
class Taking:
    """One export while it is being written; `note` is told the id of each line."""

    actor: Actor
    order: Order
    labels: Labels
    reporting_unit: str
    folder: Path
    note: Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table; `position` is (longitude, latitude) in WGS-84, as far as it may be told."""

    id: UUID
    cells: Sequence[Cell]
    position: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """A table that is taken out."""

    name: str
    """Of its files."""
    table: OfficeTable
    count: Callable[[Session, Taking], int]
    lines: Callable[[Session, Taking], Iterator[Line]]
    scope: Callable[[Session, Taking], str]
    """What was asked for, as a person says it."""
    total: Callable[[Session, Taking], Sequence[Cell]] | None = None
    """What stands beside 合计 in a sheet, column by column; without it the number of lines does."""


def as_xlsx(exported: Exported, session: Session, taking: Taking) -> Iterator[int]:
    """Write the table as an office prints it, telling how many lines there are so far."""
    left = f"填报单位：{taking.reporting_unit}"
    right = f"填报日期：{chinese_date(local_date(now()))}　　范围：{exported.scope(session, taking)}"
    with (taking.folder / f"{exported.name}.xlsx").open("wb") as file:
        sheet = OfficeSheet(file, exported.table, left=left, right=right)
        for line in exported.lines(session, taking):
            taking.note(line.id.bytes)
            sheet.add(line.cells)
            yield sheet.rows
        total = None if exported.total is None else exported.total(session, taking)
        sheet.close(("", f"{sheet.rows} 条记录") if total is None else total)


def as_csv(exported: Exported, session: Session, taking: Taking) -> Iterator[int]:
    """Write the same lines as CSV, each with its id at the end."""

    def rows() -> Iterator[list[str]]:
        for place, line in enumerate(exported.lines(session, taking), start=1):
            taking.note(line.id.bytes)
            yield [str(place), *(_text(cell) for cell in line.cells), str(line.id)]

    with (taking.folder / f"{exported.name}.csv").open("wb") as file:
        yield from write_csv(file, [*exported.table.headings, "ID"], rows(), bom=taking.order.bom)


def as_geojson(exported: Exported, session: Session, taking: Taking) -> Iterator[int]:
    """Write the same lines as features; one without a position has no geometry."""
    headings = exported.table.headings[1:]

    def features() -> Iterator[dict[str, object]]:
        for line in exported.lines(session, taking):
            taking.note(line.id.bytes)
            told = dict(zip(headings, (_figure(cell) for cell in line.cells), strict=True))
            yield feature(str(line.id), line.position, told)

    with (taking.folder / f"{exported.name}.geojson").open("wb") as file:
        yield from write_geojson(file, features())


def _text(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return format(cell.normalize() if cell else cell, "f")
    return "" if cell is None else str(cell)


def _figure(cell: Cell) -> str | int | float | None:
    return float(cell) if isinstance(cell, Decimal) else cell
