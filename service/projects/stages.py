"""The stages a project reached, each with its day; what was before the history began is told by its first entry."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import User
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.projects.models import Project, ProjectStage, ProjectStageChange

COMPLETED_STAGES = frozenset({ProjectStage.COMPLETED, ProjectStage.PRODUCING, ProjectStage.AT_CAPACITY})
STARTED_STAGES = COMPLETED_STAGES | {ProjectStage.STARTED}


@dataclass(frozen=True, slots=True)
class StageChangeRow:
    """A stage reached on a day; `stage_before` is None for the one a project was entered with.

    Where both are the same, the day was put right.
    """

    number: int
    stage_before: ProjectStage | None
    stage: ProjectStage
    reached_on: date
    set_at: datetime
    set_by_name: str | None


def note_stage(
    session: Session,
    project: Project,
    before: ProjectStage | None,
    *,
    reached_on: date | None = None,
    by: UUID | None,
) -> None:
    """Add the stage a project has to its history, reached today unless a day is told; the caller holds and records it."""
    last = session.scalar(
        sa.select(sa.func.max(ProjectStageChange.number)).where(ProjectStageChange.project_id == project.id)
    )
    at = now()
    session.add(
        ProjectStageChange(
            project_id=project.id,
            number=(last or 0) + 1,
            stage_before=before,
            stage=project.stage,
            reached_on=reached_on or local_date(at),
            set_by=by,
            set_at=at,
        )
    )


def last_reached_on(session: Session, project_id: UUID) -> date | None:
    """The day on which the project reached the stage it has, as its history tells."""
    return session.scalar(
        sa.select(ProjectStageChange.reached_on)
        .where(ProjectStageChange.project_id == project_id)
        .order_by(ProjectStageChange.number.desc())
        .limit(1)
    )


def stage_changes(session: Session, project_id: UUID) -> list[StageChangeRow]:
    """The history of a project that the caller has found in scope, the newest first."""
    rows = session.execute(
        sa.select(ProjectStageChange, User.name)
        .outerjoin(User, User.id == ProjectStageChange.set_by)
        .where(ProjectStageChange.project_id == project_id)
        .order_by(ProjectStageChange.number.desc())
    )
    return [
        StageChangeRow(one.number, one.stage_before, one.stage, one.reached_on, one.set_at, name)
        for one, name in rows
    ]
