"""Making, changing and closing a programme. Visits are counted again by who calls these, a floor above."""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.errors import Forbidden, fault
from service.kernel.ids import uuid7
from service.programmes import queries
from service.programmes.errors import ProgrammeClosed, ProgrammeNotEmpty, ProgrammeOverlaps
from service.programmes.models import (
    CountingPolicy,
    ElapsedBy,
    Programme,
    Target,
    TargetList,
    TargetListEntry,
    ThousandScope,
)

PROGRAMME = "programme"
TOP500_LISTS = ("fortune_global_500", "china_500", "china_private_500")
"""三类500强: the world's, China's, and China's private companies'."""

COUNTING_RULES = frozenset(
    {
        "starts_on",
        "ends_on",
        "counting_policy",
        "thousand_scope",
        "hundred_within_thousand",
        "counted_modes",
        "top500_lists",
    }
)
"""Fields on which it depends whether a visit counts."""


@dataclass(frozen=True, slots=True)
class NewProgramme:
    """A programme to make; its rules have the usual defaults."""

    name: str
    year: int
    starts_on: date
    ends_on: date
    counted_modes: tuple[str, ...]
    counting_policy: CountingPolicy = CountingPolicy.APPROVED
    thousand_scope: ThousandScope = ThousandScope.LISTED
    hundred_within_thousand: bool = True
    elapsed_by: ElapsedBy = ElapsedBy.DAYS
    top500_lists: tuple[str, ...] = TOP500_LISTS
    allow_overlap: bool = False
    """Whether another open programme of the same year may cover some of its days."""


@dataclass(frozen=True, slots=True)
class ProgrammeChanges:
    """The fields of a programme to change, by name."""

    fields: dict[str, Any] = field(default_factory=dict)
    allow_overlap: bool = False


class Days(NamedTuple):
    """The year of a programme and its days, the last included."""

    year: int
    starts_on: date
    ends_on: date


_DAYS = Days._fields


def create_programme(session: Session, actor: Actor, what: NewProgramme) -> Programme:
    """A new programme, open from now on.

    Raises:
        Forbidden: only headquarters makes programmes.
        Invalid: it ends before it starts.
        ProgrammeOverlaps: an open programme of the same year covers some of its days.
    """
    _refuse_unless_headquarters(actor)
    _check_dates(what.starts_on, what.ends_on)
    if not what.allow_overlap:
        _refuse_overlap(session, Days(what.year, what.starts_on, what.ends_on))
    facts = asdict(what) | {
        "counted_modes": list(what.counted_modes),
        "top500_lists": list(what.top500_lists),
    }
    del facts["allow_overlap"]
    made = Programme(id=uuid7(), created_at=now(), **facts)
    session.add(made)
    session.flush()
    audit.record(session, actor, "programme.create", PROGRAMME, made.id, **facts)
    return made


def amend_programme(
    session: Session, actor: Actor, programme_id: UUID, what: ProgrammeChanges
) -> frozenset[str]:
    """Change a programme's fields; answers the names of those that really changed.

    Raises:
        UnknownProgramme, ProgrammeClosed: it cannot be changed.
        Invalid: it would end before it starts.
        ProgrammeOverlaps: its new days are those of another open programme of the same year.
    """
    programme = open_programme(session, actor, programme_id)
    before = {name: getattr(programme, name) for name in what.fields}
    changed = {name: value for name, value in what.fields.items() if before[name] != value}
    if not changed:
        return frozenset()
    days = Days(*(changed.get(name, getattr(programme, name)) for name in _DAYS))
    _check_dates(days.starts_on, days.ends_on)
    if not what.allow_overlap and changed.keys() & set(_DAYS):
        _refuse_overlap(session, days, beside=programme.id)
    for name, value in changed.items():
        setattr(programme, name, value)
    session.flush()
    audit.record(
        session,
        actor,
        "programme.amend",
        PROGRAMME,
        programme.id,
        before={name: before[name] for name in changed},
        after=changed,
    )
    return frozenset(changed)


def close_programme(session: Session, actor: Actor, programme_id: UUID) -> Programme:
    """Its rules, targets and lists stay as they are from now on; its records can still be reviewed.

    Raises:
        UnknownProgramme, ProgrammeClosed: it cannot be closed.
    """
    programme = open_programme(session, actor, programme_id)
    programme.closed_at = now()
    audit.record(session, actor, "programme.close", PROGRAMME, programme.id)
    return programme


def delete_programme(session: Session, actor: Actor, programme_id: UUID) -> None:
    """An open programme without targets and target enterprises is gone, with its empty target lists.

    Whether visits are credited to it is asked a floor above.

    Raises:
        UnknownProgramme, ProgrammeClosed, ProgrammeNotEmpty: it cannot be deleted.
    """
    programme = open_programme(session, actor, programme_id)
    lists = sa.select(TargetList.id).where(TargetList.programme_id == programme.id)
    has_targets = sa.exists().where(Target.programme_id == programme.id)
    has_entries = sa.exists().where(TargetListEntry.list_id.in_(lists))
    if session.scalar(sa.select(sa.or_(has_targets, has_entries))):
        raise ProgrammeNotEmpty
    session.execute(sa.delete(TargetList).where(TargetList.programme_id == programme.id))
    audit.record(session, actor, "programme.delete", PROGRAMME, programme.id, name=programme.name)
    session.delete(programme)
    session.flush()


def open_programme(session: Session, actor: Actor, programme_id: UUID) -> Programme:
    """A programme that this actor may change, locked.

    Raises:
        Forbidden: only headquarters changes programmes, their targets and lists.
        UnknownProgramme, ProgrammeClosed: there is none, or it is closed.
    """
    _refuse_unless_headquarters(actor)
    programme = queries.programme(session, programme_id)
    session.refresh(programme, with_for_update={"key_share": True})
    if programme.closed_at is not None:
        raise ProgrammeClosed
    return programme


def _refuse_unless_headquarters(actor: Actor) -> None:
    if actor.user_id is not None and not actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        raise Forbidden


def _refuse_overlap(session: Session, days: Days, beside: UUID | None = None) -> None:
    # Two that are made at once must not miss each other; readers and targets are not held up.
    session.execute(sa.text("LOCK TABLE programmes IN SHARE ROW EXCLUSIVE MODE"))
    other = session.scalar(
        sa.select(Programme)
        .where(
            Programme.closed_at.is_(None),
            Programme.year == days.year,
            Programme.starts_on <= days.ends_on,
            Programme.ends_on >= days.starts_on,
            sa.true() if beside is None else Programme.id != beside,
        )
        .order_by(Programme.starts_on, Programme.id)
        .limit(1)
    )
    if other is not None:
        raise ProgrammeOverlaps(other)


def _check_dates(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise fault("/ends_on", "结束日期不能早于开始日期", "It must not end before it starts")
