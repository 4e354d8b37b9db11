"""Runs jobs until told to stop; what a killed worker left half done is taken up again."""

from dataclasses import dataclass

import procrastinate
import sqlalchemy as sa
from procrastinate.job_context import JobContext
from procrastinate.jobs import Status

from service.jobs.queue import MOST_ATTEMPTS, app
from service.jobs.workshop import WORKSHOP, Workshop
from service.kernel.db import normal_url

_PACE = "pace"


@dataclass(frozen=True, slots=True)
class Pace:
    """How a worker keeps time; the defaults find a dead worker's jobs within half a minute."""

    threads: int = 3
    heartbeat_s: float = 5
    stalled_after_s: float = 20
    """Four heartbeats missed: the worker is dead, its jobs are anybody's."""
    look_s: float = 5
    """How often the queue is read when no notification comes."""
    grace_s: float = 5
    """How long running jobs may go on after a signal; then they are left to the next worker."""


async def work_until_told(workshop: Workshop, *, pace: Pace, until_idle: bool = False) -> None:
    """Run jobs until SIGTERM or SIGINT, or with `until_idle` until the queue is empty."""
    connector = procrastinate.PsycopgConnector(
        conninfo=_libpq_address(workshop.settings.database_url), min_size=1, max_size=pace.threads + 2
    )
    with app.replace_connector(connector):
        async with app.open_async():
            await _take_up_stalled(pace)
            await app.run_worker_async(
                name="qianbai",
                concurrency=pace.threads,
                wait=not until_idle,
                fetch_job_polling_interval=pace.look_s,
                update_heartbeat_interval=pace.heartbeat_s,
                stalled_worker_timeout=pace.stalled_after_s,
                shutdown_graceful_timeout=pace.grace_s,
                delete_jobs="successful",
                listen_notify=not until_idle,
                install_signal_handlers=not until_idle,
                additional_context={WORKSHOP: workshop, _PACE: pace},
            )


@app.periodic(cron="* * * * * */10")
@app.task(name="jobs.take_up_stalled", pass_context=True)
async def take_up_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 procrastinate tells the planned time
    """Give back to the queue what dead workers were doing."""
    await _take_up_stalled(context.additional_context[_PACE])


async def _take_up_stalled(pace: Pace) -> None:
    jobs = app.job_manager
    for stalled in await jobs.get_stalled_jobs(seconds_since_heartbeat=pace.stalled_after_s):
        if stalled.attempts < MOST_ATTEMPTS:
            await jobs.retry_job(stalled)
        else:
            # A job that kills each worker it meets must not do so for ever; it stays to be seen as failed.
            await jobs.finish_job(stalled, status=Status.FAILED, delete_job=False)


def _libpq_address(url: str) -> str:
    """The database's address as libpq reads it, without SQLAlchemy's name of the driver."""
    return sa.make_url(normal_url(url)).set(drivername="postgresql").render_as_string(hide_password=False)
