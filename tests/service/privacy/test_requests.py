import json
from datetime import date
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.audit.commands import seal
from service.audit.models import AuditEntry
from service.audit.verification import verify
from service.evidence.models import CheckinExplanation, VisitExplanation
from service.issues.models import EventKind
from service.issues.queries import one_issue
from service.kernel.clock import now
from service.kernel.errors import Invalid
from service.privacy.errors import AlreadyDecided, NothingToHandOut, StillSearching, UnknownRequest
from service.privacy.jobs import erase, search
from service.privacy.models import Refused, RequestKind, RequestState
from service.privacy.queries import hand_out, one_request
from service.privacy.requests import Decision, NewRequest, decide_request, enter_request
from service.projects.progress_months import MonthTold, month_versions, put_month
from service.submissions.models import RecordRevision, Withdrawal
from service.sync.models import SyncMark
from tests.factories.issues import add_issue, happen
from tests.factories.sites import add_project, add_site
from tests.factories.trips import trip_body

HOST = {"name": "王五", "title": "总经理", "phone": "13806351234"}
OTHER = {"name": "赵六", "title": "副总", "phone": "13900001111"}
GONE = {"name": "已删除", "title": "已删除", "phone": "已删除"}
GRANT = Decision(is_granted=True)


@pytest.fixture
def asked(session, world, workshop):
    """A request of headquarters' that was searched."""

    def ask(kind=RequestKind.ERASURE, name="王五", phone="138 0635 1234", **more):
        request = enter_request(session, world.hq1, NewRequest(kind, name, phone, **more))
        session.commit()
        search(workshop, str(request.id))
        session.expire_all()
        return request

    return ask


@pytest.fixture
def erased(session, world, workshop, asked):
    def run(**more):
        request = asked(**more)
        decide_request(session, world.hq1, request.id, GRANT)
        session.commit()
        erase(workshop, str(request.id))
        session.expire_all()
        return request

    return run


def body_of(session, record):
    return session.get_one(RecordRevision, (record.id, record.rev)).body


def test_it_takes_the_host_out_of_the_visit_its_body_and_its_texts(session, erased, visit):
    told = visit(5, hosts=[HOST, OTHER], summary="王五（13806351234）介绍了情况", next_step="回访赵六")
    untold = visit(5, hosts=[OTHER], summary="赵六")
    request = erased()
    assert told.hosts == [GONE, OTHER]
    assert (told.summary, told.next_step) == ("已删除（已删除）介绍了情况", "回访赵六")
    assert body_of(session, told)["hosts"] == [GONE, OTHER]
    assert (untold.hosts, untold.summary) == ([OTHER], "赵六")
    assert (request.state, request.erased) == (RequestState.DONE, {"visits": 1, "revisions": 1})


def test_hashes_receipts_and_counts_stay_and_the_audit_chain_is_whole(session, erased, visit):
    told = visit(5, hosts=[HOST], participants=[{"name": "王五"}, {"name": "李四"}])
    revised = session.get_one(RecordRevision, (told.id, 1))
    before = (told.rev, told.updated_at, told.review_state, revised.sha256, revised.received_at)
    erased()
    assert (told.rev, told.updated_at, told.review_state, revised.sha256, revised.received_at) == before
    assert (len(told.hosts), len(told.participants)) == (1, 2)
    while seal(session) is not None:
        session.commit()
    assert verify(session, anchor=None).is_sound


def test_it_finds_the_person_in_an_earlier_revision_and_by_name_in_the_others(session, world, erased, visit):
    told = visit(5, hosts=[{"name": "王五"}], rev=2)
    session.add(
        RecordRevision(
            record_id=told.id,
            rev=1,
            record_type="visit",
            sha256="1" * 64,
            body={"hosts": [HOST]},
            author_id=world.field1.person_id,
            received_at=told.received_at,
        )
    )
    session.commit()
    erased()
    assert told.hosts == [{"name": "已删除"}]
    assert session.get_one(RecordRevision, (told.id, 1)).body == {"hosts": [GONE]}


