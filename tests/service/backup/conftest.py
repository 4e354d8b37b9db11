"""An installation that really commits, with photos of a few bytes, and empty places to restore it to."""

import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from media.stores.folder import FolderStore
from media.stores.protocol import ObjectStore
from service.accounts.sessions import open_sign_in
from service.backup.place import Backup, Place
from service.backup.programs import find_programs
from service.backup.restoring import Restored, Target, restore_backup
from service.backup.taking import Source, Taken, take_backup
from service.kernel.db import make_engine
from service.photos import commands, verification
from service.photos.commands import AnnouncedPhoto
from service.photos.models import Photo, PhotoSource
from service.settings import Settings
from tests.support.postgres import fresh_database, migrated_database
from tests.support.world import World, build_world

SECRET = b"test secret"


@dataclass(frozen=True)
class Installation:
    """A database with the cast of the world, and a store."""

    settings: Settings
    store: ObjectStore
    sessions: sessionmaker[Session]
    world: World

    def add_photo(self, content: bytes, photo_id: UUID | None = None) -> Photo:
        """A photo of field1's, received."""
        announced = AnnouncedPhoto(
            id=photo_id or uuid4(),
            sha256=hashlib.sha256(content).hexdigest(),
            md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
            size=len(content),
            content_type="image/jpeg",
            taken_at=datetime(2026, 5, 6, tzinfo=UTC),
            source=PhotoSource.CAMERA,
        )
        with self.sessions.begin() as session:
            photo = commands.expect_photo(session, self.world.field1, announced, limit=10**6)
            wanted = verification.Announced.of(photo)
        key = verification.take_in(self.store, wanted, _Reader(content))
        with self.sessions.begin() as session:
            return commands.mark_received(session, self.world.field1, announced.id, key)

    def back_up(self, folder: Path) -> Taken:
        """A backup into that folder."""
        source = Source(self.settings, self.store, find_programs({}), SECRET)
        return take_backup(source, Place(folder), say=lambda _: None)

    def ask(self, question: str, **values: object) -> object:
        """The one value a question to the database asks for."""
        with self.sessions() as session:
            return session.execute(sa.text(question), values).scalar()

    def tell(self, order: str, **values: object) -> None:
        """Changes the database behind everybody's back."""
        with self.sessions.begin() as session:
            session.execute(sa.text(order), values)


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._left = content

    def read(self, size: int, /) -> bytes:
        chunk, self._left = self._left[:size], self._left[size:]
        return chunk


@contextmanager
def installation(url: str, folder: Path, store: ObjectStore | None = None) -> Iterator[Installation]:
    """A fresh one on a database at the newest migration."""
    engine = make_engine(url, pool_size=3)
    sessions = sessionmaker(engine, expire_on_commit=False)
    with sessions() as session:
        world = build_world(session)
        session.commit()
    with sessions.begin() as session:
        open_sign_in(session, user_id=world.field1.person_id, device_id="phone-1", secret=SECRET)
    settings = Settings(database_url=url, store=str(folder / "photos"), secret=SECRET, data=folder)
    try:
        yield Installation(settings, store or FolderStore(folder / "photos"), sessions, world)
    finally:
        engine.dispose()


@pytest.fixture
def lived_in(postgres_url, tmp_path) -> Iterator[Installation]:
    """An installation with three photos."""
    with migrated_database(postgres_url) as url, installation(url, tmp_path / "lived-in") as made:
        for number in range(3):
            made.add_photo(b"a picture of some kind, number %d" % number)
        yield made


@dataclass(frozen=True)
class EmptyPlace:
    """Where nothing is yet."""

    settings: Settings
    store: ObjectStore

    def restore(self, backup: Backup) -> Restored:
        """Puts a backup there, as the command does once it has checked it."""
        target = Target(self.settings, self.store, find_programs({}))
        return restore_backup(backup, backup.manifest(), target, say=lambda _: None)


@pytest.fixture
def empty_place(postgres_url, tmp_path) -> Iterator[Callable[[], EmptyPlace]]:
    """An empty database and an empty folder."""
    with fresh_database(postgres_url) as url:
        folder = tmp_path / "restored"
        settings = Settings(database_url=url, store=str(folder / "photos"), secret=SECRET, data=folder)
        yield EmptyPlace(settings, FolderStore(folder / "photos"))


@contextmanager
def living_in(place: EmptyPlace, world: World) -> Iterator[Installation]:
    """What was restored there, to be asked."""
    engine = make_engine(place.settings.database_url, pool_size=2)
    try:
        yield Installation(dataclasses.replace(place.settings), place.store, sessionmaker(engine), world)
    finally:
        engine.dispose()
