"""One living house a module; its tests share the city, and each stands on what it sent itself."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.support.live import PASSWORD, LiveHouse, live_house
from tests.support.phone import Phone


@pytest.fixture(scope="module")
def house(quiet_postgres_url, tmp_path_factory) -> Iterator[LiveHouse]:
    """A house that must not have stumbled over anything by the time its module is over."""
    with live_house(quiet_postgres_url, tmp_path_factory.mktemp("house")) as made:
        yield made
        log = made.log.read_text(errors="replace")
        assert "Traceback" not in log, log[-3000:]


@pytest.fixture
def phone_of(house, tmp_path) -> Iterator[Callable[..., Phone]]:
    """The reference phone of somebody of the world, in their pocket beside what they read by other means."""
    with ExitStack() as pockets:

        def phone(username: str) -> Phone:
            url, device = f"http://127.0.0.1:{house.port}", f"pocket-of-{username}"
            made = Phone(url, tmp_path / device, username=username, password=PASSWORD, device_id=device)
            return pockets.enter_context(made)

        yield phone


@pytest.fixture
def field1(house):
    return house.sign_in("field1")


@pytest.fixture
def hq(house):
    return house.sign_in("hq1")
