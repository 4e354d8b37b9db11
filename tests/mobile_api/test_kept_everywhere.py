"""Whatever was kept is seen by its phone, in the list and in the pull, and by headquarters; once mended it counts."""

from uuid import uuid4

import pytest

from service.accounts.models import User
from service.kernel.actor import Role
from service.kernel.ids import uuid7
from service.programmes.models import Line
from service.visits.models import CityLedgerRow
from service.visits.recounting import verify
from tests.factories.submissions import visit_body
from tests.factories.visits import add_enterprise
from tests.support.committed import committed_house
from tests.support.pulling import Pulled
from tests.support.world import add_person


@pytest.fixture(scope="module")
def house(quiet_postgres_url, tmp_path_factory):
    with committed_house(quiet_postgres_url, tmp_path_factory.mktemp("house")) as made:
        yield made


class Kept:
    """A visit to an enterprise of its own that was kept for a reason, and the ways of mending it."""

    def __init__(self, house, because):
        self.house, self.because = house, because
        with house.sessions.begin() as session:
            self.person = add_person(session, f"p{uuid4()}", house.world.dongchangfu, Role.FIELD_STAFF)
            self.enterprise_id = add_enterprise(session, f"企业{uuid4()}", well_known=True).id
        self.phone, self.hq = house.phone(self.person), house.phone(house.world.hq1)
        self.id, self.body = str(uuid7()), visit_body(enterprise_id=str(self.enterprise_id))
        self.sent = self.body | {"mode": "by_balloon"} if because == "quarantined" else self.body
        if because == "conflict":
            self.push(visit_body())
        if because == "unpermitted":
            self.has_roles(Role.LEADER)
        (result,) = self.push(self.sent)
        assert result["status"] == because
        self.problem = result["problem"]

    def has_roles(self, *roles):
        with self.house.sessions.begin() as session:
            session.get_one(User, self.person.user_id).roles = [*roles]

    def push(self, body, **more):
        op = {"op_id": str(uuid4()), "type": "visit", "id": self.id, "body": body} | more
        return self.phone.post("/api/v1/sync/push", json={"ops": [op]}).get_json()["results"]

    def mend_by_phone(self):
        if self.because == "unpermitted":
            self.has_roles(Role.FIELD_STAFF)
        base = {"base_rev": self.problem["conflict"]["server_rev"]} if self.because == "conflict" else {}
        (result,) = self.push(self.body, **base)
        assert result["status"] == "applied"

    def mend_by_headquarters(self):
        decision = {"how": "replace" if self.because == "conflict" else "repair"}
        if self.because == "quarantined":
            decision["body"] = self.body
        answer = self.hq.post(f"/api/hq/v1/kept/{self.facts['id']}/settlement", json=decision)
        assert answer.status_code == 200, answer.get_json()

    @property
    def facts(self):
        return self.problem.get("quarantine") or self.problem["kept"]

    def seen(self):
        """The settlement as each of the three tells it."""
        pulled = Pulled(self.phone)
        pulled.all()
        (of_phone,) = self.phone.get("/api/v1/kept").get_json()["items"]
        (of_hq,) = [
            one for one in self.hq.get("/api/hq/v1/kept").get_json()["items"] if one["id"] == of_phone["id"]
        ]
        (of_pull,) = pulled.of("kept").values()
        for told in (of_phone, of_hq, of_pull):
            assert (told["id"], told["record_id"]) == (self.facts["id"], self.id)
            assert (told["because"], told["sha256"]) == (self.because, self.facts["sha256"])
        return {told["settlement"] for told in (of_phone, of_hq, of_pull)}

    def pending(self):
        with self.house.sessions() as session:
            assert verify(session).clean
            key = (self.house.world.programme.id, Line.THOUSAND, self.enterprise_id)
            row = session.get(CityLedgerRow, key)
            return 0 if row is None else row.pending


@pytest.fixture(params=["quarantined", "conflict", "unpermitted"])
def kept(house, request):
    return Kept(house, request.param)


def test_its_phone_and_headquarters_see_it_and_nobody_else_does(kept, house):
    assert kept.seen() == {None}
    assert kept.pending() == 0
    other = house.phone(house.world.field2)
    assert other.get("/api/v1/kept").get_json()["items"] == []
    assert other.get(f"/api/hq/v1/kept/{kept.facts['id']}").status_code == 403


@pytest.mark.parametrize(
    ("mend", "settlements"),
    [
        (Kept.mend_by_phone, {"accepted_later"}),
        (Kept.mend_by_headquarters, {"repaired", "replaced_server"}),
    ],
)
def test_it_counts_once_either_has_mended_it_and_a_repeat_is_a_repeat(kept, mend, settlements):
    mend(kept)
    assert kept.seen() <= settlements
    assert kept.pending() == 1
    kept.has_roles(Role.FIELD_STAFF)
    (again,) = kept.push(kept.body)
    assert again["status"] == "duplicate"
    assert kept.pending() == 1
