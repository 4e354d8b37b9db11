"""The figures of a half year's trips: how often leaders went out, by unit and by leader, zeros named."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from service.accounts.ranks import rank_name
from service.kernel.actor import Actor
from service.reports.asked import Asked
from service.reports.fact import Fact
from service.trips.figures import TripFigures, shown_days
from service.trips.models import TripKind
from service.trips.queries import TripFilter
from service.trips.statistics import By, statistics
from service.trips.tables import TripRow, TripTable

_FIGURES = (
    ("次数", "trips", "records_url"),
    ("人次", "person_times", "records_url"),
    ("领导人次", "leader_times", "records_url"),
    ("天数", "days", "records_url"),
    ("家数", "organisations", "organisations_url"),
    ("家次", "visits", "visits_url"),
    ("洽谈项目", "projects", "records_url"),
)


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
        **_stayed("led.units", units),
        **_stayed("led.leaders", leaders),
    }
    tables = {
        "trip_units": _units_table("各单位领导干部外出招商情况表", units),
        "trip_leaders": _leaders_table(leaders),
        "trips": _units_table("各单位外出招商情况表", whole),
    }
    return facts, tables


def _total(name: str, row: TripRow) -> dict[str, Fact]:
    return {
        f"{name}.{attribute}": Fact(_shown(row.figures, attribute), getattr(row, url))
        for _, attribute, url in _FIGURES
    }


def _stayed(name: str, table: TripTable) -> dict[str, Fact]:
    """Those with a row and no trip, in the order of the table."""
    stayed = [row.label for row in table.rows if not row.figures.trips]
    return {
        f"{name}.stayed": Fact("、".join(stayed) or "无"),
        f"{name}.stayed_count": Fact(str(len(stayed))),
    }


def _shown(figures: TripFigures, attribute: str) -> str:
    value = getattr(figures, attribute)
    return shown_days(value) if attribute == "days" else str(value)


def _cells(row: TripRow) -> Iterator[dict[str, Any]]:
    for _, attribute, url in _FIGURES:
        yield {"shown": _shown(row.figures, attribute), "url": getattr(row, url)}
    yield {"shown": row.note or ""}


def _columns(*first: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"label": "序号", "number": True},
        *first,
        *({"label": label, "number": True} for label, _, _ in _FIGURES),
        {"label": "备注", "number": False, "width": 2},
    ]


def _units_table(title: str, table: TripTable) -> dict[str, Any]:
    rows: Sequence[TripRow] = (*table.rows, table.total)
    return {
        "title": title,
        "note": "家数为去重后的数，各单位之和可能大于合计。",
        "columns": _columns({"label": "单位", "number": False, "width": 4}),
        "rows": [
            [{"shown": "" if row is table.total else str(place)}, {"shown": row.label}, *_cells(row)]
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
                {"shown": str(place)},
                {"shown": row.unit.name if row.unit else ""},
                {"shown": row.label},
                {"shown": rank_name(row.leader.rank if row.leader else None)},
                *_cells(row),
            ]
            for place, row in enumerate(table.rows, start=1)
        ],
    }
