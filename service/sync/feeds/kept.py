"""What of one's own was kept without being accepted, and how it was settled, as `GET /api/v1/kept` shows it."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.submissions.models import KeptSubmission
from service.submissions.queries import own_kept_among
from service.sync.feed import Feed, Shown


def _visible(actor: Actor) -> sa.Select[UUID]:
    return sa.select(KeptSubmission.id).where(KeptSubmission.author_id == actor.person_id)


def _read(session: Session, actor: Actor, ids: Collection[UUID], language: str) -> dict[UUID, Shown]:
    del language
    return {body.id: Shown(None, body) for body in own_kept_among(session, actor, ids)}


FEED = Feed("kept", _visible, _read)
