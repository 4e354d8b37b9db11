"""Counting again what many visits share, or everything, from the visits themselves.

These hold the rules' lock: nobody else counts until the transaction ends. A command calls them after its own
writes, so that what it changed is part of what is counted.
"""

# ruff: noqa: S608 statements are put together from constants of this house; every value is bound

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.visits import chain_tallies, counting_locks, late_tallies
from service.visits.credits import COLUMNS, DERIVED
from service.visits.ledger import bring_up_to_date
from service.visits.tallies import CITY_UNIT, TALLY, UNIT, ledger_marks, spread, summed, visit_marks

_SIDES = {
    "city": ("programme_id, line, subject_id", "own"),
    "unit": ("programme_id, line, subject_id, unit_id", "true"),
}
_FIGURES = "counted, pending, first_counted_on, first_pending_on"

_EVERYWHERE = "true"
_HERE = "{table}programme_id = :programme"


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """How many rows were not as the visits say; all zero when the ledgers were right."""

    credits: int
    city_rows: int
    unit_rows: int
    tallies: int

    @property
    def clean(self) -> bool:
        """Whether nothing had to be mended."""
        return self.credits + self.city_rows + self.unit_rows + self.tallies == 0


def recount_enterprises(session: Session, enterprise_ids: Collection[UUID]) -> None:
    """Every visit to these enterprises, or to one that was merged into them, counts as the register has it now."""
    if not enterprise_ids:
        return
    session.flush()
    counting_locks.hold_rules(session)
    visits = session.scalars(_VISITS_TO, {"enterprises": list(enterprise_ids)}).all()
    bring_up_to_date(session, visits)


def recount_programme(session: Session, programme_id: UUID) -> RebuildReport:
    """Every visit counts as the programme's dates, rules and lists have it now."""
    return _rederive(session, programme_id)


def rebuild(session: Session) -> RebuildReport:
    """Credits, ledgers and tallies are what the visits say; the report tells what was not."""
    report = _rederive(session, None)
    # The sums that triggers keep have followed the ledgers; whatever else they are wrong by is mended here.
    mended = chain_tallies.renew(session) + late_tallies.mend_late(session)
    return replace(report, tallies=report.tallies + mended)


def verify(session: Session) -> RebuildReport:
    """What a rebuild would mend, read without holding anybody up."""
    session.flush()
    session.execute(sa.text("SET LOCAL statement_timeout = 0"))
    return RebuildReport(
        credits=_differences(session, f"SELECT {COLUMNS} FROM visit_credits", DERIVED),
        city_rows=_differences(session, _held("city"), _counted("city", _EVERYWHERE)),
        unit_rows=_differences(session, _held("unit"), _counted("unit", _EVERYWHERE)),
        tallies=_differences(
            session, summed(f"SELECT {TALLY} FROM ledger_tallies"), summed(spread(_marks(_EVERYWHERE)))
        )
        + chain_tallies.wrong_sums(session)
        + late_tallies.wrong_days(session),
    )


_VISITS_TO = sa.text("""
WITH RECURSIVE member AS (
    SELECT unnest(:enterprises) AS id
    UNION
    SELECT merged.id FROM enterprises merged JOIN member ON merged.merged_into_id = member.id
)
SELECT v.id FROM visits v JOIN member ON v.enterprise_id = member.id
UNION
SELECT c.visit_id FROM visit_credits c JOIN member ON c.enterprise_id = member.id
""").bindparams(sa.bindparam("enterprises", type_=sa.ARRAY(sa.Uuid())))


def _held(side: str) -> str:
    return f"SELECT {_SIDES[side][0]}, {_FIGURES} FROM {side}_ledger"


def _counted(side: str, where: str) -> str:
    key, only = _SIDES[side]
    return f"""
    SELECT {key},
           CAST(count(*) FILTER (WHERE status = 'counted') AS integer) AS counted,
           CAST(count(*) FILTER (WHERE status = 'pending') AS integer) AS pending,
           min(visited_on) FILTER (WHERE status = 'counted') AS first_counted_on,
           min(visited_on) FILTER (WHERE status = 'pending') AS first_pending_on
    FROM visit_credits WHERE {only} AND {where} GROUP BY {key}"""


def _marks(where: str) -> str:
    return " UNION ALL ".join(
        [
            ledger_marks(f"(SELECT * FROM city_ledger WHERE {where}) city", CITY_UNIT, sign=1),
            ledger_marks(f"(SELECT * FROM unit_ledger WHERE {where}) unit", UNIT, sign=1),
            visit_marks(f"visit_credits WHERE own AND {where}", CITY_UNIT),
            visit_marks(f"visit_credits WHERE {where}", UNIT),
        ]
    )


def _differences(session: Session, held: str, true: str) -> int:
    statement = f"""
    WITH held AS MATERIALIZED ({held}), truth AS MATERIALIZED ({true})
    SELECT count(*) FROM (
        (TABLE held EXCEPT ALL TABLE truth) UNION ALL (TABLE truth EXCEPT ALL TABLE held)
    ) different"""
    return session.scalar(sa.text(statement)) or 0


