"""Writes of exports: asked for, and taken away before their time."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.exports.errors import ExportNotReady, MayNotUnmask, TooManyExports
from service.exports.models import Export, ExportState
from service.exports.orders import Order, PictureChoice, written
from service.exports.queries import own_export
from service.jobs.queue import defer
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.ids import uuid7
from service.progress.sheet_cells import Labels

MAKE = "exports.make"
DISCARD = "exports.discard"
MOST_WAITING = 5
"""Of one person: a click that is repeated in impatience does not fill the queue for everybody."""


def ask_export(session: Session, actor: Actor, order: Order, labels: Labels) -> Export:
    """Have an export written by a worker; who asked for what is noted at once.

    Raises:
        MayNotUnmask: whole contacts or originals are asked for by somebody other than headquarters, or without a reason.
        TooManyExports: several of this person's wait already.
    """
    _demand_right(actor, order)
    _demand_room(session, actor)
    export = Export(
        id=uuid7(),
        form=order.form,
        what=written(order),
        labels={name: dict(codes) for name, codes in labels.items()},
        asked_by=actor.person_id,
        unit_id=actor.unit_id,  # type: ignore[arg-type] # whoever signs in has a unit
        asked_at=now(),
    )
    session.add(export)
    session.flush()
    audit.record(session, actor, "export.ask", "export", export.id, form=order.form, what=export.what)
    defer(session, MAKE, waited_for=True, export_id=export.id)
    return export


def take_file(session: Session, actor: Actor, export_id: UUID, name: str) -> Export:
    """An export one of whose files is fetched: who took it is noted.

    Raises:
        UnknownExport: it is not this person's.
    """
    export = own_export(session, actor, export_id)
    audit.record(session, actor, "export.fetch", "export", export.id, file=name)
    return export


def discard_export(session: Session, actor: Actor, export_id: UUID) -> Export:
    """Have the files of a finished export deleted now; what was taken out stays on record. Again changes nothing.

    Raises:
        UnknownExport: it is not this person's. ExportNotReady: it is still being written.
    """
    export = own_export(session, actor, export_id)
    if export.state in (ExportState.QUEUED, ExportState.RUNNING):
        raise ExportNotReady
    if export.state is ExportState.SUCCEEDED:
        expire(session, export)
        audit.record(session, actor, "export.discard", "export", export.id)
    return export


def expire(session: Session, export: Export) -> None:
    """The files are no longer to be had, and are deleted by a job."""
    export.state = ExportState.EXPIRED
    defer(session, DISCARD, keys=[one["key"] for one in export.files])


def _demand_right(actor: Actor, order: Order) -> None:
    wants_originals = order.pictures is PictureChoice.ORIGINAL
    if wants_originals and not order.is_unmasked:
        raise MayNotUnmask
    if order.is_unmasked and not actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        raise MayNotUnmask


def _demand_room(session: Session, actor: Actor) -> None:
    waiting = session.scalar(
        sa.select(sa.func.count()).where(
            Export.asked_by == actor.person_id, Export.state.in_((ExportState.QUEUED, ExportState.RUNNING))
        )
    )
    if (waiting or 0) >= MOST_WAITING:
        raise TooManyExports
