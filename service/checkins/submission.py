"""A check-in as a phone submits it: parsed, typed and frozen; what it proves is in `evidence`."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from service.checkins.models import CheckinKind
from service.submissions.location import Location
from service.submissions.submission import Submission


@dataclass(frozen=True, slots=True)
class Progress:
    """形象进度: how far the site is, in percent and in words."""

    percent: Decimal | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckinSubmission(Submission):
    """The whole body of a check-in's `PUT`."""

    site_id: UUID
    kind: CheckinKind
    at: datetime
    location: Location | None = None
    note: str | None = None
    progress: Progress | None = None
    photo_ids: tuple[UUID, ...] = ()

    @property
    def percent(self) -> Decimal | None:
        """The progress in percent, when it was given."""
        return None if self.progress is None else self.progress.percent
