"""The least problem that a phone sends, and one that is there; a test names the facts it is about."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.issues.commands import submit_issue
from service.issues.events import AddedEvent, add_event
from service.issues.models import EventKind, IssueCategory
from service.issues.submission import IssueSubmission, NewEvent
from service.kernel.actor import Actor
from service.kernel.calendar import SHANGHAI
from service.kernel.clock import now
from service.kernel.ids import uuid7
from service.projects.models import Site
from service.submissions.sent import Sent

PROBLEM = "三号塔吊没有电，停工两天"


def issue_body(site: Site | None = None, **facts: Any) -> dict[str, Any]:
    """A problem of just now at this site, as a phone sends it; a fact that is None is left out."""
    moment = now().astimezone(SHANGHAI).isoformat(timespec="seconds")
    usual = {
        "site_id": None if site is None else str(site.id),
        "category": "power",
        "text": PROBLEM,
        "raised_at": moment,
        "captured_at": moment,
    }
    return {name: value for name, value in (usual | facts).items() if value is not None}


def event_body(kind: str, **facts: Any) -> dict[str, Any]:
    """Something that is done about a problem, under an id of its own."""
    return {"id": str(uuid7()), "kind": kind} | facts


def add_issue(
    session: Session,
    person: Actor,
    site: Site | None = None,
    *,
    raised_at: datetime | None = None,
    call: Sequence[Unit] = (),
    **facts: Any,
) -> UUID:
    """A problem that this person raised at this site, calling these units at once."""
    issue_id = uuid7()
    usual = {"category": IssueCategory.POWER, "text": PROBLEM, "site_id": None if site is None else site.id}
    what = IssueSubmission(
        sent=Sent.of({"id": str(issue_id)}),
        captured_at=raised_at or now(),
        raised_at=raised_at or now(),
        call=tuple(unit.id for unit in call),
        **(usual | facts),
    )
    submit_issue(session, person, issue_id, what)
    return issue_id


def happen(session: Session, by: Actor, issue_id: UUID, kind: EventKind, **facts: Any) -> AddedEvent:
    """An event of this kind by this person, with words where it needs some."""
    usual = {"id": uuid7(), "text": f"{kind.value}的说明"}
    return add_event(session, by, issue_id, NewEvent(kind=kind, **(usual | facts)))


def assign(
    session: Session, by: Actor, issue_id: UUID, lead: Unit, *supports: Unit, **facts: Any
) -> AddedEvent:
    """分办 to these units."""
    called = {"lead_unit_id": lead.id, "support_unit_ids": tuple(unit.id for unit in supports)}
    return happen(session, by, issue_id, EventKind.ASSIGN, **(called | facts))
