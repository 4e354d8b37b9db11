"""The town under attack, and how many hostile inputs were sent in all."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.hostile.attack import COUNTED, Attack
from tests.hostile.town import Town, build_town


@pytest.fixture
def town(client, session, world) -> Town:
    return build_town(client, session, world)


@pytest.fixture
def attack(request, client, connection, town) -> Iterator[Attack]:
    """Sends hostile requests, each undone afterwards, and holds every answer to the one shape."""
    made = Attack(client, connection, town)
    yield made
    request.node.user_properties.append((COUNTED, made.sent))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tell how much was sent; the answers were judged where they came in."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    sent = sum(value for one in reports for name, value in one.user_properties if name == COUNTED)
    failed = sum(1 for report in terminalreporter.stats.get("failed", []) if "hostile" in report.nodeid)
    if sent:
        terminalreporter.write_line(f"hostile inputs: {sent} sent; tests that met an answer out of order: {failed}")
