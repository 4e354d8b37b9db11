"""Forgetting beside those who write the same rows: nobody's write is undone by it."""

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.clock import now
from service.privacy import walks
from service.privacy.retention import retain
from service.submissions.models import RecordRevision, RecordType
from service.visits.models import Visit
from tests.factories.visits import add_enterprise, add_visit
from tests.service.privacy.conftest import HERE, POLICY, SPOT, ago, revision
from tests.support.committed import committed_house

ELSEWHERE = HERE | {"lat": 31.23, "lng": 121.47}
ENOUGH_S = 20
A_MOMENT_S = 0.5


@pytest.fixture
def house(postgres_url, tmp_path):
    with committed_house(postgres_url, tmp_path) as house:
        yield house


@pytest.fixture
def old(house) -> UUID:
    """A visit whose position is due, with its body as it was sent."""
    with house.sessions.begin() as session:
        enterprise = add_enterprise(session, "时风集团有限公司")
        at = ago(100)
        made = add_visit(
            session, house.world.field1, enterprise, at.date(), visited_at=at, received_at=at, **SPOT
        )
        session.flush()
        body = {"location": HERE, "summary": "电话13800001234"}
        session.get_one(RecordRevision, (made.id, 1)).body = body
        return made.id


@pytest.fixture
def meanwhile(monkeypatch, house):
    """Starts a write of somebody else's when a batch was read and is not written yet, and waits for its end."""

    def write_at(step: str, write: Callable[[Session], None]) -> Callable[[], None]:
        ended = threading.Event()

        def write_it() -> None:
            with house.sessions.begin() as session:
                write(session)
            ended.set()

        other = threading.Thread(target=write_it, daemon=True)
        real = getattr(walks, step)

        def watched(*args):
            if other.ident is None:
                other.start()
                ended.wait(A_MOMENT_S)  # held up by the locks of the batch, it ends after it
            return real(*args)

        monkeypatch.setattr(walks, step, watched)
        return lambda: other.join(ENOUGH_S)

    return write_at


def test_an_edit_that_comes_meanwhile_keeps_its_place(house, old, meanwhile):
    def edit(session):
        new = {"rev": 2, "location": ELSEWHERE, "latitude": 31.23, "longitude": 121.47}
        session.execute(sa.update(Visit).where(Visit.id == old).values(new))
        author = house.world.field1
        session.add(revision(old, author, now(), RecordType.VISIT, {"location": ELSEWHERE}, rev=2))

    wait = meanwhile("_coarse_columns", edit)
    retain(house.sessions, POLICY)
    wait()
    with house.sessions() as session:
        visit = session.get_one(Visit, old)
        assert (visit.rev, visit.latitude, visit.location) == (2, 31.23, ELSEWHERE)


def test_what_is_erased_meanwhile_stays_erased(house, old, meanwhile):
    def erase(session):
        found = session.get_one(RecordRevision, (old, 1), with_for_update=True)
        found.body = {**found.body, "summary": "已删除"}

    wait = meanwhile("is_exact", erase)
    retain(house.sessions, POLICY)
    wait()
    with house.sessions() as session:
        body = session.get_one(RecordRevision, (old, 1)).body
        assert body["summary"] == "已删除"
        assert body["location"]["reduced_to_decimals"] == POLICY.decimals
