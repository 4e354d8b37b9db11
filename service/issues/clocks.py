"""The limits of 13710 as the office has set them; each setting stays, with its time."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import User
from service.audit import commands as audit
from service.issues.clock import USUAL, ClockSetting
from service.issues.errors import BadClock
from service.issues.models import CountDays, IssueClock
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.errors import Fault, Forbidden

BOUNDS = {
    "report_in_working_days": (1, 30),
    "feedback_days": (1, 60),
    "general_days": (1, 366),
    "major_months": (1, 24),
    "yellow_days": (0, 60),
    "escalate_after": (1, 100),
}
"""The least and the most of each limit."""


@dataclass(frozen=True, slots=True)
class ClockShown:
    """The limits from a moment on; `number` 0 is the usual ones, which nobody has set."""

    number: int
    setting: ClockSetting
    set_by_name: str | None = None
    set_at: datetime | None = None


def clock_in_force(session: Session) -> ClockShown:
    """The limits that hold now."""
    newest = session.execute(_settings().limit(1)).one_or_none()
    return ClockShown(0, USUAL) if newest is None else _shown(newest)


def clock_history(session: Session) -> list[ClockShown]:
    """Every setting, the newest first."""
    return [_shown(row) for row in session.execute(_settings())]


def set_clock(session: Session, actor: Actor, changed: Mapping[str, Any]) -> ClockShown:
    """Set these limits from now on; those not named stay, and what is due already stays due as it was.

    Raises:
        Forbidden: only headquarters sets them.
        BadClock: one lies beyond its bounds.
    """
    if not actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        raise Forbidden
    # One setter at a time, so that numbers follow each other.
    session.execute(sa.text("LOCK TABLE issue_clocks IN SHARE ROW EXCLUSIVE MODE"))
    before = clock_in_force(session)
    setting = replace(before.setting, **changed)
    faults = _faults_in(setting)
    if faults:
        raise BadClock(faults=faults)
    if setting == before.setting:
        return before
    facts = asdict(setting) | {"count_days": CountDays(setting.count_days)}
    session.add(IssueClock(number=before.number + 1, set_by=actor.person_id, set_at=now(), **facts))
    session.flush()
    audit.record(
        session,
        actor,
        "issue.set_clock",
        "issue_clock",
        str(before.number + 1),
        before=asdict(before.setting),
        after=asdict(setting),
    )
    return clock_in_force(session)


def _settings() -> sa.Select[IssueClock, str]:
    return (
        sa.select(IssueClock, User.name)
        .join(User, User.id == IssueClock.set_by)
        .order_by(IssueClock.number.desc())
    )


def _shown(row: sa.Row[IssueClock, str]) -> ClockShown:
    kept, name = row
    setting = ClockSetting(
        report_in_working_days=kept.report_in_working_days,
        feedback_days=kept.feedback_days,
        general_days=kept.general_days,
        major_months=kept.major_months,
        count_days=kept.count_days,
        yellow_days=kept.yellow_days,
        escalate_after=kept.escalate_after,
    )
    return ClockShown(kept.number, setting, name, kept.set_at)


def _faults_in(setting: ClockSetting) -> list[Fault]:
    return [
        Fault(f"/{name}", f"应在 {least} 到 {most} 之间", f"It lies between {least} and {most}")
        for name, (least, most) in BOUNDS.items()
        if not least <= getattr(setting, name) <= most
    ]
