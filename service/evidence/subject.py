"""What is known of a record when it is checked: frozen facts, gathered before and read by every check."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from service.kernel.geo import Fence, Point
from service.photos.models import PhotoSource, PhotoState
from service.programmes.limits import USUAL, Limits
from service.submissions.clocks import CaptureView
from service.submissions.location import Location
from service.submissions.models import RecordType


@dataclass(frozen=True, slots=True)
class RecordNamed:
    """Another record, as a reviewer may open it."""

    type: RecordType
    id: UUID
    number: str
    unit_name: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo that the record names; all but the id is None until it was announced."""

    id: UUID
    state: PhotoState | None
    source: PhotoSource | None
    facts: Mapping[str, Any] | None

    @property
    def has_arrived(self) -> bool:
        """Whether its bytes are here."""
        return self.state is not None and self.state is not PhotoState.EXPECTED


@dataclass(frozen=True, slots=True)
class Sighting:
    """A picture of the record was seen before, in another record; `bits` of 64 differ, None says the same bytes."""

    photo_id: UUID
    other_photo_id: UUID
    record: RecordNamed
    bits: int | None
    is_of_same_site: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """Where the same person was before, and until when."""

    record: RecordNamed
    until: datetime
    at: Point
    accuracy_m: float


@dataclass(frozen=True, slots=True)
class OtherVisit:
    """Another team's visit to the same enterprise not long before."""

    record: RecordNamed
    days: int


@dataclass(frozen=True, slots=True)
class Subject:
    """A record and what it is checked against; what does not exist, or does not apply, is None or empty."""

    type: RecordType
    id: UUID
    rev: int
    unit_id: UUID
    at: datetime
    ended_at: datetime | None
    capture: CaptureView
    received_at: datetime
    location: Location | None
    is_coarse: bool = False
    """The position has grown coarse with age: nothing is measured from it any more."""
    enterprise: Point | None = None
    """Where the visited enterprise is registered, if the visit was paid there."""
    fence: Fence | None = None
    """The site's, of a check-in."""
    is_elsewhere: bool = False
    """A reception, an event, or a meeting online: it does not happen at the enterprise."""
    flags: tuple[Mapping[str, Any], ...] = ()
    pictures: tuple[Picture, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    before: Before | None = None
    others: tuple[OtherVisit, ...] = ()
    limits: Limits = USUAL
    """Of the programme in force on the record's day, as they are now."""

    def flagged(self, *codes: str) -> tuple[Mapping[str, Any], ...]:
        """The flags of these codes that the record bears."""
        return tuple(flag for flag in self.flags if flag.get("code") in codes)
