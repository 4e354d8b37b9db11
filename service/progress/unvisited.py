"""Which enterprises of the target lists are not visited yet: exactly `listed` less `listed_counted` of coverage."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from service.accounts.models import Unit
from service.enterprises.models import Enterprise
from service.kernel.actor import Actor
from service.kernel.errors import fault
from service.kernel.ids import NotAnId, parse_uuid
from service.kernel.pages import Page, PageRequest, page_of
from service.programmes.models import Line, TargetList, TargetListEntry
from service.progress.ledgers import Of, Whose, ledger
from service.progress.queries import Question, Setting, settle


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of which programme, day and unit that is to visit; of one chain (empty: none entered), or assigned to nobody."""

    what: Question
    chain: str | None = None
    unassigned: bool = False
    page: PageRequest = field(default_factory=PageRequest)


@dataclass(frozen=True, slots=True)
class UnitToVisit:
    """A unit right below the city that is to visit an enterprise."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Unvisited:
    """An enterprise without a counted visit in the city; `waits` when one is under review."""

    id: UUID
    name: str
    chain: str | None
    city: str | None
    waits: bool
    units: tuple[UnitToVisit, ...]


def unvisited(session: Session, actor: Actor, wanted: Wanted) -> Page[Unvisited]:
    """The enterprises by name, each once, however many lists and units name it.

    Raises:
        UnknownProgramme, UnknownUnit: there is none such (in scope).
        NotYetKnown, NotKnown: what was known at that time cannot be told.
        Invalid: the cursor is of another list.
    """
    setting = settle(session, actor, wanted.what)
    found = session.execute(_left(setting, wanted)).all()
    page = page_of(found, limit=wanted.page.limit, key=lambda row: (row.name, str(row.id)))
    units = _units(session, setting, [row.id for row in page.items])
    rows = [
        Unvisited(row.id, row.name, row.chain, row.city, row.waits, tuple(units[row.id]))
        for row in page.items
    ]
    return Page(rows, page.next_cursor)


def _left(setting: Setting, wanted: Wanted) -> sa.Select[UUID, str, str | None, str | None, bool]:
    city = ledger(Of(setting.programme.id, Whose.CITY, setting.known))
    of_enterprise = sa.and_(city.c.line == Line.THOUSAND, city.c.subject_id == Enterprise.id)
    is_counted = sa.func.coalesce(city.c.first_counted_on <= setting.as_of, sa.false())
    waits = sa.func.coalesce(city.c.first_pending_on <= setting.as_of, sa.false())
    asked = (
        sa.select(Enterprise.id, Enterprise.name, Enterprise.chain, Enterprise.city, waits.label("waits"))
        .outerjoin(city, of_enterprise)
        .where(
            Enterprise.id.in_(_listed(setting, unassigned=wanted.unassigned)),
            Enterprise.merged_into_id.is_(None),
            sa.not_(is_counted),
        )
        .order_by(Enterprise.name, Enterprise.id)
        .limit(wanted.page.limit + 1)
    )
    if wanted.chain is not None:
        asked = asked.where(sa.func.coalesce(Enterprise.chain, "") == wanted.chain)
    if wanted.page.after:
        asked = asked.where(sa.tuple_(Enterprise.name, Enterprise.id) > _after(wanted.page.after))
    return asked


def _listed(setting: Setting, *, unassigned: bool) -> sa.Select[UUID]:
    listed = (
        sa.select(TargetListEntry.enterprise_id)
        .join(TargetList, TargetList.id == TargetListEntry.list_id)
        .where(TargetList.programme_id == setting.programme.id)
    )
    if unassigned:
        listed = listed.where(TargetListEntry.unit_id.is_(None))
    if setting.unit_id is not None:
        listed = listed.join(Unit, Unit.id == TargetListEntry.unit_id).where(
            Unit.lineage.contains([setting.unit_id])
        )
    return listed


def _after(key: Sequence[str]) -> sa.Tuple:
    try:
        return sa.tuple_(sa.literal(key[0]), sa.literal(parse_uuid(key[1])))
    except NotAnId as error:
        raise fault("/cursor", "分页游标无效", "The cursor is not valid") from error


def _units(session: Session, setting: Setting, ids: Sequence[UUID]) -> dict[UUID, list[UnitToVisit]]:
    """Who is to visit them, seen from the city and within the scope that is asked for, in the order of office."""
    top = aliased(Unit)
    asked = (
        sa.select(TargetListEntry.enterprise_id, top.id, top.name, top.position)
        .distinct()
        .join(TargetList, TargetList.id == TargetListEntry.list_id)
        .join(Unit, Unit.id == TargetListEntry.unit_id)
        .join(top, top.id == sa.func.coalesce(Unit.lineage[2], Unit.id))
        .where(TargetList.programme_id == setting.programme.id, TargetListEntry.enterprise_id.in_(ids))
        .order_by(TargetListEntry.enterprise_id, top.position, top.name, top.id)
    )
    if setting.unit_id is not None:
        asked = asked.where(Unit.lineage.contains([setting.unit_id]))
    units: dict[UUID, list[UnitToVisit]] = defaultdict(list)
    for enterprise_id, unit_id, name, _ in session.execute(asked):
        units[enterprise_id].append(UnitToVisit(unit_id, name))
    return units
