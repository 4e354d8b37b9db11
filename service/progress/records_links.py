"""Where headquarters reads the records behind a figure; the filters are those of the list of visits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import urlencode
from uuid import UUID

from service.programmes.models import Line

VISITS = "/api/hq/v1/visits"
_COUNTED, _PENDING, _UNASSIGNED = "true&first=true", "pending&first=true", "&unassigned=true"


@dataclass(frozen=True, slots=True)
class Behind:
    """Which records: of a programme's line up to, and without, a day; of a unit, a chain, or of no unit's targets."""

    programme_id: UUID
    line: Line
    until_on: date
    unit_id: UUID | None = None
    from_on: date | None = None
    chain: str | None = None
    unassigned: bool = False
    as_of: date | None = None


def counted_url(what: Behind) -> str:
    """One record for each counted subject: the visit that made it count."""
    return _url(what, _COUNTED)


def pending_url(what: Behind) -> str:
    """One record for each subject that waits for a review."""
    return _url(what, _PENDING)


def first_urls(what: Behind) -> Callable[[UUID | None, str | None, bool], tuple[str, str]]:
    """`counted_url` and `pending_url` of many rows that differ in unit, chain and whether a unit is to visit at all."""
    head, (days, on) = _frame(what.programme_id, what.line, what.from_on, what.until_on, what.as_of)

    def of(unit_id: UUID | None, chain: str | None, unassigned: bool) -> tuple[str, str]:  # noqa: FBT001 as `Behind` has it
        tail = f"{_unit(unit_id)}{days}{_chain(chain)}{_UNASSIGNED if unassigned else ''}{on}"
        return f"{head}{_COUNTED}{tail}", f"{head}{_PENDING}{tail}"

    return of


def visits_url(what: Behind) -> str:
    """Every counted visit, also those that add no subject."""
    return _url(what, "true")


def late_url(from_on: date, until_on: date, unit_id: UUID | None) -> str:
    """The visits of these days that stand and arrived after the Sunday of their week."""
    unit = "" if unit_id is None else f"&unit={unit_id}"
    return f"{VISITS}?late=true&from={from_on}&until={until_on}{unit}"


def _url(what: Behind, counted: str) -> str:
    head, (days, on) = _frame(what.programme_id, what.line, what.from_on, what.until_on, what.as_of)
    unassigned = _UNASSIGNED if what.unassigned else ""
    return f"{head}{counted}{_unit(what.unit_id)}{days}{_chain(what.chain)}{unassigned}{on}"


# A table has thousands of these, which differ in unit and chain alone. Ids, days and codes need no quoting.
@lru_cache(maxsize=1_000)
def _frame(
    programme_id: UUID, line: Line, from_on: date | None, until_on: date, as_of: date | None
) -> tuple[str, tuple[str, str]]:
    """What stands before `counted`, between the unit and the chain, and at the end."""
    start = "" if from_on is None else f"&from={from_on}"
    on = "" if as_of is None else f"&as_of={as_of}"
    return f"{VISITS}?programme={programme_id}&line={line}&counted=", (f"{start}&until={until_on}", on)


@lru_cache(maxsize=2_000)
def _unit(unit_id: UUID | None) -> str:
    return "" if unit_id is None else f"&unit={unit_id}"


@lru_cache(maxsize=2_000)
def _chain(chain: str | None) -> str:
    return "" if chain is None else f"&{urlencode({'chain': chain})}"
