"""A batch of ops and its results, joined by the op's id and never by their place in the list."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.support.phone.account import Account
from tests.support.phone.items import Sending
from tests.support.phone.wire import NoAnswer

MOST_OPS = 50
MOST_BYTES = 900_000
"""Under the megabyte that the server takes, with room for what stands around the bodies."""

_AROUND_BYTES = 250


def push(
    account: Account, batch: Sequence[Sending], also: Mapping[str, Any] | None = None
) -> dict[str, Mapping[str, Any]]:
    """The results of these by op id; `also` stands in every body beside what was frozen.

    Raises:
        NoAnswer, Refused, Stopped: as the account does.
    """
    document = account.ask(
        "POST", "/api/v1/sync/push", {"ops": [_op(one, also or {}) for one in batch]}
    ).document()
    results = document.get("results")
    if not isinstance(results, list):
        raise NoAnswer("an answer without results")
    return {str(one.get("op_id")): one for one in results if isinstance(one, dict)}


def that_fit(going: Sequence[Sending]) -> list[Sending]:
    """As many of them, from the first on, as one request takes; one alone always does."""
    room, fitting = MOST_BYTES, list[Sending]()
    for sending in going:
        room -= len(sending.item.text) + _AROUND_BYTES
        if room < 0 and fitting:
            break
        fitting.append(sending)
    return fitting


def _op(sending: Sending, also: Mapping[str, Any]) -> dict[str, Any]:
    item = sending.item
    told = {"op_id": item.op_id, "type": item.kind.value, "id": item.id, "body": item.body | dict(also)}
    return told if sending.base_rev is None else told | {"base_rev": sending.base_rev}
