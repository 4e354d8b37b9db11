"""Phones of tests: each with a folder of its own, on a living house that all of a module share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.live import PASSWORD, LiveHouse, live_house
from tests.support.phone import Phone


@pytest.fixture(scope="module")
def house(quiet_postgres_url, tmp_path_factory) -> Iterator[LiveHouse]:
    """A house that has not stumbled over anything by the time its module is over; it develops no pictures."""
    with live_house(quiet_postgres_url, tmp_path_factory.mktemp("house"), job_workers=0) as made:
        yield made
        log = made.log.read_text(errors="replace")
        assert "Traceback" not in log, log[-3000:]


@pytest.fixture
def phone_of(house, tmp_path) -> Iterator[Callable[..., Phone]]:
    """Makes a phone of somebody of the world; asked again, another phone object on the same folder."""
    made: list[Phone] = []

    def phone(username: str = "field1", **options: Any) -> Phone:
        usual = {"username": username, "password": PASSWORD, "device_id": f"phone-of-{username}"}
        base_url = options.pop("base_url", f"http://127.0.0.1:{house.port}")
        folder = options.pop("folder", tmp_path / username)
        made.append(Phone(base_url, folder, **(usual | options)))
        return made[-1]

    yield phone
    for one in made:
        one.close()
