"""How many visits of a day arrived after the Sunday of their week, by unit and for the city: sums that weeks read.

Triggers of the visits write what changes (`late_differences`), a job folds it (`late_tallies`); both together are what
the visits say, at every moment.
"""

# ruff: noqa: S608 statements are put together from constants of this house; every value is bound

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.visits.models import CAME_LATE, Visit
from service.visits.tally_models import CITY

_CITY = f"CAST('{CITY}' AS uuid)"
_LATE = str(
    sa.select(Visit.unit_id, Visit.visited_on.label("day"), sa.literal_column("1").label("visits"))
    .where(CAME_LATE)
    .compile()
)
_TRUE = f"""
    SELECT unit_id, day, count(*) AS visits FROM ({_LATE}) late GROUP BY unit_id, day
    UNION ALL
    SELECT {_CITY}, day, count(*) FROM ({_LATE}) late GROUP BY day"""
_KEPT = "SELECT unit_id, day, visits FROM late_tallies UNION ALL SELECT unit_id, day, visits FROM late_differences"
_WRONG = f"""
    SELECT unit_id, day, CAST(sum(visits) AS integer) AS visits
    FROM ({_TRUE} UNION ALL SELECT unit_id, day, -visits FROM ({_KEPT}) kept) sums
    GROUP BY unit_id, day HAVING sum(visits) <> 0"""

_MEND = sa.text(f"""
WITH mended AS (INSERT INTO late_differences (unit_id, day, visits) {_WRONG} RETURNING 1)
SELECT count(*) FROM mended
""")
_FOLD = sa.text("""
WITH taken AS (
    DELETE FROM late_differences
    WHERE id IN (SELECT id FROM late_differences ORDER BY id LIMIT :rows)
    RETURNING unit_id, day, visits
),
folded AS (
    INSERT INTO late_tallies AS held (unit_id, day, visits)
    SELECT unit_id, day, sum(visits) FROM taken GROUP BY unit_id, day HAVING sum(visits) <> 0
    ON CONFLICT (unit_id, day) DO UPDATE SET visits = held.visits + excluded.visits
)
SELECT count(*) FROM taken
""")
_ONE_FOLDER = 0x71_62_6C
"""Who folds follow each other ("qbl")."""


def fold_late(session: Session, *, most_rows: int = 200_000) -> int:
    """Differences become part of the tallies, up to `most_rows` of them; figures stay the same at every moment."""
    if not session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_ONE_FOLDER))):
        return 0
    return session.scalar(_FOLD, {"rows": most_rows}) or 0


def wrong_days(session: Session) -> int:
    """How many sums are not what the visits say."""
    return session.scalar(sa.text(f"SELECT count(*) FROM ({_WRONG}) wrong")) or 0


def mend_late(session: Session) -> int:
    """The sums are what the visits say, whoever writes meanwhile; returns how many were not."""
    return session.scalar(_MEND) or 0
