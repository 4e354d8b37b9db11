"""What the demo city's reviewers make of records: they sit down twice a week, and the newest still wait."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import partial
from uuid import UUID

from service.checkins import review as checkin_review
from service.cli.demo_city.scene import Happening, Scene
from service.cli.demo_city.workdays import DAY
from service.kernel.actor import Actor, Role
from service.kernel.calendar import SHANGHAI, is_working_day
from service.submissions.models import RecordType
from service.submissions.reviewing import Decision
from service.visits import review
from service.visits.models import ReviewChoice

_SITTING = (1, 4)
"""Tuesdays and Fridays."""
_RECENT = timedelta(days=9)


class Fate(StrEnum):
    """What review makes of a record."""

    APPROVED = "approved"
    UNIT_APPROVED = "unit_approved"
    RETURNED = "returned"
    VOIDED = "voided"
    WAITING = "waiting"


_REASONS = {Fate.RETURNED: "请补充洽谈内容和下一步打算", Fate.VOIDED: "重复录入"}
_CHOICES = {Fate.RETURNED: ReviewChoice.RETURN, Fate.VOIDED: ReviewChoice.VOID}


def fate_of(dice: random.Random, sent_at: datetime, now: datetime) -> Fate:
    """What review makes of a visit; those of the last days are mostly still waiting."""
    if now - sent_at < _RECENT:
        return dice.choices((Fate.WAITING, Fate.UNIT_APPROVED, Fate.APPROVED), (50, 25, 25))[0]
    return dice.choices((Fate.APPROVED, Fate.RETURNED, Fate.VOIDED), (96, 3, 1))[0]


@dataclass(slots=True)
class ReviewDesk:
    """Collects what is to be decided, sitting by sitting."""

    scene: Scene
    _visits: dict[tuple[datetime, str], list[Decision]] = field(default_factory=lambda: defaultdict(list))
    _checkins: dict[datetime, list[Decision]] = field(default_factory=lambda: defaultdict(list))

    def visit(self, author: Actor, visit_id: UUID, sent_at: datetime, fate: Fate) -> None:
        """A visit is decided at the next sitting."""
        if fate is Fate.WAITING:
            return
        reviewer = self._office_of(author) if fate is Fate.UNIT_APPROVED else "hq1"
        decision = Decision(
            RecordType.VISIT, visit_id, 1, _CHOICES.get(fate, ReviewChoice.APPROVE), _REASONS.get(fate)
        )
        self._visits[_sitting_after(sent_at), reviewer].append(decision)

    def checkin(self, checkin_id: UUID, sent_at: datetime) -> None:
        """A check-in is approved at the next sitting."""
        decision = Decision(RecordType.CHECKIN, checkin_id, 1, ReviewChoice.APPROVE, None)
        self._checkins[_sitting_after(sent_at)].append(decision)

    def sittings(self) -> Iterator[Happening]:
        """Everything that was decided by now."""
        session, people = self.scene.session, self.scene.people
        for (at, reviewer), decisions in self._visits.items():
            if at <= self.scene.now:
                yield Happening(at, partial(review.decide, session, people[reviewer], decisions))
        for at, decisions in self._checkins.items():
            if at <= self.scene.now:
                yield Happening(at, partial(checkin_review.decide, session, people["hq1"], decisions))

    def _office_of(self, author: Actor) -> str:
        offices = (one for one in self.scene.people.items() if one[1].has(Role.UNIT_OFFICE))
        return next((name for name, person in offices if person.unit_id == author.unit_id), "hq1")


def _sitting_after(moment: datetime) -> datetime:
    """The next working Tuesday or Friday afternoon."""
    day = moment.astimezone(SHANGHAI).date() + DAY
    while day.weekday() not in _SITTING or not is_working_day(day).count:
        day += DAY
    return datetime.combine(day, time(16, 30), tzinfo=SHANGHAI)
