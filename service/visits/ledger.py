"""The ledgers follow the visits within the transaction that changes them, exactly, whoever else is writing.

::

    lock ─▶ fresh credits ⇄ held credits ─▶ touched keys ─▶ ledger rows ─▶ ledger_changes
                     └── differences per day ──────────────────┴─────────▶ ledger_tallies

Keys are recomputed rather than incremented: "the first visit was voided" needs no special case, and a row that
was ever wrong heals when it is next touched.
"""

# ruff: noqa: S608 statements are put together from constants of this house; every value is bound

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.together import Question
from service.visits import counting_locks
from service.visits.credits import COLUMNS, DERIVED, KEY
from service.visits.tallies import CITY_UNIT, TALLY, UNIT, ledger_marks, spread, summed, visit_marks

MOST_AT_ONCE = 200
"""Visits whose subjects are locked one by one; beyond, the locks would crowd the server's table of them."""

_CITY = ("programme_id", "line", "subject_id")
_UNIT = (*_CITY, "unit_id")
_FIGURES = "counted, pending, first_counted_on, first_pending_on"


def _same(key: Sequence[str], left: str, right: str) -> str:
    return " AND ".join(f"{left}.{column} = {right}.{column}" for column in key)


def _list(key: Sequence[str], of: str = "") -> str:
    return ", ".join(f"{of}.{column}" if of else column for column in key)


def _side(name: str, key: Sequence[str], only: str) -> str:
    """The part of the statement that brings one ledger up to date; `only` chooses the credits that it counts."""
    return f"""
{name}_diff AS MATERIALIZED (
    SELECT {_list(key, "touched")}, now.{_FIGURES.replace(", ", ", now.")},
           coalesce(held.counted, 0) AS old_counted, coalesce(held.pending, 0) AS old_pending,
           held.first_counted_on AS old_first_counted_on, held.first_pending_on AS old_first_pending_on
    FROM (SELECT DISTINCT {_list(key)} FROM changed WHERE {only}) touched
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE status = 'counted') AS counted, count(*) FILTER (WHERE status = 'pending') AS pending,
               min(visited_on) FILTER (WHERE status = 'counted') AS first_counted_on,
               min(visited_on) FILTER (WHERE status = 'pending') AS first_pending_on
        FROM (
            SELECT c.status, c.visited_on FROM visit_credits c
            WHERE {_same(key, "c", "touched")} AND {only}
              AND NOT EXISTS (SELECT 1 FROM scope WHERE scope.id = c.visit_id)
            UNION ALL
            SELECT f.status, f.visited_on FROM fresh f WHERE {_same(key, "f", "touched")} AND {only}
        ) credit
    ) now
    LEFT JOIN {name}_ledger held ON {_same(key, "held", "touched")}
    WHERE (now.counted, now.pending, now.first_counted_on, now.first_pending_on) IS DISTINCT FROM
          (coalesce(held.counted, 0), coalesce(held.pending, 0), held.first_counted_on, held.first_pending_on)
),
{name}_written AS (
    INSERT INTO {name}_ledger ({_list(key)}, {_FIGURES})
    SELECT {_list(key)}, {_FIGURES} FROM {name}_diff WHERE counted + pending > 0
    ON CONFLICT ({_list(key)}) DO UPDATE SET
        counted = excluded.counted, pending = excluded.pending,
        first_counted_on = excluded.first_counted_on, first_pending_on = excluded.first_pending_on
),
{name}_removed AS (
    DELETE FROM {name}_ledger held USING {name}_diff diff
    WHERE diff.counted + diff.pending = 0 AND {_same(key, "held", "diff")}
)"""


def _before(name: str) -> str:
    """The rows of a ledger as they were, for those that change."""
    return f"""(
        SELECT programme_id, line, {_list(("unit_id",)) if name == "unit" else "NULL AS unit_id"},
               old_first_counted_on AS first_counted_on, old_first_pending_on AS first_pending_on FROM {name}_diff
    ) AS {name}_before"""


