"""What this phone is asked to send again, until it has answered or nobody asks any longer."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.outboxes.models import Recall
from service.outboxes.recalls import for_phone_of, open_recalls
from service.sync.feed import Feed, Shown


def _visible(actor: Actor) -> sa.Select[UUID]:
    return sa.select(Recall.id).where(*for_phone_of(actor))


def _read(session: Session, actor: Actor, ids: Collection[UUID], language: str) -> dict[UUID, Shown]:
    del language
    return {recall.id: Shown(None, recall) for recall in open_recalls(session, actor, ids)}


FEED = Feed("recall", _visible, _read)
