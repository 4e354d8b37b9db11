"""Work for later, kept in the same database: a job exists exactly when the transaction that asked for it commits.

::

    command ─ defer(session, "photos.develop", photo_id=…) ─ commit ─▶ worker ─ develop(workshop, photo_id=…)

A job may run twice (its worker was killed, its answer was lost), so every job's second run changes nothing.
"""

import json
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import procrastinate
import sqlalchemy as sa
from procrastinate.job_context import JobContext
from sqlalchemy.orm import Session

from service.jobs.workshop import WORKSHOP, Workshop
from service.kernel.together import Question

Work = TypeVar("Work", bound=Callable[..., None])

MOST_ATTEMPTS = 8
_RETRY = procrastinate.RetryStrategy(max_attempts=MOST_ATTEMPTS, exponential_wait=4)
"""Waits 4 s, 16 s, 64 s … about 18 hours in all: a store may be down overnight."""

_DEFER = sa.text(
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW("
    "'default', :task_name, :priority, NULL, NULL, CAST(:arguments AS jsonb), NULL)::procrastinate_job_to_defer_v1])"
).bindparams(
    sa.bindparam("task_name", type_=sa.Text()),
    sa.bindparam("priority", type_=sa.Integer()),
    sa.bindparam("arguments", type_=sa.Text()),
)

app = procrastinate.App(connector=procrastinate.PsycopgConnector())
"""Knows the jobs; it is connected only inside a worker."""


def defer(session: Session, task_name: str, *, waited_for: bool = False, **arguments: Any) -> None:
    """Ask for the named job, within the session's own transaction and savepoint.

    What a person waits for is begun before all that nobody does, such as a thousand photos to develop.

    Arguments are what JSON holds; ids may be UUIDs and arrive as text. There is no queueing lock: a collision would
    abort the caller's transaction, and a job that runs twice does no harm.
    """
    session.execute(*deferring(task_name, waited_for=waited_for, **arguments))


def deferring(task_name: str, *, waited_for: bool = False, **arguments: Any) -> Question:
    """What `defer` executes, for a command whose statements travel together."""
    text = json.dumps(arguments, ensure_ascii=False, default=_as_text)
    return Question(_DEFER, {"task_name": task_name, "priority": int(waited_for), "arguments": text})


def job(name: str) -> Callable[[Work], Work]:
    """Register a function of `(workshop, **arguments)` as the job of that name.

    It is tried again when it raises, and its second run changes nothing.
    """

    def register(work: Work) -> Work:
        def run(context: JobContext, /, **arguments: Any) -> None:
            work(context.additional_context[WORKSHOP], **arguments)

        app.task(name=name, pass_context=True, retry=_RETRY)(run)
        return work

    return register


def periodic(name: str, *, cron: str) -> Callable[[Callable[[Workshop], None]], Callable[[Workshop], None]]:
    """Register a function that runs by the clock, however many workers there are.

    `cron` has five fields, or six with the seconds last. A run that fails is left to the next one.
    """

    def register(work: Callable[[Workshop], None]) -> Callable[[Workshop], None]:
        def run(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 procrastinate tells the planned time
            work(context.additional_context[WORKSHOP])

        task = app.task(name=name, pass_context=True)(run)
        app.periodic(cron=cron)(task)
        return work

    return register


def _as_text(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    msg = f"a job cannot be given a {type(value).__name__}"
    raise TypeError(msg)
