"""The town under attack, built once a process because each attack is undone, and how much was sent in all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from media.stores.folder import FolderStore
from service.app import create_app
from service.kernel.db import make_engine
from service.settings import Settings
from tests.hostile.attack import COUNTED, Attack
from tests.hostile.town import build_town
from tests.support.client import Client
from tests.support.postgres import migrated_database
from tests.support.world import build_world


@pytest.fixture(scope="session")
def siege(siege_session) -> Attack:
    """Everything an attack needs."""
    return siege_session[0]


@pytest.fixture(scope="session")
def siege_engine(postgres_url) -> Iterator[sa.Engine]:
    """A database of its own: the town's people are never committed, and would hold up whoever makes them, too."""
    with migrated_database(postgres_url) as url:
        made = make_engine(url)
        yield made
        made.dispose()


@pytest.fixture(scope="session")
def siege_session(siege_engine, tmp_path_factory) -> Iterator[tuple[Attack, Session]]:
    """The town on a connection of its own, whose outer transaction is undone at the end."""
    folder: Path = tmp_path_factory.mktemp("siege")
    store = FolderStore(folder / "photos")
    settings = Settings(
        database_url="postgresql://unused",
        store=str(folder / "photos"),
        secret=b"test secret",
        data=folder,
        kept_per_person=1_000_000,
    )
    with siege_engine.connect() as connection:
        outer = connection.begin()
        # It lies still while other modules run in this process; a request of the house never does.
        connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        sessions = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        with sessions() as session:
            world = build_world(session)
            session.commit()
            client = Client(create_app(settings, sessions=sessions, store=store), session)
            town = build_town(client, session, world)
            people = (client.as_(one) for one in (world.field1, world.hq1, world.unit1))
            yield Attack(connection, town, *people), session
        outer.rollback()


@pytest.fixture
def attack(request, siege) -> Iterator[Attack]:
    """Sends hostile requests, each undone afterwards, and holds every answer to the one shape."""
    before = siege.sent
    around = siege.connection.begin_nested()
    yield siege
    around.rollback()
    request.node.user_properties.append((COUNTED, siege.sent - before))


@pytest.fixture
def town(attack):
    return attack.town


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tell how much was sent; the answers were judged where they came in."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    ended = [report for report in reports if getattr(report, "when", "") == "teardown"]
    sent = sum(value for one in ended for name, value in one.user_properties if name == COUNTED)
    if sent:
        terminalreporter.write_line(f"hostile inputs: {sent} sent, each answer judged")
