"""The phone's clock as it stands on a request, and the moment the request arrived."""

from datetime import UTC, datetime

from flask import has_request_context, request

from service.http.load import ARRIVED
from service.kernel.clock import now
from service.submissions.clocks import sending_skew_s, within_calendar

HEADER = "X-Phone-Time"
LONGEST_TIME = 40


def skew_of_request() -> float | None:
    """How many seconds the sending phone's clock is ahead, or None: no header, or none that can be read."""
    if not has_request_context():
        return None
    phone_time = read_moment(request.headers.get(HEADER, ""))
    return None if phone_time is None else sending_skew_s(phone_time, arrived_at())


def arrived_at() -> datetime:
    """When the headers of this request had arrived, by the server's clock."""
    noted: datetime | None = request.environ.get(ARRIVED)
    return noted or now()


def read_moment(text: str) -> datetime | None:
    """The aware moment in RFC 3339, of any year; None for anything else."""
    if len(text) > LONGEST_TIME:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return None if moment.tzinfo is None else within_calendar(moment).astimezone(UTC)
    except ValueError:
        return None
