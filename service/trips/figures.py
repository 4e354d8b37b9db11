"""What trips come to: 次, 人次, 人数, 天, 人天, 家, 家次 and 个, each for itself and exact. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from service.trips.models import TripKind
from service.trips.organisations import Met


@dataclass(frozen=True, slots=True)
class Gone:
    """A trip as far as it is counted."""

    id: UUID
    unit_id: UUID
    kind: TripKind
    leader_name: str
    leader_rank: str | None
    leader_id: UUID | None
    campaign: str | None
    regions: tuple[str, ...]
    departs_on: date
    halves: int
    accounts: tuple[UUID | None, ...]
    """The account of each who went, the leader included; None for those without."""
    leaders: int
    """How many of them are 副处级 or above, by their rank on the trip."""
    projects: int


@dataclass(frozen=True, slots=True)
class TripFigures:
    """Figures that never stand for each other: a trip of two people and three days is 1, 2, 3 and 6."""

    trips: int
    """次."""
    person_times: int
    """人次: everybody on every trip."""
    leader_times: int
    """领导人次: leaders on every trip, whoever led it."""
    people: int
    """人数: distinct accounts among them."""
    without_account: int
    """人次 of those who cannot be told apart, for want of an account."""
    days: Decimal
    """天: of the trips."""
    person_days: Decimal
    """人天: days times people, trip by trip."""
    organisations: int
    """家: distinct over all these trips, visited or listed."""
    organisations_approved: int
    """家 among them with an approved visit."""
    visits: int
    """家次: visits paid."""
    visits_approved: int
    projects: int
    """个: projects discussed, as told trip by trip."""


def figures(trips: Sequence[Gone], met: Mapping[UUID, Sequence[Met]]) -> TripFigures:
    """The figures of these trips."""
    seen = [one for trip in trips for one in met.get(trip.id, ())]
    accounts = [account for trip in trips for account in trip.accounts]
    paid = [one for one in seen if one.visit is not None]
    approved = [one for one in paid if one.visit is not None and one.visit.is_approved]
    return TripFigures(
        trips=len(trips),
        person_times=len(accounts),
        leader_times=sum(trip.leaders for trip in trips),
        people=len({account for account in accounts if account is not None}),
        without_account=accounts.count(None),
        days=_days(trip.halves for trip in trips),
        person_days=_days(trip.halves * len(trip.accounts) for trip in trips),
        organisations=len({one.key for one in seen}),
        organisations_approved=len({one.key for one in approved}),
        visits=len(paid),
        visits_approved=len(approved),
        projects=sum(trip.projects for trip in trips),
    )


def _days(halves: Iterable[int]) -> Decimal:
    return Decimal(sum(halves)) / 2


def shown_days(days: Decimal) -> str:
    """Days as an office writes them: `3`, `2.5`."""
    return format(days.normalize(), "f") if days else "0"


def as_facts(what: TripFigures) -> dict[str, Any]:
    """The figures by name."""
    return {name: getattr(what, name) for name in TripFigures.__slots__}
