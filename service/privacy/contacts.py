"""Contacts are masked until somebody who may says why they must be read whole; that is kept in the audit log."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import within_scope
from service.audit import commands as audit
from service.kernel.actor import Actor, Role
from service.kernel.errors import Forbidden
from service.visits.errors import UnknownVisit
from service.visits.models import Visit

MAY_REVEAL = frozenset({Role.UNIT_OFFICE, Role.HEADQUARTERS, Role.INSPECTOR, Role.ADMINISTRATOR})
"""Leaders read figures and records; whom to call is a matter of those who work with them."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """What of a visit is masked elsewhere."""

    id: UUID
    hosts: list[dict[str, Any]]
    enterprise: dict[str, Any] | None
    place: str | None
    summary: str | None
    next_step: str | None


def reveal_contacts(session: Session, actor: Actor, visit_id: UUID, reason: str) -> Contacts:
    """The contacts of a visit as they were recorded; who read them, and why, is noted at once.

    A unit's office reads those of its own units' visits, not of visits others made together with it.

    Raises:
        Forbidden: the actor holds no role that may.
        UnknownVisit: there is none such in scope.
    """
    if not actor.has(*MAY_REVEAL):
        raise Forbidden
    columns = (Visit.id, Visit.hosts, Visit.free_enterprise, Visit.place, Visit.summary, Visit.next_step)
    found = session.execute(
        sa.select(*columns).where(Visit.id == visit_id, within_scope(actor, Visit.unit_id))
    ).one_or_none()
    if found is None:
        raise UnknownVisit
    audit.record(session, actor, "visit.reveal_contacts", "visit", visit_id, reason=reason)
    return Contacts(*found)
