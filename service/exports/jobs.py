"""Exports are written and forgotten by jobs."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from service.exports.commands import DISCARD, MAKE, expire
from service.exports.making import make_export
from service.exports.models import Export, ExportState
from service.jobs.queue import job, periodic
from service.jobs.workshop import Workshop
from service.kernel.clock import now

GIVEN_UP_AFTER = timedelta(days=1)
"""The queue has tried for most of a day by then."""


@job(MAKE)
def make(workshop: Workshop, export_id: str) -> None:
    """Write an export's files."""
    make_export(workshop, UUID(export_id))


@job(DISCARD)
def discard(workshop: Workshop, keys: list[str]) -> None:
    """Delete an export's files."""
    workshop.store.delete(keys)


@periodic("exports.expire", cron="40 18 * * *")
def expire_exports(workshop: Workshop) -> None:
    """Forget files whose week is over (02:40 in Shanghai), and say of what never came about that it has failed."""
    with workshop.sessions.begin() as session:
        over = sa.select(Export).where(Export.state == ExportState.SUCCEEDED, Export.expires_at < now())
        for export in session.scalars(over):
            expire(session, export)
        session.execute(
            sa.update(Export)
            .where(
                Export.state.in_((ExportState.QUEUED, ExportState.RUNNING)),
                Export.asked_at < now() - GIVEN_UP_AFTER,
            )
            .values(
                state=ExportState.FAILED,
                finished_at=now(),
                failed_because="一天内未能完成，请重新导出 / not done within a day, export again",
            )
        )
