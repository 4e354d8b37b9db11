"""What a job works with: the settings, sessions of its own, and the store."""

from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from media.stores.protocol import ObjectStore
from service.settings import Settings

WORKSHOP = "workshop"
"""Under this name a worker hands the workshop to its jobs."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What one worker keeps for all its jobs. A job opens short transactions: `with workshop.sessions.begin() as session`."""

    settings: Settings
    sessions: sessionmaker[Session]
    store: ObjectStore
