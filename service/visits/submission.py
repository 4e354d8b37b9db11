"""A visit as a phone submits it: parsed, typed and frozen; what the business makes of it is in `rules`."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from service.enterprises.models import EnterpriseKind
from service.submissions.location import Location
from service.submissions.submission import Submission
from service.visits.models import Intention, VisitMode


@dataclass(frozen=True, slots=True)
class FreeEnterprise:
    """An enterprise that is not in the phone's roster; headquarters matches it later."""

    name: str
    credit_code: str | None = None
    kind: EnterpriseKind | None = None
    city: str | None = None

    def as_stored(self) -> dict[str, Any]:
        """As it stands in the visit, also after it is matched."""
        return present(
            name=self.name, credit_code=self.credit_code, kind=self.kind and self.kind.value, city=self.city
        )


@dataclass(frozen=True, slots=True)
class Leader:
    """带队领导."""

    name: str
    rank: str | None = None

    def as_stored(self) -> dict[str, Any]:
        """As it stands in the visit."""
        return present(name=self.name, rank=self.rank)


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody of ours who was there."""

    name: str
    user_id: UUID | None = None
    rank: str | None = None

    def as_stored(self) -> dict[str, Any]:
        """As it stands in the visit."""
        return present(name=self.name, user_id=self.user_id and str(self.user_id), rank=self.rank)


@dataclass(frozen=True, slots=True)
class Host:
    """Somebody of theirs who received us."""

    name: str
    title: str | None = None
    phone: str | None = None

    def as_stored(self) -> dict[str, Any]:
        """As it stands in the visit."""
        return present(name=self.name, title=self.title, phone=self.phone)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitSubmission(Submission):
    """The whole body of a visit's `PUT`."""

    visited_at: datetime
    mode: VisitMode
    enterprise_id: UUID | None = None
    free_enterprise: FreeEnterprise | None = None
    ended_at: datetime | None = None
    method: str | None = None
    place: str | None = None
    location: Location | None = None
    led_by: Leader | None = None
    participants: tuple[Participant, ...] = ()
    hosts: tuple[Host, ...] = ()
    summary: str | None = None
    intention: Intention | None = None
    amount_wan: Decimal | None = None
    next_step: str | None = None
    next_on: date | None = None
    trip_id: UUID | None = None
    joint_unit_ids: tuple[UUID, ...] = ()
    visitor_id: UUID | None = None
    photo_ids: tuple[UUID, ...] = ()


def present(**facts: Any) -> dict[str, Any]:
    """The facts that are there."""
    return {name: value for name, value in facts.items() if value is not None}
