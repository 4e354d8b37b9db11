"""What a report is asked for: its kind, its days, the moment it is known at, and the event it counts down to."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from service.kernel.calendar import Period
from service.progress.queries import Question
from service.reports.models import Event, ReportKind

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """One issue of a report, before its figures are taken."""

    kind: ReportKind
    programme_id: UUID
    period: Period
    as_of: date
    known_at: datetime
    event: Event | None = None

    @property
    def question(self) -> Question:
        """What the dashboard's queries are asked for it."""
        return Question(self.programme_id, self.as_of, known_at=self.known_at)

    @property
    def until_on(self) -> date:
        """The day after the last that is looked at."""
        return min(self.period.end_on, self.as_of + _DAY)
