"""The figures of a half year's trips: how often leaders went out, by unit and by leader, zeros named."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from service.accounts.ranks import rank_name
from service.kernel.actor import Actor
from service.reports.asked import Asked
from service.reports.fact import Fact, named, order_cell
from service.trips.figures import TripFigures, shown_days
from service.trips.models import TripKind
from service.trips.queries import TripFilter
from service.trips.statistics import By, statistics
from service.trips.tables import TripRow, TripTable

_FIGURES = (
    ("次数", "trips", "records_url", None),
    ("人次", "person_times", "records_url", "people"),
    ("领导人次", "leader_times", "records_url", "leaders"),
    ("天数", "days", "records_url", "days"),
    ("家数", "organisations", "organisations_url", None),
    ("家次", "visits", "visits_url", None),
    ("洽谈项目", "projects", "records_url", "project_count"),
)
"""What each is called, where its records are, and which field of theirs it adds up; None counts them."""


def trip_facts(
    session: Session, actor: Actor, asked: Asked
) -> tuple[dict[str, Fact], dict[str, dict[str, Any]]]:
    """What a text may name about the outings of a period, and its tables: those leaders led, and all."""
    start_on, until_on = asked.period.start_on, asked.until_on
    led = TripFilter(kind=TripKind.OUTING, leaders_only=True, from_on=start_on, until_on=until_on)
    every = TripFilter(kind=TripKind.OUTING, from_on=start_on, until_on=until_on)
    units = statistics(session, actor, By.UNIT, led)
    leaders = statistics(session, actor, By.LEADER, led)
    whole = statistics(session, actor, By.UNIT, every)
    facts = {
        **_total("trips", whole.total),
        **_total("led", units.total),
        **_stayed("led.units", "trip_units", units),
        **_stayed("led.leaders", "trip_leaders", leaders),
    }
    tables = {
        "trip_units": _units_table("各单位领导干部外出招商情况表", units),
        "trip_leaders": _leaders_table(leaders),
        "trips": _units_table("各单位外出招商情况表", whole),
    }
    return facts, tables


def _total(name: str, row: TripRow) -> dict[str, Fact]:
    told = zip(_FIGURES, _facts(row), strict=True)
    return {f"{name}.{attribute}": fact for (_, attribute, _, _), fact in told}


def _facts(row: TripRow) -> Iterator[Fact]:
    for _, attribute, url, adds in _FIGURES:
        yield Fact(_shown(row.figures, attribute), getattr(row, url), adds)


def _stayed(name: str, table_name: str, table: TripTable) -> dict[str, Fact]:
    """Those with a row and no trip, in the order of the table."""
    stayed = [(place, row.label) for place, row in enumerate(table.rows) if not row.figures.trips]
    names, count = named(table_name, stayed)
    return {f"{name}.stayed": names, f"{name}.stayed_count": count}


def _shown(figures: TripFigures, attribute: str) -> str:
    value = getattr(figures, attribute)
    return shown_days(value) if attribute == "days" else str(value)


def _cells(row: TripRow) -> Iterator[dict[str, Any]]:
    yield from (fact.as_document() for fact in _facts(row))
    yield {"shown": row.note or ""}


def _columns(*first: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"label": "序号", "number": True},
        *first,
        *({"label": label, "number": True} for label, *_ in _FIGURES),
        {"label": "备注", "number": False, "width": 2},
    ]


def _units_table(title: str, table: TripTable) -> dict[str, Any]:
    rows: Sequence[TripRow] = (*table.rows, table.total)
    return {
        "title": title,
        "note": "家数为去重后的数，各单位之和可能大于合计。",
        "columns": _columns({"label": "单位", "number": False, "width": 4}),
        "rows": [
            [order_cell("" if row is table.total else place), {"shown": row.label}, *_cells(row)]
            for place, row in enumerate(rows, start=1)
        ],
    }


def _leaders_table(table: TripTable) -> dict[str, Any]:
    return {
        "title": "领导干部带队外出招商情况表",
        "note": "按职务级别和单位顺序排列，不排名次；副处级以下不列。",
        "columns": _columns(
            {"label": "单位", "number": False, "width": 4},
            {"label": "带队领导", "number": False, "width": 2},
            {"label": "职务级别", "number": False, "width": 2},
        ),
        "rows": [
            [
                order_cell(place),
                {"shown": row.unit.name if row.unit else ""},
                {"shown": row.label},
                {"shown": rank_name(row.leader.rank if row.leader else None)},
                *_cells(row),
            ]
            for place, row in enumerate(table.rows, start=1)
        ],
    }
