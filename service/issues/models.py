"""Tables of problems: what was raised, whom it calls, what was done about it, and the office's settings.

::

    issues ──▶ issue_calls    who is called now, as lead or support, and when they reported in
       └─────▶ issue_events   everything that was done, in order; nothing of it is ever changed
    issue_routes              category ▶ departments that are called at once
    issue_clocks              the limits, each setting with its time
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base
from service.submissions.records import RecordColumns


class IssueCategory(StrEnum):
    """What a problem is about; the table of routes has a row for each."""

    WATER = "water"
    POWER = "power"
    GAS = "gas"
    ROAD = "road"
    LAND = "land"
    PERMITS = "permits"
    CONSTRUCTION_ENVIRONMENT = "construction_environment"
    FINANCE = "finance"
    LABOUR = "labour"
    LIVING = "living"
    POLICY = "policy"
    OTHER = "other"


class IssueSeverity(StrEnum):
    """Which limit of 13710 applies: seven days, or a month for what is major or complex."""

    GENERAL = "general"
    MAJOR = "major"


class IssueState(StrEnum):
    """Where a problem is; `workflow` says what leads from one to another."""

    RAISED = "raised"
    CALLED = "called"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    VOIDED = "voided"


GONE_STATES = (IssueState.WITHDRAWN, IssueState.VOIDED)
"""It counts nowhere."""


class EventKind(StrEnum):
    """What somebody did about a problem."""

    ASSIGN = "assign"
    REPORT_IN = "report_in"
    REPLY = "reply"
    RESOLVE = "resolve"
    CONFIRM = "confirm"
    REOPEN = "reopen"
    SUPERVISE = "supervise"
    """督办."""
    EXTEND = "extend"
    ESCALATE = "escalate"
    VOID = "void"


class CallRole(StrEnum):
    """Whether a department leads or supports."""

    LEAD = "lead"
    SUPPORT = "support"


class Level(StrEnum):
    """Who is dealing with it: the departments, or 联席会议."""

    DEPARTMENT = "department"
    JOINT_MEETING = "joint_meeting"


class CountDays(StrEnum):
    """Which days the limits of 13710 count; the sources do not say (`docs/adr/0031`)."""

    CALENDAR = "calendar"
    WORKING = "working"


class Issue(RecordColumns, Base):
    """A problem as its current revision tells it, and as far as it has come. It has no position: the site has one."""

    __tablename__ = "issues"
    __table_args__ = (
        sa.CheckConstraint(
            "site_id IS NOT NULL OR enterprise_id IS NOT NULL", name="is_at_a_site_or_of_an_enterprise"
        ),
        sa.CheckConstraint("duplicate_of <> id", name="is_not_its_own_duplicate"),
        sa.Index("ix_issues_on_day", "on_day", "id"),
        sa.Index("ix_issues_unit_id_on_day", "unit_id", "on_day", "id"),
        sa.Index("ix_issues_raised_by_on_day", "raised_by", "on_day", "id"),
        sa.Index("ix_issues_site_id", "site_id", postgresql_where=sa.text("site_id IS NOT NULL")),
        sa.Index(
            "ix_issues_enterprise_id", "enterprise_id", postgresql_where=sa.text("enterprise_id IS NOT NULL")
        ),
        sa.Index("ix_issues_checkin_id", "checkin_id", postgresql_where=sa.text("checkin_id IS NOT NULL")),
        sa.Index(
            "uq_issues_taken_from_checkin",
            "checkin_id",
            unique=True,
            postgresql_where=sa.text("taken_from_checkin AND state NOT IN ('withdrawn', 'voided')"),
        ),
        sa.Index(
            "ix_issues_open_due_at",
            "due_at",
            "id",
            postgresql_where=sa.text("state IN ('raised', 'called', 'in_progress')"),
        ),
    )

    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    """The raiser's unit on the day, frozen."""
    raised_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    """吹哨人, who confirms; of a problem taken out of a check-in its author, whoever filed it."""
    site_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("sites.id"), default=None)
    enterprise_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("enterprises.id"), default=None)
    checkin_id: Mapped[UUID | None] = mapped_column(default=None)
    """Not a foreign key: the check-in may arrive later."""
    taken_from_checkin: Mapped[bool] = mapped_column(default=False)
    """An office made it out of that check-in, which gives one such problem at most."""
    visit_id: Mapped[UUID | None] = mapped_column(default=None)
    category: Mapped[IssueCategory]
    severity: Mapped[IssueSeverity]
    text: Mapped[str]
    photo_ids: Mapped[list[UUID]]
    raised_at: Mapped[datetime]
    on_day: Mapped[date]
    """The day of `raised_at` in Asia/Shanghai."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(default=None)
    withdrawn_because: Mapped[str | None] = mapped_column(default=None)
    state: Mapped[IssueState]
    lead_unit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("units.id"), default=None, index=True)
    assign_due_at: Mapped[datetime]
    """马上就办: 24:00 of the day on which it arrived."""
    assigned_at: Mapped[datetime | None] = mapped_column(default=None)
    """交办: when departments were first called."""
    feedback_due_at: Mapped[datetime | None] = mapped_column(default=None)
    first_reply_at: Mapped[datetime | None] = mapped_column(default=None)
    """When a lead first replied."""
    due_on: Mapped[date | None] = mapped_column(default=None)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    """24:00 of `due_on`, exclusive."""
    due_working_on: Mapped[date | None] = mapped_column(default=None)
    """The same limit by working days; shown beside."""
    extended_because: Mapped[str | None] = mapped_column(default=None)
    resolved_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    first_try: Mapped[bool] = mapped_column(default=True)
    """It has never been reopened."""
    satisfied: Mapped[bool | None] = mapped_column(default=None)
    """What was said when it was last confirmed."""
    supervisions: Mapped[int] = mapped_column(default=0)
    level: Mapped[Level] = mapped_column(default=Level.DEPARTMENT)
    duplicate_of: Mapped[UUID | None] = mapped_column(sa.ForeignKey("issues.id"), default=None, index=True)


class IssueCall(Base):
    """A department that is or was called to a problem; called again after an end, the row begins anew."""

    __tablename__ = "issue_calls"
    __table_args__ = (sa.Index("ix_issue_calls_unit_id", "unit_id", "issue_id"),)

    issue_id: Mapped[UUID] = mapped_column(sa.ForeignKey("issues.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"), primary_key=True)
    role: Mapped[CallRole]
    called_at: Mapped[datetime]
    report_in_due_at: Mapped[datetime]
    reported_in_at: Mapped[datetime | None] = mapped_column(default=None)
    withdrawn_at: Mapped[datetime | None] = mapped_column(default=None)
    """From then on it is no longer called."""


class IssueEvent(Base):
    """One thing that was done about a problem; it is never changed."""

    __tablename__ = "issue_events"
    __table_args__ = (sa.Index("ix_issue_events_issue_id", "issue_id", "received_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The sender's, so that a resend is known."""
    issue_id: Mapped[UUID] = mapped_column(sa.ForeignKey("issues.id"))
    kind: Mapped[EventKind]
    by_user: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"), index=True)
    by_unit: Mapped[UUID | None] = mapped_column(sa.ForeignKey("units.id"), default=None)
    """For which unit it was done: a called one where one is; the person's own otherwise."""
    at: Mapped[datetime]
    """As the sender says."""
    received_at: Mapped[datetime]
    """What the clock goes by."""
    text: Mapped[str | None] = mapped_column(default=None)
    photo_ids: Mapped[list[UUID]]
    facts: Mapped[dict[str, Any]]
    """What it decided, with the names as they were then."""
    from_state: Mapped[IssueState]
    to_state: Mapped[IssueState]
    sha256: Mapped[str]
    """Over what was sent; the same id with other content is refused."""


class IssueRoute(Base):
    """The departments that a category calls at once."""

    __tablename__ = "issue_routes"

    category: Mapped[IssueCategory] = mapped_column(primary_key=True)
    lead_unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    support_unit_ids: Mapped[list[UUID]]
    set_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    set_at: Mapped[datetime]


class IssueClock(Base):
    """The limits from a moment on; the newest holds, none is ever changed."""

    __tablename__ = "issue_clocks"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    report_in_working_days: Mapped[int]
    feedback_days: Mapped[int]
    general_days: Mapped[int]
    major_months: Mapped[int]
    count_days: Mapped[CountDays]
    yellow_days: Mapped[int]
    """Working days before the limit from which on the light is yellow."""
    escalate_after: Mapped[int]
    """The 督办 that brings a problem before 联席会议."""
    set_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    set_at: Mapped[datetime]
