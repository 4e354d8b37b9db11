"""The least trip that an office files, and one that the database takes; a test names the facts it is about."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.calendar import SHANGHAI
from service.kernel.clock import now
from service.kernel.ids import uuid7
from service.submissions.sent import Sent
from service.trips.commands import submit_trip
from service.trips.models import TripKind
from service.trips.submission import Days, TripPerson, TripSubmission


def filing(**facts: Any) -> dict[str, Any]:
    """A trip of today, as an office's browser sends it; a fact that is None is left out."""
    today = now().astimezone(SHANGHAI).date().isoformat()
    usual = {"leader": {"name": "李区长", "rank": "county"}, "departs_on": today, "returns_on": today}
    return {name: value for name, value in (usual | facts).items() if value is not None}


def trip_body(**facts: Any) -> dict[str, Any]:
    """The same, as a phone sends it."""
    return filing(**facts) | {"captured_at": now().astimezone(SHANGHAI).isoformat(timespec="seconds")}


def add_trip(
    session: Session,
    person: Actor,
    departs_on: date,
    returns_on: date | None = None,
    *,
    leader: TripPerson | None = None,
    kind: TripKind = TripKind.OUTING,
    **facts: Any,
) -> UUID:
    """A trip that this person filed."""
    trip_id = uuid7()
    what = TripSubmission(
        sent=Sent.of({"id": str(trip_id)}),
        kind=kind,
        leader=leader or TripPerson("李区长", "county"),
        days=facts.pop("days", None) or Days(departs_on, returns_on or departs_on),
        captured_at=now(),
        **facts,
    )
    submit_trip(session, person, trip_id, what)
    return trip_id
