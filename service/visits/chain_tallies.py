"""How many subjects of the thousand line count or wait, by unit and industry chain: sums that coverage reads.

::

    ledger rows ──triggers──▶ chain_differences ──a job folds──▶ chain_tallies (all, month, day)
    enterprises.chain ──trigger──▶ chain_moves ──a job moves──▶ chain_differences

At every moment tallies and differences together say what the ledgers' rows say, each by the chain it is *tallied* by:
the enterprise's own, or the one in `chain_moves` while an enterprise waits to be moved. A reader adds what such an
enterprise has where it belongs by now. A figure of a day is that of all days less what came after.
"""

# ruff: noqa: S608 statements are put together from constants of this house; every value is bound

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.visits import counting_locks
from service.visits.tally_models import CITY

_KEY = "programme_id, span, day, unit_id, chain"
_SIDES = {"city": f"CAST('{CITY}' AS uuid)", "unit": "l.unit_id"}
_MOST_MOVED = 500


def _ledgers(chain: str, where: str) -> str:
    """The rows of both ledgers with a chain of `e`, the enterprise, or of `moving`, its move if there is one."""
    return " UNION ALL ".join(
        f"""
        SELECT l.programme_id, {unit} AS unit_id, {chain} AS chain, l.first_counted_on, l.first_pending_on
        FROM {side}_ledger l
        JOIN enterprises e ON e.id = l.subject_id
        LEFT JOIN chain_moves moving ON moving.enterprise_id = e.id
        WHERE l.line = 'thousand' AND {where}"""
        for side, unit in _SIDES.items()
    )


def _marks(rows: str, *, sign: int) -> str:
    """The marks of such rows, as `tallies.ledger_marks` has them, each with its chain."""
    return f"""
    SELECT programme_id, mark.day, unit_id, chain, mark.counted, mark.pending
    FROM ({rows}) held
    CROSS JOIN LATERAL (VALUES
        (first_counted_on, {sign}, CASE WHEN first_pending_on < first_counted_on THEN {-sign} ELSE 0 END),
        (CASE WHEN first_pending_on < coalesce(first_counted_on, 'infinity') THEN first_pending_on END, 0, {sign})
    ) mark (day, counted, pending)
    WHERE mark.day IS NOT NULL"""


def _spread(marks: str) -> str:
    """The marks as rows of the tallies: one row a key, those that come to nothing left out."""
    return f"""
    SELECT programme_id, span.name AS span, span.first_on AS day, unit_id, chain,
           CAST(sum(counted) AS integer) AS counted, CAST(sum(pending) AS integer) AS pending
    FROM ({marks}) mark
    CROSS JOIN LATERAL (
        VALUES ('day', day), ('month', CAST(date_trunc('month', day) AS date)), ('all', CAST('0001-01-01' AS date))
    ) span (name, first_on)
    GROUP BY programme_id, span.name, span.first_on, unit_id, chain
    HAVING sum(counted) <> 0 OR sum(pending) <> 0"""


_DIFFERENCES = "SELECT programme_id, day, unit_id, chain, counted, pending FROM chain_differences"
_TALLIED = "coalesce(moving.tallied, e.chain, '')"


TRUTH = _spread(_marks(_ledgers(_TALLIED, "true"), sign=1))
"""What the tallies are to be by the ledgers."""
HELD = f"""
    SELECT {_KEY}, CAST(sum(counted) AS integer) AS counted, CAST(sum(pending) AS integer) AS pending
    FROM (SELECT {_KEY}, counted, pending FROM chain_tallies UNION ALL {_spread(_DIFFERENCES)}) sums
    GROUP BY {_KEY} HAVING sum(counted) <> 0 OR sum(pending) <> 0"""
"""What they come to once every difference is folded."""

_FOLD = sa.text(f"""
WITH taken AS (
    DELETE FROM chain_differences
    WHERE id IN (SELECT id FROM chain_differences ORDER BY id LIMIT :rows)
    RETURNING programme_id, day, unit_id, chain, counted, pending
),
folded AS (
    INSERT INTO chain_tallies AS held ({_KEY}, counted, pending) {_spread("TABLE taken")}
    ON CONFLICT ({_KEY}) DO UPDATE SET
        counted = held.counted + excluded.counted, pending = held.pending + excluded.pending
)
SELECT count(*) FROM taken
""")

_ONE_FOLDER = 0x71_62_63
"""Who folds and who writes the tallies anew follow each other ("qbc")."""


def fold_chains(session: Session, *, most_rows: int = 200_000) -> int:
    """Differences become part of the tallies, up to `most_rows` of them; figures stay the same at every moment."""
    if not session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_ONE_FOLDER))):
        return 0
    return session.scalar(_FOLD, {"rows": most_rows}) or 0


_MOVING = sa.text(
    "SELECT enterprise_id FROM chain_moves ORDER BY enterprise_id LIMIT :most FOR UPDATE SKIP LOCKED"
)
_MOVE = sa.text(f"""
WITH changed AS (
    {_marks(_ledgers(_TALLIED, "l.subject_id = ANY (:enterprises)"), sign=-1)}
    UNION ALL
    {_marks(_ledgers("coalesce(e.chain, '')", "l.subject_id = ANY (:enterprises)"), sign=1)}
),
written AS (
    INSERT INTO chain_differences (programme_id, day, unit_id, chain, counted, pending)
    SELECT programme_id, day, unit_id, chain, sum(counted), sum(pending) FROM changed
    GROUP BY programme_id, day, unit_id, chain HAVING sum(counted) <> 0 OR sum(pending) <> 0
)
DELETE FROM chain_moves WHERE enterprise_id = ANY (:enterprises)
""").bindparams(sa.bindparam("enterprises", type_=sa.ARRAY(sa.Uuid())))
_ANY_MOVING = sa.text("SELECT EXISTS (SELECT FROM chain_moves)")


def move_chains(session: Session) -> int:
    """Enterprises whose chain was changed are tallied by the one they have now, some hundreds at a time; how many.

    Nobody counts meanwhile. An enterprise that somebody is changing at this moment waits for the next time.
    """
    if not session.scalar(_ANY_MOVING):
        return 0
    counting_locks.hold_rules(session)
    moving = session.scalars(_MOVING, {"most": _MOST_MOVED}).all()
    if moving:
        session.execute(_MOVE, {"enterprises": moving})
    return len(moving)


_WRONG = sa.text(f"""
WITH held AS MATERIALIZED ({HELD}), truth AS MATERIALIZED ({TRUTH})
SELECT count(*) FROM (
    (TABLE held EXCEPT ALL TABLE truth) UNION ALL (TABLE truth EXCEPT ALL TABLE held)
) different""")


def wrong_sums(session: Session) -> int:
    """How many sums are not what the ledgers say."""
    return session.scalar(_WRONG) or 0


def renew(session: Session) -> int:
    """The tallies are what the ledgers say; returns how many sums were not. The caller holds the rules."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_FOLDER)))
    wrong = wrong_sums(session)
    if wrong:
        session.execute(sa.text("DELETE FROM chain_differences"))
        session.execute(sa.text("DELETE FROM chain_tallies"))
        session.execute(sa.text(f"INSERT INTO chain_tallies ({_KEY}, counted, pending) {TRUTH}"))
    return wrong
