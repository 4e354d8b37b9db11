"""The photos of a problem and of all that was done about it are one record's."""

from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.queries import unit_names
from service.enterprises.models import Enterprise
from service.issues.models import Issue, IssueEvent
from service.kernel.actor import Actor
from service.photos.claims import StampFacts, claim
from service.projects.models import Site
from service.submissions.models import RecordType


def claim_photos(session: Session, actor: Actor, issue: Issue, *, owner_id: UUID) -> None:
    """Make exactly the photos that the problem and its events name the problem's own; they may arrive later.

    Photos are their owner's, whoever lets the record in: that person's are stamped for it.
    """
    of_events = session.scalars(
        sa.select(sa.func.unnest(IssueEvent.photo_ids))
        .where(IssueEvent.issue_id == issue.id)
        .order_by(IssueEvent.received_at, IssueEvent.id)
    )
    claim(
        session,
        replace(actor, user_id=owner_id),
        record_type=RecordType.ISSUE.value,
        record_id=issue.id,
        photo_ids=[*issue.photo_ids, *of_events],
        stamp=_stamp(session, issue),
    )


def _stamp(session: Session, issue: Issue) -> StampFacts:
    site = session.get(Site, issue.site_id) if issue.site_id else None
    enterprise = session.get(Enterprise, issue.enterprise_id) if issue.enterprise_id else None
    subject = (site and site.name) or (enterprise and enterprise.name) or ""
    return StampFacts(
        place=(site and (site.address or site.name)) or "",
        unit=unit_names(session, [issue.unit_id])[issue.unit_id],
        number=issue.number,
        subject=subject,
    )
