"""The limits of a programme: set by headquarters, read by every office; each setting stays, with its time.

A limit that is set applies from then on to what is read and decided; flags that a record bears, decisions, reports and
frozen boards keep the limit they were made with.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from service.accounts.models import User
from service.audit import commands as audit
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.errors import Forbidden
from service.programmes.errors import BadLimits
from service.programmes.limits import USUAL, Limits, faults_in, read_limits
from service.programmes.models import Programme, ProgrammeThresholds
from service.programmes.queries import in_force, programme


@dataclass(frozen=True, slots=True)
class ThresholdsShown:
    """A programme's limits; `number` 0 is the usual ones, which nobody has set."""

    programme_id: UUID | None
    number: int
    limits: Limits
    set_by_name: str | None = None
    set_at: datetime | None = None


USUAL_THRESHOLDS = ThresholdsShown(None, 0, USUAL)


def thresholds_of(session: Session, programme_id: UUID, at: datetime | None = None) -> ThresholdsShown:
    """The limits that hold in a programme now, or that held at a moment.

    Raises:
        UnknownProgramme: there is none such.
    """
    programme(session, programme_id)
    found = history(session, programme_id)
    held = [one for one in found if at is None or (one.set_at is not None and one.set_at <= at)]
    return held[0] if held else ThresholdsShown(programme_id, 0, USUAL)


def history(session: Session, programme_id: UUID) -> list[ThresholdsShown]:
    """Every setting of a programme's limits, the newest first."""
    rows = session.execute(
        sa.select(ProgrammeThresholds, User.name)
        .join(User, User.id == ProgrammeThresholds.set_by)
        .where(ProgrammeThresholds.programme_id == programme_id)
        .order_by(ProgrammeThresholds.number.desc())
    )
    return [
        ThresholdsShown(one.programme_id, one.number, read_limits(one.limits), name, one.set_at)
        for one, name in rows
    ]


def thresholds_on(session: Session, day: date, programme_id: UUID | None = None) -> ThresholdsShown:
    """The limits of this programme, else of the one in force on a day, else the usual ones.

    Raises:
        UnknownProgramme: there is none such.
    """
    if programme_id is not None:
        return thresholds_of(session, programme_id)
    running = in_force(session, day)
    return USUAL_THRESHOLDS if running is None else thresholds_of(session, running.id)


def kept_limits(
    day: sa.ColumnElement[date] | InstrumentedAttribute[date],
) -> sa.ScalarSelect[Mapping[str, int] | None]:
    """What is kept of the limits of the programme in force on a day, as a part of a larger query; null is the usual.

    The query around has to correlate it: `.correlate(…)` names the table of `day`.
    """
    running, kept = aliased(Programme), aliased(ProgrammeThresholds)
    return (
        sa.select(kept.limits)
        .select_from(running)
        .outerjoin(kept, kept.programme_id == running.id)
        .where(running.starts_on <= day, running.ends_on >= day)
        .order_by(
            running.closed_at.is_not(None),
            running.starts_on.desc(),
            running.id,
            kept.number.desc().nulls_last(),
        )
        .limit(1)
        .scalar_subquery()
    )


def set_thresholds(
    session: Session, actor: Actor, programme_id: UUID, changed: Mapping[str, int]
) -> ThresholdsShown:
    """Set these limits from now on; those that are not named stay as they are.

    Raises:
        Forbidden: only headquarters sets limits.
        UnknownProgramme: there is none such.
        BadLimits: one lies beyond its bounds, or two contradict each other.
    """
    if not actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        raise Forbidden
    # One setter at a time, so that numbers follow each other.
    session.execute(sa.select(Programme.id).where(Programme.id == programme_id).with_for_update())
    before = thresholds_of(session, programme_id)
    limits = replace(before.limits, **changed)
    faults = faults_in(limits)
    if faults:
        raise BadLimits(faults=faults)
    if limits == before.limits:
        return before
    session.add(
        ProgrammeThresholds(
            programme_id=programme_id,
            number=before.number + 1,
            limits=asdict(limits),
            set_by=actor.person_id,
            set_at=now(),
        )
    )
    told = {
        code: {"from": getattr(before.limits, code), "to": value}
        for code, value in changed.items()
        if value != getattr(before.limits, code)
    }
    audit.record(session, actor, "programme.thresholds", "programme", programme_id, changed=told)
    session.flush()
    return thresholds_of(session, programme_id)
