"""What an operator watches, read from the database: the same from whichever process is asked."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit.queries import seals_made, seconds_unsealed
from service.jobs.queries import jobs_by_status
from service.outboxes.phones import phones_waiting
from service.photos.models import Photo, PhotoState
from service.submissions.models import KeptBecause, KeptSubmission


@dataclass(frozen=True, slots=True)
class Vitals:
    """How much is waiting, and for how long."""

    kept_open: dict[str, int]
    """Bodies kept without being accepted and not settled yet, by reason."""
    photos_missing: int
    """Photos that phones announced and have not delivered."""
    photos_undeveloped: int
    outbox_phones: int
    """Phones that held something unsent when they last spoke."""
    outbox_oldest_seconds: float
    """How long the oldest of it has waited, by the server's clock."""
    jobs: dict[str, int]
    audit_unsealed_seconds: float
    audit_seals: int


def read_vitals(session: Session) -> Vitals:
    """The house's vital signs now; each is one statement over an index or a small table."""
    waiting = phones_waiting(session)
    return Vitals(
        kept_open=_kept_open(session),
        photos_missing=_photos_in(session, PhotoState.EXPECTED),
        photos_undeveloped=_photos_in(session, PhotoState.RECEIVED),
        outbox_phones=waiting.phones,
        outbox_oldest_seconds=waiting.oldest_seconds,
        jobs=jobs_by_status(session),
        audit_unsealed_seconds=seconds_unsealed(session),
        audit_seals=seals_made(session),
    )


def _kept_open(session: Session) -> dict[str, int]:
    counted = (
        sa.select(KeptSubmission.because, sa.func.count())
        .where(KeptSubmission.settled_at.is_(None))
        .group_by(KeptSubmission.because)
    )
    found = {because.value: count for because, count in session.execute(counted)}
    return {because.value: found.get(because.value, 0) for because in KeptBecause}


def _photos_in(session: Session, state: PhotoState) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Photo).where(Photo.state == state)) or 0
