"""Many rows by one short statement: they travel as one JSON text, however many columns and rows there are.

A statement with a parameter for every value of 50 rows takes longer to be read than the rows to be written.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.kernel.together import Question


def as_rows(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as PostgreSQL's `jsonb_to_recordset` and `jsonb_populate_recordset` read them."""
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"), default=_plain)


def inserting(table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> Question:
    """The insert of these rows, which all name the same columns; the other columns get their defaults."""
    return Question(_inserting(table, tuple(rows[0])), {"rows": as_rows(rows)})


@cache
def _inserting(table: sa.Table, names: tuple[str, ...]) -> sa.Executable:
    columns = ", ".join(names)
    return sa.text(
        f"INSERT INTO {table.name} ({columns}) SELECT {columns} "  # noqa: S608 names of this house's columns
        f"FROM jsonb_populate_recordset(NULL::{table.name}, CAST(:rows AS jsonb))"
    ).bindparams(sa.bindparam("rows", type_=sa.Text()))


def _plain(value: object) -> str:
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    msg = f"a row cannot hold a {type(value).__name__}"
    raise TypeError(msg)
