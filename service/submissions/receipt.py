"""The receipt: what a phone may delete its copy for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Receipt:
    """Revision `rev` of record `id` is stored; the phone can check `sha256` against its own body.

    Every part of it is stored with the revision, so that a repeat is given the same one, even after months.
    """

    id: UUID
    rev: int
    sha256: str
    received_at: datetime
    seal: str | None
    """`no:hash` of the newest audit seal at that time; None before the first."""