_TALLY_MARKS = " UNION ALL ".join(
    [
        ledger_marks("city_diff", CITY_UNIT, sign=1),
        ledger_marks(_before("city"), CITY_UNIT, sign=-1),
        ledger_marks("unit_diff", UNIT, sign=1),
        ledger_marks(_before("unit"), UNIT, sign=-1),
        visit_marks("changed WHERE own", CITY_UNIT, sign="sign"),
        visit_marks("changed", UNIT, sign="sign"),
    ]
)

_STATEMENT = f"""
WITH scope AS ({{scope}}),
fresh AS MATERIALIZED ({DERIVED} AND v.id {{these}}),
held AS MATERIALIZED (SELECT {COLUMNS} FROM visit_credits WHERE visit_id {{these}}),
changed AS MATERIALIZED (
    SELECT -1 AS sign, gone.* FROM (TABLE held EXCEPT ALL TABLE fresh) gone
    UNION ALL
    SELECT 1, new.* FROM (TABLE fresh EXCEPT ALL TABLE held) new
),
credits_removed AS (
    DELETE FROM visit_credits c USING changed
    WHERE changed.sign = -1 AND {_same(KEY.split(", "), "c", "changed")}
      AND NOT EXISTS (SELECT 1 FROM fresh f WHERE {_same(KEY.split(", "), "f", "changed")})
),
credits_written AS (
    INSERT INTO visit_credits ({COLUMNS}) SELECT {COLUMNS} FROM changed WHERE sign = 1
    ON CONFLICT ({KEY}) DO UPDATE SET
        enterprise_id = excluded.enterprise_id, subject_id = excluded.subject_id,
        visited_on = excluded.visited_on, status = excluded.status, own = excluded.own
),
{_side("city", _CITY, "own")},
{_side("unit", _UNIT, "true")},
logged AS (
    INSERT INTO ledger_changes (programme_id, line, unit_id, subject_id, {_FIGURES}, known_at)
    SELECT programme_id, line, NULL, subject_id, {_FIGURES}, statement_timestamp() FROM city_diff
    UNION ALL
    SELECT programme_id, line, unit_id, subject_id, {_FIGURES}, statement_timestamp() FROM unit_diff
),
tallied AS (
    INSERT INTO ledger_tallies ({TALLY})
    {summed(spread(_TALLY_MARKS))}
)
SELECT count(*) FROM changed
"""
_BRING_UP_TO_DATE = sa.text(
    _STATEMENT.format(scope="SELECT unnest(CAST(:visits AS uuid[])) AS id", these="= ANY (:visits)")
).bindparams(sa.bindparam("visits", type_=sa.ARRAY(sa.Uuid())))
_BRING_ONE_UP_TO_DATE = sa.text(
    _STATEMENT.format(scope="SELECT CAST(:visit AS uuid) AS id", these="= :visit")
).bindparams(sa.bindparam("visit", type_=sa.Uuid()))
"""The same for one visit, whose plan the server keeps."""


def recount(session: Session, visit_ids: Collection[UUID]) -> None:
    """Credits and ledgers agree with these visits as this transaction has left them.

    Call it last, once for all visits a command has changed: it holds their subjects until the transaction ends.
    """
    if not visit_ids:
        return
    session.flush()
    if len(visit_ids) > MOST_AT_ONCE:
        counting_locks.hold_rules(session)
        bring_up_to_date(session, visit_ids)
        return
    counting_locks.share_rules(session)
    if counting_locks.hold_subjects(session, visit_ids):
        bring_up_to_date(session, visit_ids)


def recounting(visit_id: UUID) -> tuple[Question, ...]:
    """What `recount` executes for one visit, for statements that travel together: each waits for those before it."""
    return *counting_locks.holding(visit_id), Question(_BRING_ONE_UP_TO_DATE, {"visit": visit_id})


def bring_up_to_date(session: Session, visit_ids: Collection[UUID]) -> int:
    """Credits and ledgers agree with these visits; the caller holds the locks. Returns the credits that changed."""
    ids = sorted(visit_ids)
    parts = [ids[start : start + MOST_AT_ONCE] for start in range(0, len(ids), MOST_AT_ONCE)]
    return sum(session.scalar(_BRING_UP_TO_DATE, {"visits": part}) or 0 for part in parts)
