"""Reads of visits: one's own, those in scope, those behind a figure, and the history of each."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from service.accounts.models import Unit
from service.accounts.visibility import units_below, within_scope
from service.enterprises.models import Enterprise
from service.kernel.actor import Actor
from service.kernel.pages import Page, PageRequest, moment_and_id, page_of
from service.programmes.models import TargetList, TargetListEntry
from service.submissions.histories import History, Revision, decisions_about, revisions_of
from service.submissions.receipt import Receipt
from service.visits.contacts import masked_body
from service.visits.errors import UnknownVisit
from service.visits.models import CAME_LATE, ReviewDecision, ReviewState, Visit
from service.visits.records import Records, behind
from service.visits.traits import Traits, having, one_each
from service.visits.views import VisitRow, VisitView, compose, read_rows, rows


@dataclass(frozen=True, slots=True)
class VisitFilter:
    """Which visits headquarters asks for; days are `from_on` up to, and without, `until_on`."""

    unit_id: UUID | None = None
    """With all units below it."""
    visitor_id: UUID | None = None
    enterprise_id: UUID | None = None
    chain: str | None = None
    """Industry chain of the enterprise; the empty one finds those whose chain nobody entered."""
    unassigned_in: UUID | None = None
    """Only enterprises on this programme's target lists that no unit is to visit."""
    state: ReviewState | None = None
    from_on: date | None = None
    until_on: date | None = None
    late: bool = False
    """Only those that stand and arrived after the Sunday of their week."""
    records: Records | None = None
    """Only the records behind a figure of a programme."""
    traits: Traits | None = None
    """Only the records behind a statistic; those made together with the actor's units are among them."""


def own_visit(session: Session, actor: Actor, visit_id: UUID, *, language: str) -> VisitView:
    """A visit of which the actor is visitor or recorder.

    Raises:
        UnknownVisit: there is none such, or it is somebody else's.
    """
    return _one(session, rows().where(Visit.id == visit_id, is_own(actor)), language)


def own_visits(session: Session, actor: Actor, page: PageRequest, *, language: str) -> Page[VisitView]:
    """The visits of which the actor is visitor or recorder, newest first."""
    return _listed(session, rows().where(is_own(actor)), page, language)


def own_visits_behind(
    session: Session, actor: Actor, what: VisitFilter, page: PageRequest, *, language: str
) -> Page[VisitView]:
    """The visits that the actor paid and that are asked for, newest first: those behind their own statistics."""
    mine = replace(what, visitor_id=actor.person_id)
    return _listed(session, rows().where(*conditions(actor, mine)), page, language)


def visit_with_receipt(session: Session, visit_id: UUID, receipt: Receipt, *, language: str) -> VisitView:
    """The visit as it is now, with the receipt of the revision that was sent (again)."""
    return replace(_one(session, rows().where(Visit.id == visit_id), language), receipt=receipt)


def visit_in_scope(session: Session, actor: Actor, visit_id: UUID, *, language: str) -> VisitView:
    """A visit in the actor's scope, contacts masked.

    Raises:
        UnknownVisit: there is none such in scope.
    """
    scoped = rows().where(Visit.id == visit_id, _concerns(actor))
    return _one(session, scoped, language).masked()


def visits_in_scope(
    session: Session, actor: Actor, what: VisitFilter, page: PageRequest, *, language: str
) -> Page[VisitView]:
    """The visits asked for within the actor's scope, newest first, contacts masked, positions coarse."""
    return _shortened(_listed(session, rows().where(*conditions(actor, what)), page, language))


def unmatched_visits(session: Session, actor: Actor, page: PageRequest, *, language: str) -> Page[VisitView]:
    """Visits whose free entry waits to be matched with the register, newest received first, contacts masked."""
    waiting = rows().where(
        Visit.enterprise_id.is_(None),
        # Written as in the partial index, so that the planner may use it.
        sa.text("visits.review_state NOT IN ('voided', 'withdrawn')"),
        within_scope(actor, Visit.unit_id),
    )
    return _shortened(_listed(session, waiting, page, language, by_arrival=True))


def own_revisions(session: Session, actor: Actor, visit_id: UUID) -> tuple[Revision, ...]:
    """Every accepted revision of one's own visit with its body as sent.

    Raises:
        UnknownVisit: it is not the actor's.
    """
    _demand(session, Visit.id == visit_id, is_own(actor))
    return revisions_of(session, visit_id)


