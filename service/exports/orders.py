"""An export's order, as a value and as the document it is kept as until a worker comes to it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from service.exports.models import ExportForm
from service.programmes.models import Line
from service.visits.models import ReviewState, VisitCreditStatus
from service.visits.queries import VisitFilter
from service.visits.records import Records


class PictureChoice(StrEnum):
    """Which picture of each photo goes into a ZIP."""

    STAMPED = "stamped"
    ORIGINAL = "original"


@dataclass(frozen=True, slots=True)
class Order:
    """What to take out: the visits a list on the screen shows, in one form."""

    form: ExportForm
    visits: VisitFilter
    bom: bool = True
    """Whether a CSV begins with the mark by which Excel knows UTF-8."""
    pictures: PictureChoice = PictureChoice.STAMPED
    reason: str | None = None
    """Why contacts are shown whole, or originals handed out; None masks them and hands out copies."""

    @property
    def is_unmasked(self) -> bool:
        """Whether personal data leaves the house as it is."""
        return self.reason is not None


def written(order: Order) -> dict[str, Any]:
    """The order as JSON holds it."""
    return {
        "visits": {name: _written(value) for name, value in _parts(order.visits)},
        "bom": order.bom,
        "pictures": order.pictures.value,
        "reason": order.reason,
    }


def read(form: ExportForm, document: Mapping[str, Any]) -> Order:
    """The order behind a kept document."""
    return Order(
        form,
        _filter(document["visits"]),
        bom=document["bom"],
        pictures=PictureChoice(document["pictures"]),
        reason=document["reason"],
    )


def _parts(value: VisitFilter | Records) -> list[tuple[str, Any]]:
    named = ((one.name, getattr(value, one.name)) for one in fields(value))
    return [(name, part) for name, part in named if part is not None]


def _written(value: Any) -> Any:
    if isinstance(value, Records):
        return {name: _written(part) for name, part in _parts(value)}
    return value if isinstance(value, (bool, int)) else str(value)


def _filter(kept: Mapping[str, Any]) -> VisitFilter:
    found = dict(kept)
    for name in ("unit_id", "visitor_id", "enterprise_id", "unassigned_in"):
        found[name] = _made(UUID, found.get(name))
    for name in ("from_on", "until_on"):
        found[name] = _made(date.fromisoformat, found.get(name))
    found["state"] = _made(ReviewState, found.get("state"))
    found["records"] = _made(_records, found.get("records"))
    return VisitFilter(**found)


def _records(kept: Mapping[str, Any]) -> Records:
    return Records(
        programme_id=_made(UUID, kept.get("programme_id")),
        line=_made(Line, kept.get("line")),
        status=_made(VisitCreditStatus, kept.get("status")),
        first=kept.get("first", False),
        as_of=_made(date.fromisoformat, kept.get("as_of")),
    )


def _made(make: Any, value: Any) -> Any:
    return None if value is None else make(value)
