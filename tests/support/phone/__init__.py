"""A reference phone for `/api/v1`, in the standard library and `rfc8785`; `docs/phone.md` tells why it is as it is."""

from tests.support.phone.account import Refused, Stopped
from tests.support.phone.clock import HandClock, SystemClock
from tests.support.phone.database import PhoneFull
from tests.support.phone.items import Item, Kind, Receipt, State
from tests.support.phone.phone import NothingToEdit, Phone
from tests.support.phone.report import Round
from tests.support.phone.wire import Misbehaviour, NoAnswer

__all__ = [
    "HandClock",
    "Item",
    "Kind",
    "Misbehaviour",
    "NoAnswer",
    "NothingToEdit",
    "Phone",
    "PhoneFull",
    "Receipt",
    "Refused",
    "Round",
    "State",
    "Stopped",
    "SystemClock",
]
