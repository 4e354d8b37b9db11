"""Where headquarters reads the records behind a figure of trips; the filters are those of the lists."""

from urllib.parse import urlencode

from service.trips.queries import TripFilter

TRIPS = "/api/hq/v1/trips"


def trips_url(what: TripFilter) -> str:
    """The trips."""
    return f"{TRIPS}{_query(what)}"


def visits_url(what: TripFilter) -> str:
    """The visits paid on them."""
    return f"{TRIPS}/visits{_query(what)}"


def organisations_url(what: TripFilter) -> str:
    """The organisations met on them, each once."""
    return f"{TRIPS}/organisations{_query(what)}"


def _query(what: TripFilter) -> str:
    given = {
        "unit": what.unit_id,
        "own_only": "true" if what.own_only else None,
        "kind": what.kind,
        "leader": what.leader_id,
        "leader_name": what.leader_name,
        "rank": what.rank,
        "leaders_only": "true" if what.leaders_only else None,
        "campaign": what.campaign,
        "region": what.region,
        "from": what.from_on,
        "until": what.until_on,
    }
    words = {name: str(value) for name, value in given.items() if value is not None}
    return f"?{urlencode(words)}" if words else ""
