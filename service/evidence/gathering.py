"""What records are checked against, gathered for a whole page in a fixed number of statements.

::

    records ─┬─▶ where the person was before          ┐
             ├─▶ other teams at the enterprise        ├─▶ one `Subject` a record
             ├─▶ their photos ─▶ same bytes, alike ─▶ the records that claim those ┘
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from service.checkins.models import Checkin
from service.enterprises.models import Enterprise
from service.evidence.sightings import pictures_of, sightings_of
from service.evidence.subject import Before, OtherVisit, RecordNamed, Subject
from service.kernel.calendar import SHANGHAI
from service.kernel.datum import Datum
from service.kernel.geo import Point
from service.kernel.together import Question, together
from service.programmes.limits import read_limits
from service.programmes.thresholds import kept_limits
from service.projects.fence import fence_of
from service.projects.models import Site
from service.submissions.location import REDUCED, Location, LocationSource
from service.submissions.models import RecordType
from service.visits.models import Visit, VisitMode

STATEMENTS_A_PAGE = 7
"""How many statements `visits` or `checkins` send at most, however many records they are asked about."""
SPEED_HOURS = 24
"""Where somebody was a day ago says nothing about their speed."""
__all__ = ["STATEMENTS_A_PAGE", "checkins", "visits"]


def visits(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, Subject]:
    """These visits with all that they are checked against."""
    ids = list(visit_ids)
    if not ids:
        return {}
    rows = session.execute(_VISITS, {"ids": ids}).all()
    subjects = {row.Visit.id: _visit(row) for row in rows}
    farthest = max((subject.limits.other_team_days for subject in subjects.values()), default=0)
    before, others = together(
        session,
        Question(_BEFORE, {"ids": ids, "type": RecordType.VISIT.value}),
        Question(_OTHERS, {"ids": ids, "days": farthest}),
    )
    return _complete(session, subjects, before, others, {})


def checkins(session: Session, checkin_ids: Collection[UUID]) -> dict[UUID, Subject]:
    """These check-ins with all that they are checked against."""
    ids = list(checkin_ids)
    if not ids:
        return {}
    rows = session.execute(_CHECKINS, {"ids": ids}).all()
    subjects = {row.Checkin.id: _checkin(row) for row in rows}
    (before,) = together(session, Question(_BEFORE, {"ids": ids, "type": RecordType.CHECKIN.value}))
    return _complete(session, subjects, before, [], {row.Checkin.id: row.Checkin.site_id for row in rows})


def _complete(
    session: Session,
    subjects: dict[UUID, Subject],
    before: Sequence[Any],
    others: Sequence[Any],
    sites: Mapping[UUID, UUID],
) -> dict[UUID, Subject]:
    pictures = pictures_of(session, subjects)
    sightings = sightings_of(session, subjects, pictures, sites)
    came_from = {row.asked_id: _before(row) for row in before}
    neighbours: defaultdict[UUID, list[OtherVisit]] = defaultdict(list)
    for row in others:
        if row.days <= subjects[row.asked_id].limits.other_team_days:
            neighbours[row.asked_id].append(OtherVisit(_named(row), row.days))
    return {
        record_id: replace(
            subject,
            pictures=tuple(pictures.get(record_id, ())),
            sightings=tuple(sightings.get(record_id, ())),
            before=came_from.get(record_id),
            others=tuple(neighbours.get(record_id, ())),
        )
        for record_id, subject in subjects.items()
    }


def _visit(row: sa.Row[*tuple[Any, ...]]) -> Subject:
    visit: Visit = row.Visit
    at_enterprise = visit.mode is VisitMode.DOOR_TO_DOOR
    has_position = at_enterprise and row.latitude is not None and row.longitude is not None
    return Subject(
        type=RecordType.VISIT,
        id=visit.id,
        rev=visit.rev,
        unit_id=visit.unit_id,
        at=visit.visited_at,
        ended_at=visit.ended_at,
        capture=visit.capture,
        received_at=visit.received_at,
        location=_location(visit.location),
        is_coarse=REDUCED in (visit.location or {}),
        enterprise=Point(row.latitude, row.longitude) if has_position else None,
        is_elsewhere=not at_enterprise,
        flags=tuple(visit.flags),
        limits=read_limits(row.limits),
    )


def _checkin(row: sa.Row[*tuple[Any, ...]]) -> Subject:
    checkin: Checkin = row.Checkin
    return Subject(
        type=RecordType.CHECKIN,
        id=checkin.id,
        rev=checkin.rev,
        unit_id=checkin.unit_id,
        at=checkin.at,
        ended_at=None,
        capture=checkin.capture,
        received_at=checkin.received_at,
        location=_location(checkin.location),
        is_coarse=REDUCED in (checkin.location or {}),
        fence=fence_of(row.Site),
        flags=tuple(checkin.flags),
        limits=read_limits(row.limits),
    )


def _location(sent: Mapping[str, Any] | None) -> Location | None:
    if sent is None:
        return None
    return Location(
        lat=float(sent["lat"]),
        lng=float(sent["lng"]),
        datum=Datum(sent["datum"]),
        source=LocationSource(sent.get("source", LocationSource.GPS)),
        accuracy_m=sent.get("accuracy_m"),
        is_mock=sent.get("is_mock"),
        fix_age_ms=sent.get("fix_age_ms"),
    )


def _before(row: Any) -> Before:
    return Before(_named(row), row.until, Point(row.latitude, row.longitude), row.accuracy_m or 0.0)


def _named(row: Any) -> RecordNamed:
    return RecordNamed(RecordType(row.record_type), row.id, row.number, row.unit_name)


_IDS = sa.any_(sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid())))


def _visits() -> sa.Select[*tuple[Any, ...]]:
    named, standing = aliased(Enterprise), aliased(Enterprise)
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        Visit,
        sa.func.coalesce(standing.latitude, named.latitude).label("latitude"),
        sa.func.coalesce(standing.longitude, named.longitude).label("longitude"),
        kept_limits(Visit.visited_on).correlate(Visit).label("limits"),
    )
    return (
        columns.outerjoin(named, named.id == Visit.enterprise_id)
        .outerjoin(standing, standing.id == named.merged_into_id)
        .where(Visit.id == _IDS)
    )


def _checkins() -> sa.Select[*tuple[Any, ...]]:
    day = sa.cast(sa.func.timezone(str(SHANGHAI), Checkin.at), sa.Date)
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        Checkin, Site, kept_limits(day).correlate(Checkin).label("limits")
    )
    return columns.join(Site, Site.id == Checkin.site_id).where(Checkin.id == _IDS)


# Built once: every page of the queue asks them.
_VISITS = _visits()
_CHECKINS = _checkins()
_BEFORE = sa.text(
    f"""
