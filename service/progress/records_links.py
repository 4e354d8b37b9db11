"""Where headquarters reads the records behind a figure; the filters are those of the list of visits."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from service.programmes.models import Line

VISITS = "/api/hq/v1/visits"


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
    return _url(what, "true&first=true")


def pending_url(what: Behind) -> str:
    """One record for each subject that waits for a review."""
    return _url(what, "pending&first=true")


def visits_url(what: Behind) -> str:
    """Every counted visit, also those that add no subject."""
    return _url(what, "true")


def late_url(from_on: date, until_on: date, unit_id: UUID | None) -> str:
    """The visits of these days that stand and arrived after the Sunday of their week."""
    unit = "" if unit_id is None else f"&unit={unit_id}"
    return f"{VISITS}?late=true&from={from_on}&until={until_on}{unit}"


def _url(what: Behind, counted: str) -> str:
    # Ids, days and codes need no quoting, and a table of units has a thousand of these.
    unit = "" if what.unit_id is None else f"&unit={what.unit_id}"
    start = "" if what.from_on is None else f"&from={what.from_on}"
    chain = "" if what.chain is None else f"&{urlencode({'chain': what.chain})}"
    unassigned = "&unassigned=true" if what.unassigned else ""
    as_of = "" if what.as_of is None else f"&as_of={what.as_of}"
    records = f"programme={what.programme_id}&line={what.line}&counted={counted}"
    return f"{VISITS}?{records}{unit}{start}&until={what.until_on}{chain}{unassigned}{as_of}"
