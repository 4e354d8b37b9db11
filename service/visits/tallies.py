"""Figures of a day are sums of differences, so that any day of any size of city is read from few rows.

A ledger row says: counted from its first counted day on, waiting from its first pending day until then. A credit
says: one visit more on its day. Both are written as marks, added when they become true and taken back when not.
"""

# ruff: noqa: S608 statements are put together from constants of this house; every value is bound

import sqlalchemy as sa
from sqlalchemy.orm import Session

KEY = "programme_id, line, unit_id, monthly, day"
_FIGURES = "counted, pending, visits, visits_pending"
TALLY = f"{KEY}, {_FIGURES}"
_OF_A_DAY = f"programme_id, line, unit_id, day, {_FIGURES}"
CITY_UNIT = "CAST(NULL AS uuid)"
UNIT = "unit_id"


def ledger_marks(rows: str, unit: str, *, sign: int) -> str:
    """The marks of ledger rows, added (`sign` 1) or taken back (-1)."""
    return f"""
    SELECT programme_id, line, {unit} AS unit_id, first_counted_on AS day, {sign} AS counted,
           CASE WHEN first_pending_on < first_counted_on THEN {-sign} ELSE 0 END AS pending,
           0 AS visits, 0 AS visits_pending
    FROM {rows} WHERE first_counted_on IS NOT NULL
    UNION ALL
    SELECT programme_id, line, {unit}, first_pending_on, 0, {sign}, 0, 0
    FROM {rows} WHERE first_pending_on < coalesce(first_counted_on, 'infinity')"""


def visit_marks(rows: str, unit: str, *, sign: str = "1") -> str:
    """The marks of credits; `sign` may be a column that is 1 or -1."""
    return f"""
    SELECT programme_id, line, {unit} AS unit_id, visited_on AS day, 0 AS counted, 0 AS pending,
           CASE status WHEN 'counted' THEN {sign} ELSE 0 END AS visits,
           CASE status WHEN 'pending' THEN {sign} ELSE 0 END AS visits_pending
    FROM {rows}"""


def spread(marks: str) -> str:
    """The marks as rows of the table: each by its day, and those of units by their month as well.

    A table of 200 units then reads months and the days of one month instead of a year of days.
    """
    return f"""(
    WITH mark AS MATERIALIZED ({marks})
    SELECT programme_id, line, unit_id, false AS monthly, day, {_FIGURES} FROM mark
    UNION ALL
    SELECT programme_id, line, unit_id, true, CAST(date_trunc('month', day) AS date), {_FIGURES}
    FROM mark WHERE unit_id IS NOT NULL
    )"""


def summed(marks: str) -> str:
    """One row a key and day, without those that come to nothing."""
    return f"""
    SELECT {KEY}, CAST(sum(counted) AS integer) AS counted, CAST(sum(pending) AS integer) AS pending,
           CAST(sum(visits) AS integer) AS visits, CAST(sum(visits_pending) AS integer) AS visits_pending
    FROM ({marks}) marks
    GROUP BY {KEY}
    HAVING sum(counted) <> 0 OR sum(pending) <> 0 OR sum(visits) <> 0 OR sum(visits_pending) <> 0"""


_FOLD = sa.text(f"""
WITH many AS (
    SELECT {KEY} FROM ledger_tallies GROUP BY {KEY} HAVING count(*) > 1 LIMIT :keys
),
taken AS (
    DELETE FROM ledger_tallies tally USING many
    WHERE tally.programme_id = many.programme_id AND tally.line = many.line AND tally.day = many.day
      AND tally.monthly = many.monthly AND tally.unit_id IS NOT DISTINCT FROM many.unit_id
    RETURNING tally.*
),
kept AS (
    INSERT INTO ledger_tally_history (id, {_OF_A_DAY}, written_by)
    SELECT id, {_OF_A_DAY}, written_by FROM taken WHERE NOT folded AND NOT monthly
)
INSERT INTO ledger_tallies ({TALLY}, folded) SELECT {TALLY}, true FROM ({summed("SELECT * FROM taken")}) sums
""")

_ONE_FOLDER = sa.text("SELECT pg_try_advisory_xact_lock(CAST(:folder AS bigint))").bindparams(
    folder=0x71_62_66
)


def fold(session: Session, *, most_keys: int = 20_000) -> None:
    """Rows of one key become one row with their sum; figures stay the same at every moment. Safe to run any time.

    The rows themselves are kept beside, so that a figure can be asked for as it was known.
    """
    if session.scalar(_ONE_FOLDER):
        session.execute(_FOLD, {"keys": most_keys})
