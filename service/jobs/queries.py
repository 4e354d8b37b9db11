"""How the queue stands."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

_STATUSES = ("todo", "doing", "failed")

_COUNT = sa.text(
    "SELECT status::text, count(*) FROM procrastinate_jobs"
    " WHERE status IN ('todo', 'doing', 'failed') GROUP BY status"
)


def jobs_by_status(session: Session) -> dict[str, int]:
    """How many jobs wait, run and have failed for good; done ones are not kept."""
    found = {str(status): int(count) for status, count in session.execute(_COUNT)}
    return {status: found.get(status, 0) for status in _STATUSES}
