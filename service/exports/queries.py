"""Reads of exports: one's own; headquarters sees everybody's, so that it is known who took what."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.exports.errors import ExportGone, ExportNotReady, UnknownExport, UnknownExportFile
from service.exports.models import Export, ExportState
from service.kernel.actor import Actor, Role
from service.kernel.pages import Page, PageRequest, moment_and_id, page_of


def exports(session: Session, actor: Actor, request: PageRequest) -> Page[Export]:
    """The exports the actor may know of, the latest first."""
    statement = sa.select(Export).where(_known_to(actor))
    if request.after is not None:
        statement = statement.where(sa.tuple_(Export.asked_at, Export.id) < moment_and_id(request.after))
    rows = session.scalars(
        statement.order_by(Export.asked_at.desc(), Export.id.desc()).limit(request.limit + 1)
    ).all()
    return page_of(rows, limit=request.limit, key=lambda one: (one.asked_at.isoformat(), str(one.id)))


def known_export(session: Session, actor: Actor, export_id: UUID) -> Export:
    """An export the actor may know of.

    Raises:
        UnknownExport: there is none.
    """
    return _one(session, Export.id == export_id, _known_to(actor))


def own_export(session: Session, actor: Actor, export_id: UUID) -> Export:
    """An export the actor asked for: only they fetch its files, for it has their scope.

    Raises:
        UnknownExport: there is none of theirs.
    """
    return _one(session, Export.id == export_id, Export.asked_by == actor.person_id)


def file_of(export: Export, name: str) -> Mapping[str, Any]:
    """One file of a finished export.

    Raises:
        ExportNotReady, ExportGone: there are no files yet, or no longer. UnknownExportFile: none has this name.
    """
    if export.state in (ExportState.QUEUED, ExportState.RUNNING):
        raise ExportNotReady
    if export.state is not ExportState.SUCCEEDED:
        raise ExportGone
    found = next((one for one in export.files if one["name"] == name), None)
    if found is None:
        raise UnknownExportFile
    return found


def _known_to(actor: Actor) -> sa.ColumnElement[bool]:
    if actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        return sa.true()
    return Export.asked_by == actor.person_id


def _one(session: Session, *which: sa.ColumnElement[bool]) -> Export:
    found = session.scalar(sa.select(Export).where(*which))
    if found is None:
        raise UnknownExport
    return found
