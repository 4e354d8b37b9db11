"""The table of jobs: every room that works in the background, and the worker that runs them all."""

import asyncio
import importlib
import os

from media.stores.opening import open_store
from service.jobs.worker import Pace, work_until_told
from service.jobs.workshop import Workshop
from service.kernel.db import make_engine, make_sessions
from service.settings import Settings

ROOMS = (
    "service.accounts.jobs",
    "service.audit.jobs",
    "service.evidence.jobs",
    "service.exports.jobs",
    "service.outboxes.jobs",
    "service.photos.jobs",
    "service.privacy.jobs",
    "service.reports.jobs",
    "service.submissions.jobs",
    "service.sync.jobs",
    "service.visits.jobs",
)
"""Importing them registers their jobs."""


def register_jobs() -> None:
    """Make every job of the house known to the queue."""
    for room in ROOMS:
        importlib.import_module(room)


def run_worker(settings: Settings, *, pace: Pace | None = None, until_idle: bool = False) -> None:
    """Run jobs in this process until SIGTERM or SIGINT; with `until_idle`, until no job is due."""
    register_jobs()
    chosen = pace or Pace()
    engine = make_engine(settings.database_url, pool_size=chosen.threads)
    workshop = Workshop(settings, make_sessions(engine), open_store(settings.store, os.environ))
    try:
        asyncio.run(work_until_told(workshop, pace=chosen, until_idle=until_idle))
    finally:
        engine.dispose()
