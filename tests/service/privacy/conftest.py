from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from service.checkins.models import Checkin, CheckinKind
from service.jobs.workshop import Workshop
from service.kernel.clock import now
from service.privacy.retention import Policy
from service.submissions.models import KeptBecause, KeptSubmission, RecordRevision, RecordType, Settlement
from tests.factories.sites import LIAOCHENG, LIAOCHENG_GCJ02
from tests.factories.visits import add_enterprise, add_visit

HERE = {
    "lat": LIAOCHENG_GCJ02[0],
    "lng": LIAOCHENG_GCJ02[1],
    "datum": "gcj02",
    "source": "gps",
    "accuracy_m": 10.0,
}
SPOT = {"location": HERE, "latitude": LIAOCHENG[0], "longitude": LIAOCHENG[1]}
POLICY = Policy(position_days=90, decimals=2, kept_days=365, view_days=1000)


def ago(days: float) -> datetime:
    return now() - timedelta(days=days)


@pytest.fixture
def workshop(settings, sessions, store) -> Workshop:
    return Workshop(settings, sessions, store)


@pytest.fixture
def visit(session, world):
    """A visit received so many days ago, with its body as it was sent."""

    def make(days: float = 100, by=None, **facts: Any):
        enterprise = add_enterprise(session, f"{uuid4()}")
        at = ago(days)
        usual = {"visited_at": at, "received_at": at, **SPOT}
        made = add_visit(session, by or world.field1, enterprise, at.date(), **(usual | facts))
        session.flush()
        body = {"location": made.location, "hosts": made.hosts, "summary": made.summary}
        revision = session.get_one(RecordRevision, (made.id, made.rev))
        revision.body = {name: value for name, value in body.items() if value}
        session.commit()
        return made

    return make


@pytest.fixture
def checkin(session, world):
    def make(site_id: UUID, days: float = 100):
        at = ago(days)
        made = Checkin(
            id=uuid4(),
            rev=1,
            number=f"LC-{uuid4()}",
            unit_id=world.dongchangfu.id,
            user_id=world.commissioner1.person_id,
            site_id=site_id,
            kind=CheckinKind.PROGRESS,
            at=at,
            on_day=at.date(),
            photo_ids=[],
            flags=[],
            captured_at=at,
            received_at=at,
            updated_at=at,
            **SPOT,
        )
        session.add(made)
        session.add(revision(made.id, world.commissioner1, at, RecordType.CHECKIN, {"location": HERE}))
        session.commit()
        return made

    return make


def revision(record_id, by, at, record_type, body, rev=1):
    return RecordRevision(
        record_id=record_id,
        rev=rev,
        record_type=record_type,
        sha256="0" * 64,
        body=body,
        author_id=by.person_id,
        received_at=at,
    )


@pytest.fixture
def kept(session, world):
    def make(raw: bytes, *, settled_days: float | None = None, **facts: Any):
        settled = (
            {}
            if settled_days is None
            else {"settled_at": ago(settled_days), "settlement": Settlement.DISCARDED}
        )
        usual = {
            "id": uuid4(),
            "record_type": RecordType.VISIT,
            "record_id": uuid4(),
            "because": KeptBecause.QUARANTINED,
            "code": "invalid",
            "faults": [],
            "sha256": uuid4().hex * 2,
            "raw": raw,
            "author_id": world.field1.person_id,
            "unit_id": world.dongchangfu.id,
            "received_at": ago(500),
        }
        made = KeptSubmission(**(usual | settled | facts))
        session.add(made)
        session.commit()
        return made

    return make