def test_it_reaches_kept_bodies_withdrawals_and_check_ins_and_keeps_their_hashes(
    session, world, erased, kept
):
    body = kept(json.dumps({"hosts": [HOST], "mode": "by magic"}, ensure_ascii=False).encode())
    broken = kept('{"hosts": [{"phone": "13806351234", "name": "王五"'.encode())
    session.add(
        Withdrawal(
            record_id=uuid4(),
            sha256="2" * 64,
            body={"reason": "王五 13806351234 要求撤回"},
            rev=1,
            author_id=world.field1.person_id,
            received_at=body.received_at,
        )
    )
    session.commit()
    hashes = body.sha256, broken.sha256
    request = erased()
    assert json.loads(body.raw) == {"hosts": [GONE], "mode": "by magic"}
    assert broken.raw.decode() == '{"hosts": [{"phone": "已删除", "name": "已删除"'
    assert session.scalars(sa.select(Withdrawal)).one().body == {"reason": "已删除 已删除 要求撤回"}
    assert (body.sha256, broken.sha256) == hashes
    assert request.erased == {"kept": 2, "withdrawals": 1}


def test_a_name_alone_is_looked_for_only_in_the_records_that_are_named(session, erased, visit):
    named, other = visit(5, hosts=[{"name": "王五"}]), visit(5, hosts=[{"name": "王五"}])
    erased(phone=None, record_ids=(named.id,))
    assert named.hosts == [{"name": "已删除"}]
    assert other.hosts == [{"name": "王五"}]


def test_the_author_s_phone_is_told_of_the_changed_visit(session, erased, visit):
    told = visit(5, hosts=[HOST])
    marked = sa.select(sa.func.count()).where(SyncMark.subject == told.id, SyncMark.type == "visit")
    before = session.scalar(marked)
    erased()
    assert session.scalar(marked) == before + 1


def test_afterwards_the_register_itself_tells_nothing_and_neither_does_the_audit_log(
    session, world, erased, asked, visit
):
    visit(5, hosts=[HOST])
    before = asked(RequestKind.ACCESS, note="王五来电")
    decide_request(session, world.hq1, before.id, GRANT)
    session.commit()
    request = erased(note="来信")
    assert (request.name, request.phone, request.note) == ("王*", "138****1234", None)
    assert (before.name, before.note) == ("王*", None)
    details = [str(entry.details) for entry in session.scalars(sa.select(AuditEntry))]
    assert not [text for text in details if "王五" in text or "13806351234" in text]


def test_a_second_run_of_the_job_changes_nothing(session, workshop, erased, visit):
    told = visit(5, hosts=[HOST])
    request = erased()
    before = request.done_at, dict(request.erased)
    erase(workshop, str(request.id))
    session.expire_all()
    assert (request.done_at, request.erased, told.hosts) == (*before, [GONE])


def test_it_hands_out_everything_about_the_person(session, world, asked, visit):
    told = visit(5, hosts=[OTHER, HOST], summary="见到王五")
    visit(5, hosts=[OTHER])
    request = asked(RequestKind.ACCESS)
    decide_request(session, world.hq1, request.id, GRANT)
    document = hand_out(session, world.hq1, request.id)
    assert document["account"] is None
    (record,) = [one for one in document["records"] if one["place"] == "visits"]
    assert record["record_id"] == told.id
    assert record["tells"] == [
        {"pointer": "/hosts/1", "value": HOST},
        {"pointer": "/summary", "value": "见到王五"},
    ]
    assert one_request(session, world.hq1, request.id).found == {"visits": 1, "revisions": 1}


def test_it_hands_out_an_account_with_counts_of_service(session, world, asked, visit):
    visit(5)
    request = asked(RequestKind.ACCESS, "field1", None, user_id=world.field1.person_id)
    decide_request(session, world.hq1, request.id, GRANT)
    account = hand_out(session, world.hq1, request.id)["account"]
    assert account["username"] == "field1"
    assert account["postings"] == [{"unit": "东昌府区", "from_on": "2020-01-01", "until_on": None}]
    assert (account["counts"]["visits"], account["counts"]["visits_with_position"]) == (1, 1)


@pytest.mark.parametrize(
    ("new", "pointer"),
    [
        (NewRequest(RequestKind.ACCESS, "王五"), "/phone"),
        (NewRequest(RequestKind.ACCESS, "王五", "110"), "/phone"),
        (NewRequest(RequestKind.ACCESS, "王五", user_id=uuid4()), "/user_id"),
    ],
)
def test_it_refuses_what_cannot_be_searched(session, world, new, pointer):
    with pytest.raises(Invalid) as refusal:
        enter_request(session, world.hq1, new)
    assert refusal.value.faults[0].pointer == pointer


