"""Who is to be visited and who is not yet: the register seen from the programme's target lists and ledgers."""

from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.enterprises.models import Enterprise
from service.enterprises.queries import FoundEnterprise
from service.enterprises.search import SearchRequest, search
from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.errors import Invalid, fault
from service.kernel.ids import NotAnId, parse_uuid
from service.kernel.pages import Page, PageRequest
from service.programmes.models import Programme, TargetList, TargetListEntry
from service.programmes.queries import in_force
from service.visits.models import CityLedgerRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which enterprises are asked for: by text, on a target list (by id or name), still without a counted visit."""

    text: str = ""
    target_list: str | None = None
    not_visited: bool = False
    page: PageRequest = field(default_factory=PageRequest)


def find_enterprises(session: Session, actor: Actor, wanted: Wanted) -> Page[FoundEnterprise]:
    """The enterprises that are asked for, best first.

    Who is not yet visited, without a text or a list, is asked of the programme's target lists when it has any.

    Raises:
        Invalid: there is no such list.
    """
    programme = in_force(session, local_date(now()))
    narrowed: list[sa.ColumnElement[bool]] = []
    if wanted.target_list:
        narrowed.append(
            _on_lists(TargetListEntry.list_id == find_list(session, programme, wanted.target_list))
        )
    elif wanted.not_visited and not wanted.text.strip() and programme and _has_lists(session, programme):
        of_programme = sa.select(TargetList.id).where(TargetList.programme_id == programme.id)
        narrowed.append(_on_lists(TargetListEntry.list_id.in_(of_programme)))
    if wanted.not_visited and programme:
        narrowed.append(sa.not_(_visited(programme)))
    among = sa.select(Enterprise.id).where(*narrowed) if narrowed else None
    return search(session, actor, SearchRequest(wanted.text, wanted.page, among))


def find_list(session: Session, programme: Programme | None, named: str) -> UUID:
    """The target list of that id, or of that name in the programme.

    Raises:
        Invalid: there is none.
    """
    try:
        which = TargetList.id == parse_uuid(named.lower())
    except NotAnId:
        which = sa.and_(
            TargetList.name == named, TargetList.programme_id == (programme.id if programme else None)
        )
    found = session.scalar(sa.select(TargetList.id).where(which))
    if found is None:
        raise _no_list(named)
    return found


def _no_list(named: str) -> Invalid:
    return fault("/list", f"没有找到目标企业名单“{named}”", f"There is no target list {named}")


def _has_lists(session: Session, programme: Programme) -> bool:
    return bool(session.scalar(sa.select(sa.exists().where(TargetList.programme_id == programme.id))))


def _on_lists(which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return Enterprise.id.in_(sa.select(TargetListEntry.enterprise_id).where(which))


def _visited(programme: Programme) -> sa.ColumnElement[bool]:
    """The city has a counted visit to it, on either line; the hundred counts a confirmed group."""
    confirmed = sa.and_(
        CityLedgerRow.subject_id == Enterprise.group_id, Enterprise.group_confirmed_at.is_not(None)
    )
    return sa.exists().where(
        CityLedgerRow.programme_id == programme.id,
        CityLedgerRow.counted > 0,
        sa.or_(CityLedgerRow.subject_id == Enterprise.id, confirmed),
    )
