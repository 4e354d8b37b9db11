"""A conflict is decided: both contents side by side, then one, a merge, or both; and bodies that were not permitted."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.accounts.models import Posting, User
from service.audit.models import AuditEntry
from service.submissions.models import RecordRevision
from tests.factories.sites import add_site, checkin_body
from tests.factories.submissions import visit_body
from tests.support.world import LONG_AGO


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1)


@pytest.fixture
def hq(client, world):
    return client.as_(world.hq1)


def put(phone, visit_id, body):
    return phone.put(f"/api/v1/visits/{visit_id}", json=body)


def kept_id_of(phone):
    return phone.get("/api/v1/kept?open=true").get_json()["items"][0]["id"]


def settle(hq, kept_id, how, **more):
    return hq.post(f"/api/hq/v1/kept/{kept_id}/settlement", json={"how": how, **more})


@pytest.fixture
def conflict(phone):
    """Two phones edited revision 1: one changed the summary, the other the intention and the place."""
    visit_id, body = uuid4(), visit_body(summary="初谈", place="市政务中心")
    put(phone, visit_id, body)
    first = put(phone, visit_id, body | {"summary": "深谈", "place": "企业会议室", "base_rev": 1})
    assert first.status_code == 200
    second = body | {"intention": "interested", "place": "厂区", "base_rev": 1}
    assert put(phone, visit_id, second).status_code == 409
    return visit_id, body, second, kept_id_of(phone)


def test_it_shows_both_contents_and_who_changed_what(hq, conflict):
    visit_id, _body, second, kept_id = conflict
    shown = hq.get(f"/api/hq/v1/kept/{kept_id}").get_json()
    assert (shown["server"]["rev"], shown["server"]["body"]["summary"]) == (2, "深谈")
    assert shown["body"] == {name: value for name, value in second.items() if name != "base_rev"}
    told = {
        one["pointer"]: (one["base"], one["server"], one["kept"], one["changed_by"])
        for one in shown["differences"]
    }
    assert told == {
        "/summary": ("初谈", "深谈", "初谈", "server"),
        "/intention": (None, None, "interested", "kept"),
        "/place": ("市政务中心", "企业会议室", "厂区", "both"),
    }
    assert shown["kept"]["record_id"] == str(visit_id)


def test_what_is_no_conflict_has_nothing_beside_it(phone, hq):
    put(phone, uuid4(), {"mode": "by magic"})
    shown = hq.get(f"/api/hq/v1/kept/{kept_id_of(phone)}").get_json()
    assert (shown["server"], shown["differences"], shown["body"]) == (None, [], {"mode": "by magic"})


def test_a_merge_becomes_the_next_revision_and_names_both_sources(phone, hq, conflict, session, world):
    visit_id, body, _second, kept_id = conflict
    merged = body | {"summary": "深谈", "intention": "interested", "place": "厂区"}
    settled = settle(hq, kept_id, "merge", body=merged, base_rev=2, note="两人各记一半")
    assert settled.get_json() == {"id": kept_id, "settlement": "merged", "record_id": str(visit_id)}
    visit = phone.get(f"/api/v1/visits/{visit_id}").get_json()
    assert (visit["rev"], visit["summary"], visit["intention"], visit["place"]) == (
        3,
        "深谈",
        "interested",
        "厂区",
    )
    revision = session.get(RecordRevision, (visit_id, 3))
    assert revision.author_id == world.field1.user_id
    told = session.scalars(sa.select(AuditEntry.details).where(AuditEntry.action == "visit.settle")).one()
    assert (told["how"], told["server_rev"]) == ("merge", 2)
    assert {told["server_sha256"], told["kept_sha256"]} == {
        session.get(RecordRevision, (visit_id, 2)).sha256,
        hq.get(f"/api/hq/v1/kept/{kept_id}").get_json()["kept"]["sha256"],
    }
    (heard,) = phone.get("/api/v1/kept").get_json()["items"]
    assert (heard["settlement"], heard["settlement_note"]) == ("merged", "两人各记一半")


def test_a_merge_needs_its_body_and_the_revision_it_was_made_from(hq, conflict):
    _visit_id, body, _second, kept_id = conflict
    assert settle(hq, kept_id, "merge", base_rev=2).get_json()["errors"][0]["pointer"] == "/body"
    assert settle(hq, kept_id, "merge", body=body).get_json()["errors"][0]["pointer"] == "/base_rev"


@pytest.mark.parametrize("how", ["merge", "replace"])
def test_a_record_that_moved_on_is_not_written_over(phone, hq, conflict, how):
    visit_id, body, _second, kept_id = conflict
    put(phone, visit_id, body | {"summary": "第三次", "base_rev": 1})
    assert settle(hq, kept_id_of(phone), "replace", base_rev=2).status_code == 200
    more = {"body": body | {"summary": "旧"}} if how == "merge" else {}
    stale = settle(hq, kept_id, how, base_rev=2, **more)
    assert (stale.status_code, stale.get_json()["code"]) == (412, "stale")
    assert phone.get(f"/api/v1/visits/{visit_id}").get_json()["summary"] == "第三次"


def test_a_merge_is_held_to_the_rules_of_a_visit(hq, conflict):
    _visit_id, body, _second, kept_id = conflict
    refused = settle(hq, kept_id, "merge", base_rev=2, body=body | {"mode": "by magic"})
    assert refused.get_json()["errors"][0]["pointer"] == "/mode"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ("“更正后采用”", "保留服务器版本、采用这份内容、合并两份内容、另立一条记录、不采用")),
        ("en", ("“repair”", "the server stands, take this content, merge both")),
    ],
)
def test_it_says_in_words_what_would_fit(hq, conflict, language, words):
    answer = hq.post(
        f"/api/hq/v1/kept/{conflict[3]}/settlement",
        json={"how": "repair"},
        headers={"Accept-Language": language},
    )
    assert (answer.status_code, answer.get_json()["code"]) == (422, "cannot_settle_so")
    assert all(word in answer.get_json()["detail"] for word in words)


def without_role(session, person):
    session.execute(sa.update(User).where(User.id == person.user_id).values(roles=[]))
    session.commit()


def test_what_was_not_permitted_counts_for_the_unit_of_its_day(client, hq, phone, world, session):
    """The person moved after the visit and lost the role before sending it."""
    moved_on = LONG_AGO.replace(year=2026, month=3)
    posting = session.scalars(sa.select(Posting).where(Posting.user_id == world.field1.user_id)).one()
    posting.until_on = moved_on
    session.add(Posting(id=uuid4(), user_id=world.field1.user_id, unit_id=world.chiping.id, from_on=moved_on))
    without_role(session, world.field1)
    visit_id = uuid4()
    body = visit_body(visited_at="2026-02-10T09:00:00+08:00", captured_at="2026-02-10T10:00:00+08:00")
    refused = put(phone, visit_id, body)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "may_not_record")
    assert refused.get_json()["kept"]["sha256"]
    assert settle(hq, kept_id_of(phone), "replace", note="核实属实").status_code == 200
    visit = phone.get(f"/api/v1/visits/{visit_id}").get_json()
    assert visit["unit"]["name"] == "东昌府区"


def test_an_administrator_lets_a_checkin_in_as_well(client, world, session, phone):
    site = add_site(session, world.dongchangfu)
    session.commit()
    without_role(session, world.field1)
    checkin_id = uuid4()
    assert phone.put(f"/api/v1/checkins/{checkin_id}", json=checkin_body(site)).status_code == 403
    assert settle(client.as_(world.admin), kept_id_of(phone), "replace").status_code == 200
    assert phone.get(f"/api/v1/checkins/{checkin_id}").status_code == 200


def test_what_is_discarded_is_told_to_its_owner_with_the_reason(phone, hq, session, world):
    without_role(session, world.field1)
    put(phone, uuid4(), visit_body())
    settle(hq, kept_id_of(phone), "discard", note="非本人走访")
    (told,) = phone.get("/api/v1/kept").get_json()["items"]
    assert (told["settlement"], told["settlement_note"]) == ("discarded", "非本人走访")
