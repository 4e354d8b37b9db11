"""One living house a module; its tests share the city, and each stands on what it sent itself."""

from collections.abc import Iterator

import pytest

from tests.support.live import LiveHouse, live_house


@pytest.fixture(scope="module")
def house(postgres_url, tmp_path_factory) -> Iterator[LiveHouse]:
    """A house that must not have stumbled over anything by the time its module is over."""
    with live_house(postgres_url, tmp_path_factory.mktemp("house")) as made:
        yield made
        log = made.log.read_text(errors="replace")
        assert "Traceback" not in log, log[-3000:]


@pytest.fixture
def field1(house):
    return house.sign_in("field1")


@pytest.fixture
def hq(house):
    return house.sign_in("hq1")
