"""A town with something for every kind of report to count: visits, trips, problems, draws, remarks, a published board."""

from datetime import date, timedelta
from uuid import uuid4

from service.evidence import inspections
from service.evidence.inspections import Found, NewInspection
from service.evidence.models import InspectionResult
from service.programmes.models import Line, Target, TargetLevel
from service.trips.models import TripKind
from service.trips.submission import TripPerson
from service.visits.ledger import recount
from service.visits.models import ReviewState
from tests.factories.problems import Called, add_problem, at_nine
from tests.factories.sites import add_site
from tests.factories.trips import add_trip
from tests.factories.visits import add_enterprise, add_visit

QUARTER = {"start_on": "2026-07-01", "end_on": "2026-10-01"}


def visits(session, world):
    """Two counties have visits in every period, one of them also a withdrawn, a returned and a pending one."""
    states = (ReviewState.WITHDRAWN, ReviewState.RETURNED, ReviewState.SUBMITTED, *[ReviewState.APPROVED] * 9)
    for place, state in enumerate(states):
        person = (world.field1, world.field2)[place % 2]
        made = add_visit(
            session,
            person,
            add_enterprise(session, f"第{place}机械有限公司"),
            date(2026, 9, 1) + timedelta(4 * place),
            review_state=state,
        )
        recount(session, [made.id])
    for unit, subjects in ((world.dongchangfu, 3), (world.chiping, 7), (world.linqing, 4)):
        target = {"programme_id": world.programme.id, "line": Line.THOUSAND, "level": TargetLevel.WORKING}
        session.add(Target(id=uuid4(), unit_id=unit.id, subjects=subjects, **target))


def trips(session, world):
    """Outings led by a leader and by others, with visits on them, and a reception."""
    first = add_trip(
        session,
        world.field1,
        date(2026, 9, 2),
        date(2026, 9, 4),
        leader=TripPerson("李区长", "county", world.unit1.person_id),
        participants=(TripPerson("王副区长", "deputy_county"), TripPerson("赵科员")),
        projects=("电池项目", "铝材项目"),
        project_count=2,
    )
    add_trip(session, world.field2, date(2026, 9, 20), leader=TripPerson("钱科长", "section"))
    add_trip(session, world.field2, date(2026, 10, 3), kind=TripKind.RECEPTION)
    for name in ("深圳甲公司", "深圳乙公司"):
        made = add_visit(
            session, world.field1, add_enterprise(session, name), date(2026, 9, 3), trip_id=first
        )
        recount(session, [made.id])


def problems(session, world):
    site, in_an_hour = add_site(session, world.dongchangfu), timedelta(hours=1)
    closed = {
        "state": "closed",
        "resolved_at": at_nine(date(2026, 9, 4)),
        "closed_at": at_nine(date(2026, 9, 5)),
        "satisfied": True,
    }
    add_problem(
        session, world.commissioner1, site, date(2026, 9, 2), [Called(world.department, in_an_hour)], **closed
    )
    add_problem(session, world.commissioner1, site, date(2026, 9, 8), [Called(world.department)])
    add_problem(session, world.commissioner1, site, date(2026, 9, 21))


def draws(session, world):
    """Two of September, the first looked at in part, and one of October that no September figure may open."""
    for day, count in ((date(2026, 9, 1), 5), (date(2026, 9, 1), 2), (date(2026, 10, 1), 1)):
        drawn = inspections.draw_inspection(session, world.inspector1, NewInspection(day, count, 1))
        found = inspections.inspected(session, drawn.id, None, None)
        for one, result in zip(found, InspectionResult, strict=False):
            inspections.note_finding(session, world.inspector1, drawn.id, Found(one.visit_id, result, None))


def published_board(client, world, clock):
    """A board of the quarter with a measured and an entered indicator, beside another that is not published."""
    rules = {
        "indicators": [
            {"code": "new", "name": "新增千家", "source": "thousand_new", "points": "60"},
            {"code": "funds", "name": "到位资金", "source": "manual", "points": "40"},
        ],
        "publicity_days": 1,
    }
    hq = client.as_(world.hq1)
    body = {"series": "综合榜", "name": "综合榜", "programme_id": str(world.programme.id), "rules": rules}
    hq.post("/api/hq/v1/boards", json=body | QUARTER | {"series": "外资榜"})
    at = f"/api/hq/v1/boards/{hq.post('/api/hq/v1/boards', json=body | QUARTER).json['id']}"
    for unit, amount in ((world.dongchangfu, "90"), (world.chiping, "33")):
        figure = {
            "unit_id": str(unit.id),
            "kind": "figure",
            "indicator": "funds",
            "amount": amount,
            "target": "70",
        }
        assert hq.post(f"{at}/entries", json=figure | {"reason": "财政局报表"}).status_code == 201
    bonus = {"unit_id": str(world.chiping.id), "kind": "bonus", "amount": "1.5", "reason": "承办活动"}
    hq.post(f"{at}/entries", json=bonus)
    aside = {"unit_id": str(world.zone.id), "kind": "exempt", "reason": "遭受洪灾"}
    hq.post(f"{at}/entries", json=aside)
    hq.post(f"{at}/freezing")
    hq.post(f"{at}/posting")
    clock.shift(86400)
    assert client.as_(world.hq1).post(f"{at}/publication").status_code == 200


def remarks(hq, world, session):
    """Two visits with a remark, one of which a person passes and one returns."""
    flag = {
        "code": "speed",
        "severity": "warning",
        "value": "1",
        "limit": "1",
        "zh": "快",
        "en": "fast",
    }
    for place, decision in enumerate(("approve", "return")):
        made = add_visit(
            session,
            world.field1,
            add_enterprise(session, f"疑点{place}有限公司"),
            date(2026, 9, 10),
            flags=[flag],
            review_state=ReviewState.SUBMITTED,
        )
        session.commit()
        told = {"type": "visit", "id": str(made.id), "rev": made.rev, "decision": decision}
        reason = {} if decision == "approve" else {"reason": "请补充", "reason_code": "incomplete"}
        answer = hq.post("/api/hq/v1/reviews", json={"decisions": [told | reason]})
        assert answer.json["results"][0]["status"] == "applied", answer.json


def publish_board(hq_of, clock, indicator):
    """A published board of the quarter with one indicator; `hq_of()` signs headquarters in."""
    rules = {"indicators": [{"code": "one", "name": "指标", "points": "60"} | indicator], "publicity_days": 1}
    hq = hq_of()
    programme_id = hq.get("/api/hq/v1/progress/overview").json["programme"]["id"]
    body = {"series": "单项榜", "name": "单项榜", "programme_id": programme_id, "rules": rules} | QUARTER
    made = hq.post("/api/hq/v1/boards", json=body)
    assert made.status_code == 201, made.json
    at = f"/api/hq/v1/boards/{made.json['id']}"
    hq.post(f"{at}/freezing")
    hq.post(f"{at}/posting")
    clock.shift(86400)
    assert hq_of().post(f"{at}/publication").status_code == 200
