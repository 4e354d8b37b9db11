"""One row in every table the models know, made from the columns alone, so that no new table is forgotten."""

import importlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

import service
from service.kernel.db import Base
from service.visits.ledger import recount
from tests.factories.visits import add_enterprise, add_visit
from tests.support.world import build_world

ROOMS = sorted(path.parent.name for path in Path(service.__file__).parent.glob("*/models.py"))
MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
DAY = date(2026, 3, 4)
LOWEST = UUID(int=1)

# What a column's type cannot say: a check of the table, or another row of it.
SPECIAL: dict[str, dict[str, Any]] = {
    "list_memberships": {"group_id": None},
    "duplicate_suspicions": {"first_id": LOWEST},
    "boards": {"end_on": DAY + timedelta(days=1), "frozen_at": None},
    "events": {"held_on": DAY + timedelta(days=1)},
    "project_months": {"month": DAY.replace(day=1)},
    "reports": {"end_on": DAY + timedelta(days=1)},
    "review_policies": {"percent": 20},
}


def fill(session: Session) -> None:
    """The cast, an enterprise with a counted visit, and a row in every table."""
    world = build_world(session)
    enterprise = add_enterprise(session)
    visit = add_visit(session, world.field1, enterprise, DAY)
    recount(session, [visit.id])
    session.execute(_table("enterprises").insert().values(_lowest_enterprise()))
    session.flush()
    made: dict[str, dict[str, Any]] = {}
    for table in tables():
        made[table.name] = _row(table, made) | SPECIAL.get(table.name, {})
        session.execute(table.insert().values(made[table.name]))
    session.commit()


def tables() -> list[sa.Table]:
    """Every table of the house, parents first."""
    for room in ROOMS:
        importlib.import_module(f"service.{room}.models")
    return Base.metadata.sorted_tables


def _table(name: str) -> sa.Table:
    return next(table for table in tables() if table.name == name)


def _lowest_enterprise() -> dict[str, Any]:
    return _row(_table("enterprises"), {}, optional=False) | {"id": LOWEST, "name_key": "lowest"}


def _row(table: sa.Table, made: dict[str, dict[str, Any]], *, optional: bool = True) -> dict[str, Any]:
    return {
        column.name: _value(column, made)
        for column in table.columns
        if _is_given(column) and (optional or not column.nullable)
    }


def _is_given(column: sa.Column[Any]) -> bool:
    """Whether a row says it: identities count themselves, ends would break checks, audit begins unsealed."""
    ends = column.name in {"until_on", "valid_until", "ended_at", "seal_no", "place"} and column.nullable
    return column.identity is None and column.computed is None and not ends and column.server_default is None


def _value(column: sa.Column[Any], made: dict[str, dict[str, Any]]) -> Any:
    parent = next(iter(column.foreign_keys), None)
    if parent is not None:
        row = made.get(parent.column.table.name)
        return row[parent.column.name] if row else None
    return _of_type(column)


def _of_type(column: sa.Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, sa.Enum):
        return kind.enums[0]
    if isinstance(kind, (ARRAY, JSONB)):
        return [] if isinstance(kind, ARRAY) else {}
    if isinstance(kind, sa.DateTime):
        return MOMENT
    values: dict[type, Any] = {
        UUID: uuid4(),
        date: DAY,
        bool: False,
        bytes: uuid4().bytes,
        str: f"{column.name}-{uuid4()}",
    }
    return values.get(kind.python_type, 1)
