"""The words of this room in both languages, for the lists of codes and for the rows of its tables."""

from collections.abc import Mapping
from datetime import date

from service.kernel.words import Words
from service.trips.models import TripKind

KINDS: Mapping[TripKind, Words] = {
    TripKind.OUTING: ("外出招商", "Outing"),
    TripKind.RECEPTION: ("接待来访", "Reception"),
    TripKind.ONLINE: ("线上洽谈", "Online meeting"),
    TripKind.EVENT: ("推介活动", "Promotion event"),
}
TOTAL: Words = ("合计", "Total")
NO_CAMPAIGN: Words = ("未列入活动", "Of no campaign")
NO_REGION: Words = ("未填目的地", "No destination given")


def named(name: str) -> Words:
    """A name, which is the same in both languages."""
    return name, name


def month_words(first: date) -> Words:
    """A month: 2026年3月, 2026-03."""
    return f"{first.year}年{first.month}月", f"{first:%Y-%m}"
