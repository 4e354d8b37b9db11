"""Making, changing and closing a programme. Visits are counted again by who calls these, a floor above."""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.errors import Forbidden, fault
from service.kernel.ids import uuid7
from service.programmes import queries
from service.programmes.errors import ProgrammeClosed
from service.programmes.models import CountingPolicy, ElapsedBy, Programme, ThousandScope

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


@dataclass(frozen=True, slots=True)
class ProgrammeChanges:
    """The fields of a programme to change, by name."""

    fields: dict[str, Any] = field(default_factory=dict)


def create_programme(session: Session, actor: Actor, what: NewProgramme) -> Programme:
    """A new programme, open from now on.

    Raises:
        Forbidden: only headquarters makes programmes.
        Invalid: it ends before it starts.
    """
    _refuse_unless_headquarters(actor)
    _check_dates(what.starts_on, what.ends_on)
    facts = asdict(what) | {
        "counted_modes": list(what.counted_modes),
        "top500_lists": list(what.top500_lists),
    }
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
    """
    programme = open_programme(session, actor, programme_id)
    before = {name: getattr(programme, name) for name in what.fields}
    changed = {name: value for name, value in what.fields.items() if before[name] != value}
    if not changed:
        return frozenset()
    _check_dates(changed.get("starts_on", programme.starts_on), changed.get("ends_on", programme.ends_on))
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


def _check_dates(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise fault("/ends_on", "结束日期不能早于开始日期", "It must not end before it starts")
