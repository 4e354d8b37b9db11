"""A photo as its door answers: state, receipt, and how to send it when it is still awaited."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from media.facts import RenditionName
from service.kernel.actor import Actor
from service.photos.grants import Grant
from service.photos.models import Photo, PhotoState


@dataclass(frozen=True, slots=True)
class PhotoReceipt:
    """The bytes with this hash are durable here since then; photos have one revision."""

    id: UUID
    sha256: str
    received_at: datetime
    rev: int = 1


def receipt_of(photo: Photo) -> PhotoReceipt | None:
    """The receipt of a photo whose bytes were verified; the same for every later question."""
    if photo.received_at is None:
        return None
    return PhotoReceipt(photo.id, photo.sha256, photo.received_at)


def state_of(photo: Photo, grant: Grant | None = None) -> dict[str, Any]:
    """Id, state, and either the receipt or the grant."""
    shown: dict[str, Any] = {"id": photo.id, "state": photo.state}
    if (receipt := receipt_of(photo)) is not None:
        shown["receipt"] = receipt
    elif grant is not None:
        shown["upload"] = grant
    return shown


def facts_of(photo: Photo, actor: Actor) -> dict[str, Any]:
    """Everything a person may know of a photo they may see: where it was taken is its owner's alone.

    Offices read places at headquarters' doors, where each look is logged.
    """
    names = ("size", "content_type", "sha256", "source", "taken_at", "location", "expected_at", "received_at")
    shown = {name: getattr(photo, name) for name in (*names, "rejected_because", "facts")}
    if photo.owner_id != actor.user_id:
        shown |= {"location": None, "facts": None}
    return shown | state_of(photo) | {"renditions": sorted(photo.renditions or ())}


def is_developed(photo: Photo) -> bool:
    """Whether the darkroom has said its last word: the photo is done, and stamped if it has a stamp."""
    if photo.state is not PhotoState.READY:
        return photo.state is PhotoState.REJECTED
    return photo.stamp is None or RenditionName.STAMPED in (photo.renditions or {}) or not photo.renditions
