"""The least project, site, station and assignment; a test names the facts it is about."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.checkins.models import Checkin, CheckinKind
from service.kernel.actor import Actor
from service.kernel.calendar import SHANGHAI, local_date
from service.kernel.clock import now
from service.kernel.datum import Datum
from service.projects.assigning import NewAssignment, NewStation, assign, open_station
from service.projects.commands import NewProject, NewSite, open_project, open_site
from service.projects.fence import FenceAsGiven
from service.projects.models import Assignment, Duty, FenceKind, Project, Site, Station
from service.submissions.models import RecordRevision, RecordType

LIAOCHENG = (36.456684, 115.985389)
"""WGS-84; GCJ-02 says 36.45677164, 115.99106937 of the same place, 509 m to the east."""
LIAOCHENG_GCJ02 = (36.45677164, 115.99106937)
LONG_AGO = date(2020, 1, 1)
HOUSE = Actor.system()


def circle(centre: tuple[float, float] = LIAOCHENG, radius_m: float = 300.0) -> FenceAsGiven:
    return FenceAsGiven(FenceKind.CIRCLE, Datum.WGS84, (centre,), radius_m)


def square(centre: tuple[float, float] = LIAOCHENG, half_degrees: float = 0.002) -> FenceAsGiven:
    """About 440 m from south to north and 360 m from west to east."""
    (lat, lng), half = centre, half_degrees
    corners = (
        (lat - half, lng - half),
        (lat - half, lng + half),
        (lat + half, lng + half),
        (lat + half, lng - half),
    )
    return FenceAsGiven(FenceKind.POLYGON, Datum.WGS84, corners)


def add_project(session: Session, unit: Unit, name: str = "铜铝精深加工项目", **facts: Any) -> Project:
    return open_project(session, HOUSE, NewProject(name=name, unit_id=unit.id, **facts))


def add_site(session: Session, unit: Unit, name: str = "一号工地", **facts: Any) -> Site:
    """A circle of 300 m in Liaocheng unless the test says otherwise."""
    return open_site(session, HOUSE, NewSite(name=name, unit_id=unit.id, **({"fence": circle()} | facts)))


def add_station(session: Session, unit: Unit, site: Site, name: str = "驻点办公室") -> Station:
    return open_station(session, HOUSE, NewStation(name=name, unit_id=unit.id, site_id=site.id))


def add_assignment(session: Session, person: Actor, site: Site, **facts: Any) -> Assignment:
    """Site commissioner for ever, unless the test says otherwise."""
    usual = {"duty": Duty.SITE_COMMISSIONER, "from_on": LONG_AGO}
    new = NewAssignment(user_id=person.person_id, site_id=site.id, **(usual | facts))
    return assign(session, HOUSE, new)


def add_checkin(session: Session, by: Actor, site: Site, at: datetime, **facts: Any) -> Checkin:
    """A check-in that waits for its review, as its phone sent it at that moment."""
    checkin_id = facts.pop("id", None) or uuid4()
    usual = {
        "rev": 1,
        "number": f"LC-{checkin_id}",
        "unit_id": by.unit_id,
        "user_id": by.person_id,
        "site_id": site.id,
        "kind": CheckinKind.ARRIVE,
        "at": at,
        "on_day": local_date(at),
        "photo_ids": [],
        "flags": [],
        "captured_at": at,
        "received_at": at,
        "updated_at": at,
    }
    checkin = Checkin(id=checkin_id, **(usual | facts))
    session.add(checkin)
    session.add(
        RecordRevision(
            record_id=checkin_id,
            rev=checkin.rev,
            record_type=RecordType.CHECKIN,
            sha256="0" * 64,
            body={},
            author_id=by.person_id,
            received_at=checkin.received_at,
        )
    )
    session.flush()
    return checkin


def checkin_body(site: Site, **facts: Any) -> dict[str, Any]:
    """A service record of just now without a place; a fact that is None is left out."""
    moment = now().astimezone(SHANGHAI).isoformat(timespec="seconds")
    usual = {"site_id": str(site.id), "kind": "service", "at": moment, "captured_at": moment}
    return {name: value for name, value in (usual | facts).items() if value is not None}


def location_at(place: tuple[float, float] = LIAOCHENG, **facts: Any) -> dict[str, Any]:
    """A good GPS fix."""
    return {
        "lat": place[0],
        "lng": place[1],
        "datum": "wgs84",
        "accuracy_m": 10.0,
        "source": "gps",
    } | facts