WITH asked AS (
    SELECT id, visitor_id AS person_id, visited_at AS at FROM visits WHERE :type = 'visit' AND id = ANY (:ids)
    UNION ALL
    SELECT id, user_id, at FROM checkins WHERE :type = 'checkin' AND id = ANY (:ids)
)
SELECT asked.id AS asked_id, found.*, units.name AS unit_name
FROM asked CROSS JOIN LATERAL (
    (SELECT 'visit' AS record_type, id, number, unit_id, coalesce(ended_at, visited_at) AS until, visited_at AS began,
            latitude, longitude, CAST(location ->> 'accuracy_m' AS double precision) AS accuracy_m
     FROM visits
     WHERE visitor_id = asked.person_id AND visited_at <= asked.at AND id <> asked.id
       AND visited_at > asked.at - interval '{SPEED_HOURS} hours' AND latitude IS NOT NULL
       AND (location -> '{REDUCED}') IS NULL
       AND (visited_at, id) < (asked.at, asked.id)
       AND review_state NOT IN ('voided', 'withdrawn')
     ORDER BY visited_at DESC, id DESC LIMIT 1)
    UNION ALL
    (SELECT 'checkin', id, number, unit_id, at, at, latitude, longitude, accuracy_m
     FROM checkins
     WHERE user_id = asked.person_id AND at <= asked.at AND id <> asked.id
       AND at > asked.at - interval '{SPEED_HOURS} hours' AND latitude IS NOT NULL
       AND (location -> '{REDUCED}') IS NULL
       AND (at, id) < (asked.at, asked.id)
       AND withdrawn_at IS NULL AND review_state <> 'voided'
     ORDER BY at DESC, id DESC LIMIT 1)
    ORDER BY began DESC LIMIT 1
) AS found
JOIN units ON units.id = found.unit_id
"""  # noqa: S608 -- made of constants alone
).bindparams(
    sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid())),
    sa.bindparam("type", type_=sa.Text()),
)
_OTHERS = sa.text(
    """
SELECT asked.id AS asked_id, 'visit' AS record_type, other.id, other.number, units.name AS unit_name,
       asked.visited_on - other.visited_on AS days
FROM visits AS asked
CROSS JOIN LATERAL (
    SELECT id, number, unit_id, visited_on FROM visits AS earlier
    WHERE earlier.enterprise_id = asked.enterprise_id AND earlier.unit_id <> asked.unit_id
      AND earlier.visited_on BETWEEN asked.visited_on - CAST(:days AS integer) AND asked.visited_on
      AND (earlier.visited_at, earlier.id) < (asked.visited_at, asked.id)
      AND earlier.review_state NOT IN ('voided', 'withdrawn')
      AND NOT earlier.unit_id = ANY (asked.joint_unit_ids) AND NOT asked.unit_id = ANY (earlier.joint_unit_ids)
    ORDER BY visited_on DESC, id LIMIT 5
) AS other
JOIN units ON units.id = other.unit_id
WHERE asked.id = ANY (:ids)
ORDER BY asked.id, days, other.id
"""
).bindparams(
    sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid())),
    sa.bindparam("days", type_=sa.Integer()),
)
