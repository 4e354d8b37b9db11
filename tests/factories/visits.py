"""The least visit, enterprise and Top-500 listing that the database takes; a test names the facts it is about."""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from service.enterprises.models import (
    Enterprise,
    EnterpriseGroup,
    EnterpriseKind,
    ListEdition,
    ListMembership,
)
from service.kernel.actor import Actor
from service.kernel.calendar import SHANGHAI
from service.submissions.models import RecordRevision, RecordType
from service.visits.models import ReviewState, Visit, VisitMode

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def add_enterprise(session: Session, name: str = "浪潮集团有限公司", **facts: Any) -> Enterprise:
    """An enterprise that the thousand line counts, unless the test says otherwise."""
    enterprise_id = facts.pop("id", None) or uuid4()
    enterprise = Enterprise(
        id=enterprise_id,
        name=name,
        name_key=f"{name}{enterprise_id}",
        initials="",
        grams=[],
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
        **({"kind": EnterpriseKind.ENTERPRISE, "well_known": True} | facts),
    )
    session.add(enterprise)
    session.flush()
    return enterprise


def add_group(session: Session, name: str = "浪潮集团") -> EnterpriseGroup:
    group = EnterpriseGroup(id=uuid4(), name=name, name_key=f"{name}{uuid4()}", created_at=LONG_AGO)
    session.add(group)
    session.flush()
    return group


def add_edition(
    session: Session, in_force_from: date, *, list_code: str = "china_500", year: int | None = None
) -> ListEdition:
    edition = ListEdition(
        id=uuid4(),
        list_code=list_code,
        title=f"{list_code} {in_force_from}",
        year=year or in_force_from.year,
        in_force_from=in_force_from,
    )
    session.add(edition)
    session.flush()
    return edition


def add_membership(session: Session, edition: ListEdition, **facts: Any) -> ListMembership:
    """A confirmed membership of `group_id=` or `enterprise_id=`."""
    membership = ListMembership(
        id=uuid4(), edition_id=edition.id, listed_name="某公司", **({"confirmed_at": LONG_AGO} | facts)
    )
    session.add(membership)
    session.flush()
    return membership


def add_visit(
    session: Session, by: Actor, enterprise: Enterprise | UUID | None, on: date, **facts: Any
) -> Visit:
    """A visit on a day, approved unless the test says otherwise; the ledgers do not know of it yet."""
    visit_id = facts.pop("id", None) or uuid4()
    at = datetime.combine(on, time(10), SHANGHAI)
    usual = {
        "rev": 1,
        "number": f"LC-{visit_id}",
        "unit_id": by.unit_id,
        "visitor_id": by.person_id,
        "recorded_by": by.person_id,
        "visited_at": at,
        "visited_on": on,
        "mode": VisitMode.DOOR_TO_DOOR,
        "participants": [],
        "hosts": [],
        "joint_unit_ids": [],
        "photo_ids": [],
        "flags": [],
        "captured_at": at,
        "received_at": at,
        "updated_at": at,
        "review_state": ReviewState.APPROVED,
        "enterprise_id": enterprise.id if isinstance(enterprise, Enterprise) else enterprise,
    }
    visit = Visit(id=visit_id, **(usual | facts))
    session.add(visit)
    session.add(
        RecordRevision(
            record_id=visit_id,
            rev=visit.rev,
            record_type=RecordType.VISIT,
            sha256="0" * 64,
            body={},
            author_id=visit.recorded_by,
            received_at=visit.received_at,
        )
    )
    session.flush()
    return visit
