"""What the parts of the demo city's year share: the scene, what happens in it, and how phones send."""

import hashlib
import io
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from media.stores.protocol import ObjectStore
from mobile_api.push_ops import read_ops
from mobile_api.sync_push import DOORS
from service.accounts.models import Unit
from service.cli.demo_city import cast
from service.kernel.actor import Actor, Role
from service.kernel.ids import uuid7
from service.photos.commands import AnnouncedPhoto, expect_photo, mark_received
from service.photos.models import PhotoSource
from service.photos.verification import Announced, take_in
from service.settings import Settings
from service.submissions.batch import Status, push
from service.submissions.models import RecordType
from service.submissions.terms import Terms

__all__ = ["DOORS", "Happening", "NotTaken", "Scene"]


class NotTaken(RuntimeError):
    """A phone of the demo city sent what the house refused: the city is wrong, and is not filled."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens in the city at a moment."""

    at: datetime
    what: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Scene:
    """The city as the year finds it: its units by short name, its people by account, and the die."""

    session: Session
    store: ObjectStore
    settings: Settings
    say: Callable[[str], None]
    dice: random.Random
    now: datetime
    units: dict[str, Unit]
    people: dict[str, Actor]

    @property
    def terms(self) -> Terms:
        """On which phones hand in."""
        return Terms(number_prefix=self.settings.number_prefix)

    def field_staff(self, unit: cast.DemoUnit) -> list[Actor]:
        """Who goes out for a unit."""
        unit_id = self.units[unit.short_name].id
        return [one for one in self.people.values() if one.unit_id == unit_id and one.has(Role.FIELD_STAFF)]

    def send_visits(self, author: Actor, bodies: Mapping[UUID, Mapping[str, Any]]) -> None:
        """A phone empties its outbox: these visits in one batch.

        Raises:
            NotTaken: one of them was refused.
        """
        ops = [
            {"op_id": str(visit_id), "type": RecordType.VISIT.value, "id": str(visit_id), "body": body}
            for visit_id, body in bodies.items()
        ]
        raw = json.dumps({"ops": ops}, ensure_ascii=False).encode()
        most = self.settings.kept_per_person
        for outcome in push(self.session, author, read_ops(raw), terms=self.terms, most_kept=most):
            if outcome.status is not Status.APPLIED:
                raise NotTaken(
                    f"{outcome.status}: {outcome.problem!r} {getattr(outcome.problem, 'faults', None)}"
                )

    def send_photo(
        self,
        owner: Actor,
        content: bytes,
        taken_at: datetime,
        source: PhotoSource = PhotoSource.CAMERA,
    ) -> UUID:
        """A photo is announced and arrives."""
        announced = AnnouncedPhoto(
            id=uuid7(),
            sha256=hashlib.sha256(content).hexdigest(),
            md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
            size=len(content),
            content_type="image/jpeg",
            taken_at=taken_at,
            source=source,
        )
        photo = expect_photo(self.session, owner, announced, limit=self.settings.photo_limit_bytes)
        if photo.received_at is not None:
            return photo.id
        key = take_in(self.store, Announced.of(photo), io.BytesIO(content))
        return mark_received(self.session, owner, photo.id, key).id