def test_an_account_is_not_erased(session, world):
    with pytest.raises(Invalid):
        enter_request(
            session, world.hq1, NewRequest(RequestKind.ERASURE, "field1", user_id=world.field1.person_id)
        )


def test_it_is_granted_after_the_search_and_decided_once(session, world, asked):
    request = enter_request(session, world.hq1, NewRequest(RequestKind.ACCESS, "王五", "13806351234"))
    with pytest.raises(StillSearching):
        decide_request(session, world.hq1, request.id, GRANT)
    searched = asked(RequestKind.ACCESS)
    decide_request(session, world.hq1, searched.id, GRANT)
    with pytest.raises(AlreadyDecided):
        decide_request(session, world.hq1, searched.id, GRANT)
    with pytest.raises(UnknownRequest):
        decide_request(session, world.hq1, uuid4(), GRANT)


def test_a_legal_hold_refuses_and_nothing_is_erased_or_handed_out(session, world, workshop, asked, visit):
    told = visit(5, hosts=[HOST])
    request = asked()
    with pytest.raises(Invalid):
        decide_request(session, world.hq1, request.id, Decision(is_granted=False))
    held = Decision(is_granted=False, refused_because=Refused.LEGAL_HOLD, reason="审计期间依法保存")
    decide_request(session, world.hq1, request.id, held)
    session.commit()
    erase(workshop, str(request.id))
    session.expire_all()
    assert (request.state, told.hosts) == (RequestState.REFUSED, [HOST])
    with pytest.raises(NothingToHandOut):
        hand_out(session, world.hq1, request.id)


def test_who_went_on_a_trip_is_left_as_it_is_counted(session, world, client, erased):
    trip_id = uuid4()
    sent = trip_body(participants=[{"name": "王五", "rank": "staff"}], remark="联系人 13806351234")
    answer = client.as_(world.field1).put(f"/api/v1/trips/{trip_id}", json=sent)
    assert answer.status_code == 201, answer.json
    erased()
    shown = client.as_(world.field1).get(f"/api/v1/trips/{trip_id}").json
    assert shown["remark"] == "联系人 已删除"
    assert shown["participants"][0]["name"] == "王五"


def test_it_takes_the_person_out_of_what_authors_said(session, world, erased, visit, checkin):
    said = [
        table(
            id=uuid4(),
            record_id=record.id,
            rev=1,
            text="王五（13806351234）开的门",
            author_id=record_author,
            written_at=now(),
        )
        for table, record, record_author in (
            (VisitExplanation, visit(5), world.field1.person_id),
            (
                CheckinExplanation,
                checkin(add_site(session, world.dongchangfu).id, 5),
                world.commissioner1.person_id,
            ),
        )
    ]
    session.add_all(said)
    session.commit()
    erased()
    for one in said:
        assert "13806351234" not in one.text
        assert "王五" not in one.text
        assert "开的门" in one.text


def test_it_takes_the_person_out_of_what_projects_told_each_version_of_it(session, world, erased):
    project, of = add_project(session, world.dongchangfu), date(2026, 1, 1)
    for problem in ("等待供电，联系王五13806351234", "已送电"):
        put_month(session, world.unit1, project.id, of, MonthTold(problem=problem))
    session.commit()
    erased()
    told = [one.told.problem for one in month_versions(session, world.hq1, project.id, of)]
    assert told == ["已送电", "等待供电，联系已删除已删除"]


def test_it_takes_the_person_out_of_problems_and_what_was_done_about_them(session, world, erased):
    site = add_site(session, world.dongchangfu)
    text = "停电，请联系王五13806351234"
    issue_id = add_issue(session, world.commissioner1, site, text=text, call=[world.department])
    happen(session, world.department1, issue_id, EventKind.REPLY, text="已电话王五 13806351234")
    session.commit()
    erased()
    card = one_issue(session, world.hq1, issue_id)
    assert (card.text, card.events[-1].text) == ("停电，请联系已删除已删除", "已电话已删除 已删除")
