"""Where headquarters reads the records behind a figure; the filters are those of the list of visits."""

from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from service.programmes.models import Line

VISITS = "/api/hq/v1/visits"


def counted_url(
    programme_id: UUID,
    line: Line,
    until_on: date,
    unit_id: UUID | None = None,
    *,
    from_on: date | None = None,
    chain: str | None = None,
) -> str:
    """One record for each counted subject: the visit that made it count. Days are half-open."""
    url = _url(programme_id, line, "true", until_on, unit_id, from_on)
    return url if chain is None else f"{url}&{urlencode({'chain': chain})}"


def pending_url(
    programme_id: UUID,
    line: Line,
    until_on: date,
    unit_id: UUID | None = None,
    *,
    from_on: date | None = None,
) -> str:
    """One record for each subject that waits for a review."""
    return _url(programme_id, line, "pending", until_on, unit_id, from_on)


def _url(  # noqa: PLR0917 the same words in the same order as its two callers
    programme_id: UUID, line: Line, counted: str, until_on: date, unit_id: UUID | None, from_on: date | None
) -> str:
    # Ids, days and codes need no quoting, and a table of units has a thousand of these.
    unit = "" if unit_id is None else f"&unit={unit_id}"
    start = "" if from_on is None else f"&from={from_on}"
    return f"{VISITS}?programme={programme_id}&line={line}&counted={counted}&first=true{unit}{start}&until={until_on}"
