"""Service check-ins that tell of a problem which nobody has raised yet."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, User
from service.checkins.models import Checkin, CheckinKind
from service.checkins.queries import CheckinFilter, conditions
from service.issues.models import GONE_STATES, Issue
from service.kernel.actor import Actor
from service.kernel.named import Named
from service.kernel.pages import Page, PageRequest, moment_and_id, page_of
from service.projects.models import Project, Site

_TOLD = r"^\s*(?:【([^【】]{1,20})】|\[([^][]{1,20})\])\s*"
"""The phone writes the kind of problem in front of the note, in the person's language."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class UntakenCheckin:
    """A check-in that tells of a problem; `heading` is what stands in front of its note."""

    id: UUID
    number: str
    unit: Named
    user: Named
    site: Named
    project: Named | None
    at: datetime
    on_day: date
    heading: str
    text: str
    photo_ids: list[UUID]

    @property
    def record_url(self) -> str:
        """Where the check-in is read."""
        return f"/api/hq/v1/checkins/{self.id}"


def heading_and_text(note: str) -> tuple[str, str]:
    """What stands in front of a note, without its brackets, and the rest; nothing where no problem is told."""
    found = re.match(_TOLD, note)
    return (found[1] or found[2], note[found.end() :]) if found else ("", note)


def untaken_checkins(
    session: Session, actor: Actor, what: CheckinFilter, page: PageRequest
) -> Page[UntakenCheckin]:
    """Those of the check-ins in the actor's scope, the latest first."""
    found = _rows().where(*untaken(actor, what))
    if page.after is not None:
        found = found.where(sa.tuple_(Checkin.at, Checkin.id) < sa.tuple_(*moment_and_id(page.after)))
    newest = found.order_by(Checkin.at.desc(), Checkin.id.desc()).limit(page.limit + 1)
    items = [_shown(row) for row in session.execute(newest)]
    return page_of(items, limit=page.limit, key=lambda one: (one.at.isoformat(), str(one.id)))


def each_untaken(session: Session, actor: Actor, what: CheckinFilter) -> Iterator[UntakenCheckin]:
    """All of them, the oldest first, some hundreds at a time."""
    oldest = _rows().where(*untaken(actor, what)).order_by(Checkin.at, Checkin.id)
    for row in session.execute(oldest, execution_options={"yield_per": _AT_ONCE}):
        yield _shown(row)


def count_untaken(session: Session, actor: Actor, what: CheckinFilter) -> int:
    """How many they are."""
    listed = sa.select(sa.func.count()).select_from(Checkin).join(Site, Site.id == Checkin.site_id)
    return session.scalar(listed.where(*untaken(actor, what))) or 0


def untaken(actor: Actor, what: CheckinFilter) -> list[sa.ColumnElement[bool]]:
    """What such a check-in must be, for a statement over check-ins and their sites."""
    asked = replace(what, kind=CheckinKind.SERVICE, standing=True)
    taken = sa.select(Issue.id).where(Issue.checkin_id == Checkin.id, Issue.state.not_in(GONE_STATES))
    return [*conditions(actor, asked), Checkin.note.regexp_match(_TOLD), ~taken.exists()]


def _rows() -> sa.Select[*tuple[Any, ...]]:
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        Checkin,
        Unit.name.label("unit"),
        User.name.label("person"),
        Site.name.label("site"),
        Project.id.label("project_id"),
        Project.name.label("project"),
    )
    return (
        columns.join(Unit, Unit.id == Checkin.unit_id)
        .join(User, User.id == Checkin.user_id)
        .join(Site, Site.id == Checkin.site_id)
        .outerjoin(Project, Project.id == Site.project_id)
    )


def _shown(row: sa.Row[*tuple[Any, ...]]) -> UntakenCheckin:
    checkin: Checkin = row.Checkin
    heading, text = heading_and_text(checkin.note or "")
    return UntakenCheckin(
        checkin.id,
        checkin.number,
        Named(checkin.unit_id, row.unit),
        Named(checkin.user_id, row.person),
        Named(checkin.site_id, row.site),
        None if row.project_id is None else Named(row.project_id, row.project),
        checkin.at,
        checkin.on_day,
        heading,
        text,
        checkin.photo_ids,
    )
