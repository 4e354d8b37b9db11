"""A file of enterprises goes into the register and onto a target list or an edition, and counts from then on."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session

from service.enterprises import importing, lists
from service.enterprises.import_reports import ImportReport
from service.enterprises.importing import ImportOrder
from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.errors import Invalid, fault
from service.programmes.models import Programme, TargetList
from service.programmes.queries import in_force, programme
from service.programmes.target_lists import Entry
from service.visits import consequences
from service.visits.unvisited import find_list


@dataclass(frozen=True, slots=True)
class ListedImport:
    """A file of enterprises, and the lists its rows are put on.

    `target_list` is an id, or a name within the programme, by default the one in force; `edition` is `CODE:YEAR`.
    """

    order: ImportOrder
    target_list: str | None = None
    programme_id: UUID | None = None
    edition: str | None = None


def rehearse_import(session: Session, actor: Actor, wanted: ListedImport) -> ImportReport:
    """What `import_listed` would answer now; nothing is written."""
    _target(session, wanted)
    return importing.rehearse_import(session, actor, _order(session, wanted))


def import_listed(session: Session, actor: Actor, wanted: ListedImport) -> ImportReport:
    """The register and the lists with the rows of the file; visits to them count as it is now.

    Raises:
        Invalid: the file is no table, or there is no such list or edition.
    """
    target = _target(session, wanted)
    report = consequences.import_enterprises(session, actor, _order(session, wanted))
    if target:
        entries = [Entry(draft.id, draft.unit_id) for draft in report.drafts]
        consequences.put_on_target_list(session, actor, target.programme_id, target.id, entries)
    return report


def _order(session: Session, wanted: ListedImport) -> ImportOrder:
    if not wanted.edition:
        return wanted.order
    code, _, year = wanted.edition.rpartition(":")
    is_year = year.isascii() and year.isdecimal() and len(year) == 4
    edition_id = lists.find_edition(session, code, int(year)) if is_year else None
    if edition_id is None:
        raise _no_edition(wanted.edition)
    return replace(wanted.order, edition_id=edition_id)


def _no_edition(named: str) -> Invalid:
    return fault(
        "/edition",
        f"没有找到榜单“{named}”，应写作 榜单代码:年份，并先建立该版榜单",
        f"There is no edition {named}; write CODE:YEAR and create it first",
    )


def _target(session: Session, wanted: ListedImport) -> TargetList | None:
    if not wanted.target_list:
        return None
    within = _programme(session, wanted.programme_id)
    return session.get_one(TargetList, find_list(session, within, wanted.target_list))


def _programme(session: Session, programme_id: UUID | None) -> Programme | None:
    return programme(session, programme_id) if programme_id else in_force(session, local_date(now()))
