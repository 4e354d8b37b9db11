"""A house on a database of its own, where commits are commits: for tests of what many do at once."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from media.stores.folder import FolderStore
from service.app import create_app
from service.kernel.actor import Actor
from service.settings import Settings
from tests.support.client import Client
from tests.support.postgres import migrated_database, patient_engine
from tests.support.world import World, build_world


@dataclass(frozen=True)
class CommittedHouse:
    """The app, its sessions and its people; every answer is committed before it is given."""

    app: Flask
    sessions: sessionmaker[Session]
    world: World

    def phone(self, person: Actor) -> Client:
        """A client signed in as this person, that any thread may use."""
        with self.sessions() as session:
            return Client(self.app, session).as_(person)


@contextmanager
def committed_house(postgres_url: str, folder: Path) -> Iterator[CommittedHouse]:
    """A new house with the cast of the world, gone at the end."""
    with migrated_database(postgres_url) as url:
        engine = patient_engine(url, pool_size=25)
        sessions = sessionmaker(engine, expire_on_commit=False)
        with sessions() as session:
            world = build_world(session)
            session.commit()
        settings = Settings(
            database_url=url, store=str(folder / "photos"), secret=b"test secret", data=folder
        )
        app = create_app(settings, sessions=sessions, store=FolderStore(folder / "photos"))
        yield CommittedHouse(app, sessions, world)
        engine.dispose()


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What the calls return, each made by a thread of its own, all let go at the same moment."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
