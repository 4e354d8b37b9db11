"""The limits of project lights: set by headquarters, read by every office; each setting stays, with its time.

Lights are lit anew whenever somebody looks, by the limits of now; every light names the setting that lit it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import User
from service.audit import commands as audit
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.errors import Forbidden, Invalid
from service.projects.light_limits import USUAL, LightLimits, faults_in_light_limits, read_light_limits
from service.projects.models import ProjectLightLimits

_SETTING = 5_190_221_029
"""The advisory lock of those who set limits, so that numbers follow each other."""


@dataclass(frozen=True, slots=True)
class LightLimitsShown:
    """The limits of project lights; `number` 0 is the usual ones, which nobody has set."""

    number: int
    limits: LightLimits
    set_by_name: str | None = None
    set_at: datetime | None = None


def light_limits(session: Session) -> LightLimitsShown:
    """The limits that hold now."""
    found = _settings(session, 1)
    return found[0] if found else LightLimitsShown(0, USUAL)


def light_limits_history(session: Session) -> list[LightLimitsShown]:
    """Every setting, the newest first."""
    return _settings(session, None)


def set_light_limits(session: Session, actor: Actor, changed: Mapping[str, int]) -> LightLimitsShown:
    """Set these limits from now on; those that are not named stay as they are.

    Raises:
        Forbidden: only headquarters sets limits.
        Invalid: one lies beyond its bounds, or two contradict each other.
    """
    if not actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        raise Forbidden
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(_SETTING)))
    before = light_limits(session)
    limits = replace(before.limits, **changed)
    faults = faults_in_light_limits(limits)
    if faults:
        raise Invalid(faults=faults)
    if limits == before.limits:
        return before
    number = before.number + 1
    session.add(
        ProjectLightLimits(number=number, limits=asdict(limits), set_by=actor.person_id, set_at=now())
    )
    told = {
        code: {"from": getattr(before.limits, code), "to": value}
        for code, value in changed.items()
        if value != getattr(before.limits, code)
    }
    audit.record(session, actor, "project.light_limits", "project_light_limits", str(number), changed=told)
    session.flush()
    return light_limits(session)


def _settings(session: Session, most: int | None) -> list[LightLimitsShown]:
    rows = session.execute(
        sa.select(ProjectLightLimits, User.name)
        .join(User, User.id == ProjectLightLimits.set_by)
        .order_by(ProjectLightLimits.number.desc())
        .limit(most)
    )
    return [
        LightLimitsShown(one.number, read_light_limits(one.limits), name, one.set_at) for one, name in rows
    ]
