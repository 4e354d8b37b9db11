"""What every test may ask for: a migrated database, a session that is undone, the world, a client."""

import os
import re

os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker
from xdist.scheduler import LoadScopeScheduling

from media.stores.folder import FolderStore
from service.http.work import House, install
from service.settings import Settings
from tests.support.client import Client
from tests.support.postgres import migrated_database, patient_engine, server_url
from tests.support.s3 import S3Server
from tests.support.s3_stores import start
from tests.support.today import has_the_real_clock, on_the_day
from tests.support.world import World, build_world

# A busy machine is no fault of a change: no example has a time limit, and every run tries the same ones.
# `--hypothesis-profile=search` looks for new ones.
_PATIENT = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("search", _PATIENT)
hypothesis.settings.register_profile("steady", _PATIENT, derandomize=True)
hypothesis.settings.load_profile("steady")

TOGETHER = (
    "tests/browser/",
    "tests/docs/",
    "tests/mobile_api/tus/test_live.py",
    "tests/phone/",
    "tests/walks/",
)
"""Modules here open a house of their own: on one process, once. What is left over goes test by test."""
OF_ONE_SERVER = re.compile(r"\[(?:.*-)?(s3emu|swift|rgw)(?:-tls)?(?:-.*)?\]$")
"""Tests that ask a store's server: a Ceph takes twenty seconds to start, so one process starts it for all of them."""


class HousesStayTogether(LoadScopeScheduling):
    """Sends a module that lives in one house to one process, and so all that asks one server.

    `xdist_group` would say the same, but pytest 9.2 no longer makes a test's id of what xdist 3.8 writes the group into.
    """

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        if module.startswith(TOGETHER):
            return module
        server = OF_ONE_SERVER.search(nodeid)
        return server[1] if server else nodeid


def pytest_configure(config: pytest.Config) -> None:
    """Gives the run a folder of its own: pytest's is one for all, and each run that begins closes it to the database's user."""
    if config.option.basetemp is None:
        config.option.basetemp = tempfile.mkdtemp(prefix="qb-run-")
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """Ours, where somebody asked for groups."""
    return HousesStayTogether(config, log) if config.getoption("dist") == "loadgroup" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What one process must do alone begins first: begun last, it would leave the others without work."""
    items.sort(key=lambda item: not item.nodeid.startswith(TOGETHER))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Tells every story on the same day; around fixtures as well, for houses that a whole module shares."""
    real = has_the_real_clock(item.nodeid, getattr(item, "fixturenames", []))
    with contextlib.nullcontext() if real else on_the_day():
        return (yield)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server for this process of the run."""
    with server_url() as url:
        yield url


@pytest.fixture(scope="session")
def quiet_postgres_url() -> Iterator[str]:
    """A server on which no test keeps a transaction open: what is told in commit order waits for the oldest one."""
    with server_url() as url:
        yield url


@pytest.fixture(scope="session")
def database_url(postgres_url) -> Iterator[str]:
    """A database at the newest migration."""
    with migrated_database(postgres_url) as url:
        yield url


@pytest.fixture(scope="session")
def engine(database_url) -> Iterator[sa.Engine]:
    made = patient_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def connection(engine) -> Iterator[sa.Connection]:
    """A connection whose outer transaction is undone when the test ends."""
    with engine.connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()


@pytest.fixture
def sessions(connection) -> sessionmaker[Session]:
    """Sessions that commit into savepoints of the test's connection."""
    return sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")


@pytest.fixture
def session(sessions) -> Iterator[Session]:
    with sessions() as session:
        yield session


@pytest.fixture
def world(session) -> World:
    """The cast: always the same people of the same units, and a programme of this year."""
    made = build_world(session)
    session.commit()
    return made


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(
        database_url="postgresql://unused",
        store=str(tmp_path / "photos"),
        secret=b"test secret",
        data=tmp_path,
    )


@pytest.fixture
def store(tmp_path) -> FolderStore:
    return FolderStore(tmp_path / "photos")


@pytest.fixture(scope="session")
def built_app(tmp_path_factory) -> Flask:
    """The whole product, put together once a run; each test gives it its own house."""
    from service.app import create_app

    folder = tmp_path_factory.mktemp("built")
    settings = Settings(database_url="unused", store=str(folder), secret=b"test secret", data=folder)
    return create_app(settings, sessions=sessionmaker(), store=FolderStore(folder))


@pytest.fixture
def app(built_app, settings, sessions, store) -> Flask:
    install(built_app, House(settings, None, sessions, store))
    return built_app


@pytest.fixture
def own_app(settings, sessions, store) -> Flask:
    """An app of the test's own, for those that change it or count from nothing."""
    from service.app import create_app

    return create_app(settings, sessions=sessions, store=store)


@pytest.fixture
def client(app, session, world) -> Client:
    """Speaks to the app as a person of the world: `client.as_(world.field1).get("/api/v1/me")`."""
    return Client(app, session)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Callable[[str], S3Server]]:
    """Answers the running server of a name, started at the first question; `-tls` is the same through TLS."""
    with contextlib.ExitStack() as stack:
        running: dict[str, S3Server] = {}

        def started(name: str) -> S3Server:
            if name not in running:
                running[name] = start(name, stack, started)
            return running[name]

        yield started