def _rederive(session: Session, programme_id: UUID | None) -> RebuildReport:
    session.flush()
    counting_locks.hold_rules(session)
    session.execute(sa.text("SET LOCAL statement_timeout = 0"))
    values = {} if programme_id is None else {"programme": programme_id}
    where = _EVERYWHERE if programme_id is None else _HERE.format(table="")
    of_programme = "" if programme_id is None else " AND p.id = :programme"
    return RebuildReport(
        credits=_rederive_credits(session, DERIVED + of_programme, where, values),
        city_rows=_rederive_ledger(session, "city", where, values),
        unit_rows=_rederive_ledger(session, "unit", where, values),
        tallies=_rederive_tallies(session, where, values),
    )


def _rederive_credits(session: Session, derived: str, where: str, values: dict[str, UUID]) -> int:
    _keep(session, "visit_credits", f"SELECT {COLUMNS} FROM ({derived}) derived", COLUMNS, values)
    same = " AND ".join(f"fresh.{column} = held.{column}" for column in COLUMNS.split(", "))
    removed = _rows(
        session,
        f"""DELETE FROM visit_credits held WHERE {where}
            AND NOT EXISTS (SELECT 1 FROM fresh_visit_credits fresh WHERE {same})""",
        values,
    )
    added = _rows(
        session,
        f"""INSERT INTO visit_credits ({COLUMNS}) SELECT {COLUMNS} FROM fresh_visit_credits
            ON CONFLICT (visit_id, programme_id, line, unit_id) DO NOTHING""",
        {},
    )
    return removed + added


def _rederive_ledger(session: Session, side: str, where: str, values: dict[str, UUID]) -> int:
    key, _only = _SIDES[side]
    _keep(session, f"{side}_ledger", _counted(side, where), f"{key}, {_FIGURES}", values)
    held = f"{_held(side)} WHERE {where}"
    unit = "unit_id" if side == "unit" else "NULL"
    # A row that is gone is logged with zeros: from then on it was known to be nothing.
    _rows(
        session,
        f"""INSERT INTO ledger_changes (programme_id, line, unit_id, subject_id, {_FIGURES}, known_at)
            SELECT programme_id, line, {unit}, subject_id, coalesce(fresh.counted, 0), coalesce(fresh.pending, 0),
                   fresh.first_counted_on, fresh.first_pending_on, statement_timestamp()
            FROM fresh_{side}_ledger fresh FULL JOIN ({held}) held USING ({key})
            WHERE (fresh.counted, fresh.pending, fresh.first_counted_on, fresh.first_pending_on)
                  IS DISTINCT FROM (held.counted, held.pending, held.first_counted_on, held.first_pending_on)""",
        values,
    )
    same = " AND ".join(
        [
            *(f"fresh.{column} = held.{column}" for column in f"{key}, counted, pending".split(", ")),
            "fresh.first_counted_on IS NOT DISTINCT FROM held.first_counted_on",
            "fresh.first_pending_on IS NOT DISTINCT FROM held.first_pending_on",
        ]
    )
    removed = _rows(
        session,
        f"""DELETE FROM {side}_ledger held WHERE {where}
            AND NOT EXISTS (SELECT 1 FROM fresh_{side}_ledger fresh WHERE {same})""",
        values,
    )
    added = _rows(
        session,
        f"""INSERT INTO {side}_ledger ({key}, {_FIGURES}) SELECT {key}, {_FIGURES} FROM fresh_{side}_ledger
            ON CONFLICT ({key}) DO NOTHING""",
        {},
    )
    return max(removed, added)


def _rederive_tallies(session: Session, where: str, values: dict[str, UUID]) -> int:
    back = f"""SELECT programme_id, line, unit_id, monthly, day, -counted, -pending, -visits, -visits_pending
               FROM ledger_tallies WHERE {where}"""
    differences = summed(f"{spread(_marks(where))} UNION ALL {back}")
    return _rows(session, f"INSERT INTO ledger_tallies ({TALLY}) {differences}", values)


def _keep(session: Session, table: str, query: str, columns: str, values: dict[str, UUID]) -> None:
    """Put a query's rows into a temporary table `fresh_…` like `table`, of which the planner knows the size."""
    session.execute(sa.text(f"DROP TABLE IF EXISTS pg_temp.fresh_{table}"))
    session.execute(sa.text(f"CREATE TEMPORARY TABLE fresh_{table} (LIKE {table}) ON COMMIT DROP"))
    session.execute(sa.text(f"INSERT INTO fresh_{table} ({columns}) {query}"), values)
    session.execute(sa.text(f"ANALYZE fresh_{table}"))


def _rows(session: Session, statement: str, values: dict[str, UUID]) -> int:
    result = session.connection().execute(sa.text(statement), values)
    return max(result.rowcount, 0)
