"""A check and its verdict, and the three ways to come to one."""

from dataclasses import dataclass
from enum import StrEnum

from service.evidence.subject import RecordNamed, Sighting

Measured = float | int | str | None


class Verdict(StrEnum):
    """What a check says."""

    PASS = "pass"  # noqa: S105 -- a verdict, no password
    DOUBT = "doubt"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class Check:
    """One question asked of a record, with its numbers and both sentences."""

    check: str
    verdict: Verdict
    value: Measured
    limit: Measured
    zh: str
    en: str
    records: tuple[RecordNamed, ...] = ()
    """Other records it speaks of."""
    sightings: tuple[Sighting, ...] = ()
    """Photos it speaks of, with those they resemble."""


def passed(
    check: str,
    zh: str,
    en: str,
    *,
    value: Measured = None,
    limit: Measured = None,
    records: tuple[RecordNamed, ...] = (),
) -> Check:
    """What was measured lies within its limit."""
    return Check(check, Verdict.PASS, value, limit, zh, en, records)


def doubt(
    check: str,
    zh: str,
    en: str,
    *,
    value: Measured = None,
    limit: Measured = None,
    records: tuple[RecordNamed, ...] = (),
    sightings: tuple[Sighting, ...] = (),
) -> Check:
    """Somebody should look at it; there may be an honest reason."""
    return Check(check, Verdict.DOUBT, value, limit, zh, en, records, sightings)


def no_data(check: str, zh: str, en: str) -> Check:
    """There is nothing to measure, which speaks against nobody."""
    return Check(check, Verdict.NO_DATA, None, None, zh, en)
