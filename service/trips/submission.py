"""A trip as a phone or an office submits it: parsed, typed and frozen; what the business makes of it is in `rules`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self
from uuid import UUID

from service.submissions.submission import Submission
from service.trips.models import Half, TripKind


@dataclass(frozen=True, slots=True)
class TripPerson:
    """Somebody of ours who went."""

    name: str
    rank: str | None = None
    user_id: UUID | None = None
    unit_id: UUID | None = None

    @classmethod
    def kept(cls, stored: Mapping[str, Any]) -> Self:
        """Somebody as `as_stored` wrote them."""
        user_id, unit_id = (
            UUID(stored[name]) if stored.get(name) else None for name in ("user_id", "unit_id")
        )
        return cls(stored["name"], stored.get("rank"), user_id, unit_id)

    def as_stored(self) -> dict[str, Any]:
        """As it stands in the trip."""
        return _present(
            name=self.name,
            rank=self.rank,
            user_id=self.user_id and str(self.user_id),
            unit_id=self.unit_id and str(self.unit_id),
        )


@dataclass(frozen=True, slots=True)
class Destination:
    """Where they went; any part may be missing, not all."""

    country: str | None = None
    province: str | None = None
    city: str | None = None

    def as_stored(self) -> dict[str, Any]:
        """As it stands in the trip."""
        return _present(country=self.country, province=self.province, city=self.city)


@dataclass(frozen=True, slots=True)
class Organisation:
    """Somebody they met without a visit of its own: of the register, or by name."""

    name: str | None = None
    enterprise_id: UUID | None = None

    def as_stored(self) -> dict[str, Any]:
        """As it stands in the trip."""
        return _present(name=self.name, enterprise_id=self.enterprise_id and str(self.enterprise_id))


@dataclass(frozen=True, slots=True)
class Days:
    """From a half of one day to a half of another, both included."""

    departs_on: date
    returns_on: date
    departs_half: Half = Half.AM
    returns_half: Half = Half.PM

    @property
    def halves(self) -> int:
        """Half days, exactly: from the morning to the afternoon of one day are two."""
        days = (self.returns_on - self.departs_on).days
        return 2 * days + (self.returns_half is Half.PM) - (self.departs_half is Half.PM) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TripSubmission(Submission):
    """The whole body of a trip's `PUT`."""

    kind: TripKind
    leader: TripPerson
    days: Days
    unit_id: UUID | None = None
    participants: tuple[TripPerson, ...] = ()
    destinations: tuple[Destination, ...] = ()
    campaign: str | None = None
    organisations: tuple[Organisation, ...] = ()
    projects: tuple[str, ...] = ()
    project_count: int | None = None
    intention_count: int | None = None
    result: str | None = None
    remark: str | None = None
    filed_because: str | None = None


def _present(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
