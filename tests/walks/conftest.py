"""One living house a module; the stories in a module happen in the same city, one after the other."""

from collections.abc import Iterator

import pytest

from tests.support.live import LiveHouse, live_house


@pytest.fixture(scope="module")
def house(postgres_url, tmp_path_factory) -> Iterator[LiveHouse]:
    with live_house(postgres_url, tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture
def field1(house):
    return house.sign_in("field1")


@pytest.fixture
def hq(house):
    return house.sign_in("hq1")