def history(session: Session, actor: Actor, visit_id: UUID) -> History:
    """Every revision (contacts masked) and every decision about a visit in the actor's scope.

    Raises:
        UnknownVisit: there is none such in scope.
    """
    _demand(session, Visit.id == visit_id, _concerns(actor))
    masked = tuple(replace(one, body=masked_body(one.body)) for one in revisions_of(session, visit_id))
    return History(revisions=masked, decisions=decisions_about(session, ReviewDecision.visit_id, visit_id))


def _concerns(actor: Actor) -> sa.ColumnElement[bool]:
    """The visits of the actor's units, and those that others made together with them."""
    partner = aliased(Unit)
    joined = sa.select(partner.id).where(
        partner.id == sa.any_(Visit.joint_unit_ids), within_scope(actor, partner.id)
    )
    return sa.or_(within_scope(actor, Visit.unit_id), joined.exists())


def is_own(actor: Actor) -> sa.ColumnElement[bool]:
    """The visits of which the actor is visitor or recorder."""
    return sa.or_(Visit.visitor_id == actor.person_id, Visit.recorded_by == actor.person_id)


def conditions(actor: Actor, what: VisitFilter) -> list[sa.ColumnElement[bool]]:
    """What a visit must be to be asked for, within the actor's scope; for a statement over visits and enterprises."""
    if what.records is not None:
        found = [
            behind(actor, what.records, unit_id=what.unit_id, from_on=what.from_on, until_on=what.until_on)
        ]
    else:
        scope = within_scope(actor, Visit.unit_id) if what.traits is None else _concerns(actor)
        if what.visitor_id is not None and what.visitor_id == actor.user_id:
            # One's own are one's own, also those of a unit one has left.
            scope = sa.true()
        found = [scope, *_plain_period(what)]
        if what.unit_id is not None:
            found.append(Visit.unit_id.in_(units_below(what.unit_id)))
    if what.visitor_id is not None:
        found.append(Visit.visitor_id == what.visitor_id)
    if what.enterprise_id is not None:
        found.append(Visit.enterprise_id == what.enterprise_id)
    if what.chain is not None:
        found.append(
            sa.and_(Enterprise.id.is_not(None), sa.func.coalesce(Enterprise.chain, "") == what.chain)
        )
    if what.unassigned_in is not None:
        found.append(_unassigned(what.unassigned_in))
    if what.state is not None:
        found.append(Visit.review_state == what.state)
    if what.late:
        found.append(CAME_LATE)
    return found if what.traits is None else _with_traits(found, what.traits)


def _with_traits(found: list[sa.ColumnElement[bool]], traits: Traits) -> list[sa.ColumnElement[bool]]:
    found = [*found, *having(traits)]
    return found if traits.each is None else [*found, one_each(traits.each, found)]


def _unassigned(programme_id: UUID) -> sa.ColumnElement[bool]:
    entry = TargetListEntry
    return sa.exists().where(
        entry.enterprise_id == Visit.enterprise_id,
        entry.unit_id.is_(None),
        entry.list_id == TargetList.id,
        TargetList.programme_id == programme_id,
    )


def _plain_period(what: VisitFilter) -> list[sa.ColumnElement[bool]]:
    found = []
    if what.from_on is not None:
        found.append(Visit.visited_on >= what.from_on)
    if what.until_on is not None:
        found.append(Visit.visited_on < what.until_on)
    return found


def _one(session: Session, statement: sa.Select[*tuple[Any, ...]], language: str) -> VisitView:
    found = read_rows(session, statement)
    if not found:
        raise UnknownVisit
    return compose(session, found, language=language)[0]


def _listed(
    session: Session,
    statement: sa.Select[*tuple[Any, ...]],
    page: PageRequest,
    language: str,
    *,
    by_arrival: bool = False,
) -> Page[VisitView]:
    moment = Visit.received_at if by_arrival else Visit.visited_at
    if page.after is not None:
        statement = statement.where(sa.tuple_(moment, Visit.id) < sa.tuple_(*moment_and_id(page.after)))
    statement = statement.order_by(moment.desc(), Visit.id.desc()).limit(page.limit + 1)

    def key(row: VisitRow) -> tuple[str, str]:
        at = row.visit.received_at if by_arrival else row.visit.visited_at
        return at.isoformat(), str(row.visit.id)

    found = page_of(read_rows(session, statement), limit=page.limit, key=key)
    return Page(items=compose(session, found.items, language=language), next_cursor=found.next_cursor)


def _shortened(page: Page[VisitView]) -> Page[VisitView]:
    return Page(items=[view.listed() for view in page.items], next_cursor=page.next_cursor)


def _demand(session: Session, *conditions: sa.ColumnElement[bool]) -> None:
    if session.scalar(sa.select(Visit.id).where(*conditions)) is None:
        raise UnknownVisit
