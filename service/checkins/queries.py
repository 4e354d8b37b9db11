"""Check-ins as their sender and the offices read them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from service.accounts.visibility import units_below, within_scope
from service.checkins.errors import UnknownCheckin
from service.checkins.models import Checkin, CheckinDecision, CheckinKind, stands
from service.checkins.views import CheckinView, read_views, rows
from service.kernel.actor import Actor
from service.kernel.calendar import start_of
from service.kernel.geo import Point
from service.kernel.pages import Page, PageRequest, moment_and_id, page_of
from service.projects.models import Site
from service.projects.queries import my_sites
from service.projects.rows import MySite
from service.submissions.histories import History, Revision, decisions_about, revisions_of
from service.submissions.receipt import Receipt
from service.submissions.review_states import ReviewState


@dataclass(frozen=True, slots=True)
class LastCheckin:
    """The newest check-in of a person at a site."""

    id: UUID
    site_id: UUID
    at: datetime
    kind: CheckinKind


@dataclass(frozen=True, slots=True)
class VisitedSite:
    """A site of the actor's own and when they were last there."""

    mine: MySite
    last_checkin: LastCheckin | None


@dataclass(frozen=True, slots=True)
class CheckinFilter:
    """Which check-ins are asked for: days `from_on` up to, and without, `until_on`; a unit with all below it."""

    site_id: UUID | None = None
    project_id: UUID | None = None
    unit_id: UUID | None = None
    user_id: UUID | None = None
    kind: CheckinKind | None = None
    state: ReviewState | None = None
    from_on: date | None = None
    until_on: date | None = None
    standing: bool = False
    """Only those that are neither returned, voided nor withdrawn."""


def own_checkin(session: Session, actor: Actor, checkin_id: UUID) -> CheckinView:
    """A check-in that the actor sent.

    Raises:
        UnknownCheckin: there is none of theirs.
    """
    return _one(session, Checkin.id == checkin_id, Checkin.user_id == actor.person_id)


def own_checkins(session: Session, actor: Actor, page: PageRequest) -> Page[CheckinView]:
    """The check-ins that the actor sent, the latest first."""
    return _listed(session, [Checkin.user_id == actor.person_id], page)


def checkin_in_scope(session: Session, actor: Actor, checkin_id: UUID) -> CheckinView:
    """A check-in of a unit in the actor's scope.

    Raises:
        UnknownCheckin: there is none such.
    """
    return _one(session, Checkin.id == checkin_id, within_scope(actor, Checkin.unit_id))


def checkins_in_scope(
    session: Session, actor: Actor, what: CheckinFilter, page: PageRequest
) -> Page[CheckinView]:
    """The check-ins of the units in the actor's scope, withdrawn ones included, the latest first."""
    return _listed(session, conditions(actor, what), page)


def checkin_with_receipt(session: Session, checkin_id: UUID, receipt: Receipt) -> CheckinView:
    """The check-in as it is now, with the receipt of the revision that was sent (again)."""
    return replace(_one(session, Checkin.id == checkin_id), receipt=receipt)


def own_revisions(session: Session, actor: Actor, checkin_id: UUID) -> tuple[Revision, ...]:
    """Every accepted revision of the actor's own check-in, oldest first.

    Raises:
        UnknownCheckin: there is none of theirs.
    """
    _demand(session, Checkin.id == checkin_id, Checkin.user_id == actor.person_id)
    return revisions_of(session, checkin_id)


def history(session: Session, actor: Actor, checkin_id: UUID) -> History:
    """Every revision, without the phone's exact place, and every decision about a check-in in the actor's scope.

    Raises:
        UnknownCheckin: there is none such.
    """
    _demand(session, Checkin.id == checkin_id, within_scope(actor, Checkin.unit_id))
    shown = tuple(
        replace(one, body={name: value for name, value in one.body.items() if name != "location"})
        for one in revisions_of(session, checkin_id)
    )
    return History(shown, decisions_about(session, CheckinDecision.checkin_id, checkin_id))


def my_sites_visited(
    session: Session, actor: Actor, near: Point | None, page: PageRequest
) -> Page[VisitedSite]:
    """The actor's sites of today, each with their own last check-in there."""
    found = my_sites(session, actor, near, page)
    last = _last_checkins(session, actor, [mine.site.id for mine in found.items])
    return Page([VisitedSite(mine, last.get(mine.site.id)) for mine in found.items], found.next_cursor)


def _last_checkins(session: Session, actor: Actor, site_ids: Collection[UUID]) -> dict[UUID, LastCheckin]:
    newest = (
        sa.select(Checkin.id, Checkin.site_id, Checkin.at, Checkin.kind)
        .where(
            Checkin.user_id == actor.user_id, Checkin.site_id.in_(site_ids), Checkin.withdrawn_at.is_(None)
        )
        .order_by(Checkin.site_id, Checkin.at.desc(), Checkin.id.desc())
        .ext(distinct_on(Checkin.site_id))
    )
    return {row.site_id: LastCheckin(*row) for row in session.execute(newest)}


def conditions(actor: Actor, what: CheckinFilter) -> list[sa.ColumnElement[bool]]:
    """What a check-in must be to be asked for, within the actor's scope; for a statement over check-ins and sites.

    Asked for a site of theirs, an office reads the check-ins of other units there too: attendance counts them.
    """
    found = [within_scope(actor, Checkin.unit_id)]
    if what.site_id is not None:
        at_own_site = sa.and_(Checkin.site_id == what.site_id, within_scope(actor, Site.unit_id))
        found = [Checkin.site_id == what.site_id, sa.or_(within_scope(actor, Checkin.unit_id), at_own_site)]
    if what.project_id is not None:
        found.append(Site.project_id == what.project_id)
    if what.unit_id is not None:
        found.append(Checkin.unit_id.in_(units_below(what.unit_id)))
    if what.user_id is not None:
        found.append(Checkin.user_id == what.user_id)
    if what.kind is not None:
        found.append(Checkin.kind == what.kind)
    if what.state is not None:
        found.append(_in_state(what.state))
    if what.from_on is not None:
        found.append(Checkin.at >= start_of(what.from_on))
    if what.until_on is not None:
        found.append(Checkin.at < start_of(what.until_on))
    if what.standing:
        found.append(stands())
    return found


def _in_state(state: ReviewState) -> sa.ColumnElement[bool]:
    if state is ReviewState.WITHDRAWN:
        return Checkin.withdrawn_at.is_not(None)
    return sa.and_(Checkin.withdrawn_at.is_(None), Checkin.review_state == state)


def _demand(session: Session, *conditions: sa.ColumnElement[bool]) -> None:
    if session.scalar(sa.select(Checkin.id).where(*conditions)) is None:
        raise UnknownCheckin


def _one(session: Session, *conditions: sa.ColumnElement[bool]) -> CheckinView:
    views = read_views(session, rows().where(*conditions))
    if not views:
        raise UnknownCheckin
    return views[0]


def _listed(
    session: Session, conditions: Sequence[sa.ColumnElement[bool]], page: PageRequest
) -> Page[CheckinView]:
    found = rows().where(*conditions)
    if page.after is not None:
        found = found.where(sa.tuple_(Checkin.at, Checkin.id) < sa.tuple_(*moment_and_id(page.after)))
    newest = found.order_by(Checkin.at.desc(), Checkin.id.desc()).limit(page.limit + 1)
    return page_of(
        read_views(session, newest), limit=page.limit, key=lambda view: (view.at.isoformat(), str(view.id))
    )
