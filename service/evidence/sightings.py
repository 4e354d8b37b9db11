"""The photos of records, and the earlier records in which the same pictures were seen."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.evidence.subject import Picture, RecordNamed, Sighting, Subject
from service.kernel.together import Question, together
from service.photos.likeness import alike
from service.photos.models import PhotoSource
from service.photos.queries import of_records
from service.submissions.models import RecordType


class Resembles(NamedTuple):
    """A photo is, has the bytes of (`bits` None), or looks like another in all but `bits` of 64 bits."""

    photo_id: UUID
    other_id: UUID
    bits: int | None


def pictures_of(session: Session, subjects: Mapping[UUID, Subject]) -> dict[UUID, list[Picture]]:
    """The photos that each record names, in its order."""
    found: defaultdict[UUID, list[Picture]] = defaultdict(list)
    for one in of_records(session, list(subjects)):
        source = None if one.source is None else PhotoSource(one.source)
        found[one.record_id].append(Picture(one.id, one.state, source, one.facts))
    return dict(found)


def sightings_of(
    session: Session,
    subjects: Mapping[UUID, Subject],
    pictures: Mapping[UUID, Sequence[Picture]],
    sites: Mapping[UUID, UUID],
) -> dict[UUID, list[Sighting]]:
    """For each record its photos that an earlier record of anybody has as well, or one that looks like them.

    Records received later do not make an earlier one doubtful, and those that were taken back or voided no other.
    """
    photo_ids = sorted({picture.id for found in pictures.values() for picture in found})
    if not photo_ids:
        return {}
    likes = resembling(session, photo_ids)
    others = sorted({one.other_id for found in likes.values() for one in found})
    (claims,) = together(session, Question(_CLAIMS, {"photos": others}))
    claimed: defaultdict[UUID, list[Any]] = defaultdict(list)
    for claim in claims:
        claimed[claim.photo_id].append(claim)
    return {
        record_id: [
            _sighting(one, claim, sites.get(record_id))
            for picture in found
            for one in likes.get(picture.id, ())
            for claim in claimed[one.other_id]
            if claim.id != record_id and _is_earlier(claim, subjects[record_id])
        ]
        for record_id, found in pictures.items()
    }


def resembling(session: Session, photo_ids: list[UUID]) -> dict[UUID, list[Resembles]]:
    """Each photo with itself, those of the same bytes, and those that look like it; in two statements."""
    (rows,) = together(session, Question(_SAME_BYTES, {"photos": photo_ids}))
    same = {(row.photo_id, row.other_id) for row in rows}
    found: defaultdict[UUID, list[Resembles]] = defaultdict(list)
    for photo_id in photo_ids:
        found[photo_id].append(Resembles(photo_id, photo_id, None))
    for photo_id, other_id in sorted(same):
        found[photo_id].append(Resembles(photo_id, other_id, None))
    for one in alike(session, photo_ids):
        if (one.photo_id, one.other_id) not in same:
            found[one.photo_id].append(Resembles(one.photo_id, one.other_id, one.bits))
    return dict(found)


def _is_earlier(claim: Any, subject: Subject) -> bool:
    return bool((claim.received_at, claim.id) < (subject.received_at, subject.id))


def _sighting(one: Resembles, claim: Any, site_id: UUID | None) -> Sighting:
    return Sighting(
        photo_id=one.photo_id,
        other_photo_id=one.other_id,
        record=RecordNamed(RecordType(claim.record_type), claim.id, claim.number, claim.unit_name),
        bits=one.bits,
        is_of_same_site=site_id is not None and claim.site_id == site_id,
    )


_SAME_BYTES = sa.text(
    """
SELECT mine.id AS photo_id, theirs.id AS other_id
FROM photos AS mine JOIN photos AS theirs ON theirs.sha256 = mine.sha256 AND theirs.id <> mine.id
WHERE mine.id = ANY (:photos) AND mine.received_at IS NOT NULL AND theirs.received_at IS NOT NULL
"""
).bindparams(sa.bindparam("photos", type_=sa.ARRAY(sa.Uuid())))
_CLAIMS = sa.text(
    """
SELECT c.photo_id, 'visit' AS record_type, v.id, v.number, v.received_at, u.name AS unit_name,
       CAST(NULL AS uuid) AS site_id
FROM photo_claims AS c JOIN visits AS v ON v.id = c.record_id JOIN units AS u ON u.id = v.unit_id
WHERE c.photo_id = ANY (:photos) AND v.review_state NOT IN ('voided', 'withdrawn')
UNION ALL
SELECT c.photo_id, 'checkin', k.id, k.number, k.received_at, u.name, k.site_id
FROM photo_claims AS c JOIN checkins AS k ON k.id = c.record_id JOIN units AS u ON u.id = k.unit_id
WHERE c.photo_id = ANY (:photos) AND k.withdrawn_at IS NULL AND k.review_state <> 'voided'
ORDER BY photo_id, received_at, id
"""
).bindparams(sa.bindparam("photos", type_=sa.ARRAY(sa.Uuid())))
