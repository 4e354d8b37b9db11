"""Every type of row that phones pull, in the order of a first pull: what is needed in the field soonest comes first."""

from service.sync.feed import Feed
from service.sync.feeds import (
    assignments,
    checkins,
    enterprises,
    issues,
    kept,
    last_visits,
    programmes,
    recalls,
    sites,
    stations,
    target_lists,
    targets,
    trips,
    visits,
)

FEEDS: tuple[Feed, ...] = (
    programmes.FEED,
    targets.FEED,
    assignments.FEED,
    sites.FEED,
    stations.FEED,
    recalls.FEED,
    kept.FEED,
    visits.FEED,
    checkins.FEED,
    trips.FEED,
    issues.FEED,
    target_lists.FEED,
    enterprises.FEED,
    last_visits.FEED,
)
BY_NAME: dict[str, Feed] = {feed.name: feed for feed in FEEDS}
