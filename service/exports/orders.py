"""An export's order, as a value and as the document it is kept as until a worker comes to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from service.checkins.models import CheckinKind
from service.checkins.queries import CheckinFilter
from service.exports.models import ExportForm
from service.issues.measured import Counted
from service.issues.measures import Measure
from service.issues.models import CallRole, IssueCategory, IssueSeverity, IssueState
from service.issues.queries import Due, IssueFilter
from service.kernel.calendar import PeriodKind
from service.programmes.models import Line
from service.projects.lights import ProjectLight
from service.projects.models import ProjectStage
from service.projects.queries import ProjectFilter
from service.visits.models import ReviewState, VisitCreditStatus
from service.visits.queries import VisitFilter
from service.visits.records import Records


class PictureChoice(StrEnum):
    """Which picture of each photo goes into a ZIP."""

    STAMPED = "stamped"
    ORIGINAL = "original"


@dataclass(frozen=True, slots=True)
class TargetsAsked:
    """Which targets: of the period that has the day `on` (today's without one), as they stand at the end of `as_of`."""

    period: PeriodKind = PeriodKind.YEAR
    on: date | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What to take out: what a list on the screen shows, in one form; the filter of that list counts."""

    form: ExportForm
    visits: VisitFilter = field(default_factory=VisitFilter)
    checkins: CheckinFilter = field(default_factory=CheckinFilter)
    projects: ProjectFilter = field(default_factory=ProjectFilter)
    targets: TargetsAsked = field(default_factory=TargetsAsked)
    issues: Counted = field(default_factory=lambda: Counted(IssueFilter()))
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
        **{name: _document(getattr(order, name)) for name in _FILTERS},
        "bom": order.bom,
        "pictures": order.pictures.value,
        "reason": order.reason,
    }


def read(form: ExportForm, document: Mapping[str, Any]) -> Order:
    """The order behind a kept document."""
    return Order(
        form,
        _filter(document["visits"]),
        CheckinFilter(**_typed(document.get("checkins", {}))),
        ProjectFilter(**_typed(document.get("projects", {}))),
        TargetsAsked(**_typed(document.get("targets", {}))),
        _issues(document.get("issues", {})),
        bom=document["bom"],
        pictures=PictureChoice(document["pictures"]),
        reason=document["reason"],
    )


_FILTERS = ("visits", "checkins", "projects", "targets", "issues")
_MAKERS: dict[str, Any] = {
    "kind": CheckinKind,
    "state": ReviewState,
    "stage": ProjectStage,
    "light": ProjectLight,
    "period": PeriodKind,
    "standing": bool,
}
_OF_ISSUES: dict[str, Any] = {
    "states": lambda kept: tuple(map(IssueState, kept)),
    "category": IssueCategory,
    "severity": IssueSeverity,
    "department_role": CallRole,
    "due": Due,
    "q": str,
}


def _document(value: Any) -> dict[str, Any]:
    return {name: _written(part) for name, part in _parts(value)}


def _typed(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Each part of a kept filter as it was: ids, days and codes are told by their names."""
    return {name: _maker(name)(part) for name, part in kept.items()}


def _maker(name: str) -> Any:
    if name.endswith("_id"):
        return UUID
    return _MAKERS.get(name, date.fromisoformat)


def _parts(value: Any) -> list[tuple[str, Any]]:
    named = ((one.name, getattr(value, one.name)) for one in fields(value))
    return [(name, part) for name, part in named if part is not None]


def _written(value: Any) -> Any:
    if isinstance(value, (Records, IssueFilter)):
        return {name: _written(part) for name, part in _parts(value)}
    if isinstance(value, tuple):
        return [_written(part) for part in value]
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


def _issues(kept: Mapping[str, Any]) -> Counted:
    what = {name: _OF_ISSUES.get(name, _maker(name))(part) for name, part in kept.get("what", {}).items()}
    measure = _made(Measure, kept.get("measure"))
    return Counted(IssueFilter(**what), measure, own_only=kept.get("own_only", False))


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
