"""A phone that takes every 2xx for a receipt, as many apps do: what the harness of cut answers must find out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from service.kernel.clock import now
from tests.support.phone.outbox import Outbox, Sending
from tests.support.phone.wire import Answer, NoAnswer

NAME = "client_that_trusts_200"


@contextmanager
def trusting(planted: str | None) -> Iterator[None]:
    """Every phone of this process trusts while the block runs, if that is the planted fault."""
    if planted != NAME:
        yield
        return
    acknowledge, document = Outbox.acknowledge, Answer.document

    def believe(self: Answer) -> dict[str, Any]:
        try:
            return document(self)
        except NoAnswer:
            if not self.is_success:
                raise
            return {"receipt": None}

    def settle(self: Outbox, sending: Sending, _document: object) -> None:
        item = sending.item
        rev = (sending.base_rev or 0) + 1
        made_up = {"id": item.id, "rev": rev, "sha256": item.sha256, "received_at": now().isoformat()}
        acknowledge(self, sending, made_up)

    Outbox.acknowledge, Answer.document = settle, believe  # type: ignore[method-assign]
    try:
        yield
    finally:
        Outbox.acknowledge, Answer.document = acknowledge, document  # type: ignore[method-assign]
