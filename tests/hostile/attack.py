"""Sends hostile requests to the app in process: each is undone, each answer is judged, all are counted."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from werkzeug.test import TestResponse

from service.submissions.models import KeptSubmission
from tests.hostile.contract import Route, example
from tests.hostile.town import Town
from tests.support.client import Client
from tests.support.today import NOON

COUNTED = "hostile inputs"
LONG = os.environ.get("QIANBAI_HOSTILE") == "all"
"""Every text in every field, instead of a share that changes from field to field."""
SHARE = 1 if LONG else 8

PROBLEM_KEYS = frozenset(
    {
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "code",
        "retryable",
        "client_action",
        "errors",
        "trace_id",
    }
)
ACTIONS = frozenset({"retry", "wait", "fix", "quarantine", "login", "upgrade", "free_space"})
ALWAYS_HEADERS = ("X-Content-Type-Options", "Content-Security-Policy", "Cache-Control")

TRIP: dict[str, Any] = {
    "departs_on": "2026-03-02",
    "returns_on": "2026-03-04",
    "project_count": None,
    "participants": [{"name": "张三", "rank": "staff"}],
}
# What an example needs beyond its schema to be taken: rules that no schema can state. None leaves a field out.
FITTING: dict[str, dict[str, Any]] = {
    "POST /api/hq/v1/assignments": {"until_on": None},
    "POST /api/hq/v1/assignments/<uuid:assignment_id>/ending": {"until_on": "2026-03-01"},
    "POST /api/hq/v1/enterprises": {"responsible_unit_id": None},
    "PATCH /api/hq/v1/enterprises/<uuid:enterprise_id>": {"responsible_unit_id": None, "base_rev": 2},
    "POST /api/hq/v1/kept/<uuid:kept_id>/settlement": {"how": "discard", "body": None},
    "POST /api/hq/v1/recalls": {"device_id": None},
    "POST /api/hq/v1/list-editions": {"year": 2027},
    "POST /api/hq/v1/list-editions/<uuid:edition_id>/places": {"enterprise_id": None},
    "POST /api/hq/v1/people/<uuid:person_id>/posting": {"from_on": "2026-02-01"},
    "POST /api/hq/v1/events": {"prepares_on": "2026-03-01", "held_on": "2026-04-01"},
    "PATCH /api/hq/v1/events/<uuid:event_id>": {"prepares_on": None, "held_on": "2026-06-01"},
    "POST /api/hq/v1/reports": {"kind": "weekly", "on": "2026-03-02", "event_id": None},
    "PATCH /api/hq/v1/reports/<uuid:report_id>": {"rev": 1, "text": None},
    "POST /api/hq/v1/reports/<uuid:report_id>/signature": {"rev": 1},
    "POST /api/hq/v1/exports": {"filters": {}, "pictures": "stamped", "reason": None},
    "POST /api/hq/v1/boards": {
        "start_on": "2026-01-01",
        "end_on": "2026-04-01",
        "rules": {"indicators": [{"code": "x", "name": "千家", "source": "visits", "points": "1"}]},
    },
    "POST /api/hq/v1/boards/<uuid:board_id>/entries": {"kind": "bonus", "amount": "1", "target": None},
    "POST /api/hq/v1/inspections": {
        "month": f"{NOON.year}-01-01",
        "random_count": 1,
        "weighted_count": 1,
    },
    "POST /api/hq/v1/indicators": {"code": "funds"},
    "POST /api/hq/v1/issues": {"enterprise_id": None, "checkin_id": None, "photo_ids": [], "call": []},
    "POST /api/hq/v1/issues/<uuid:issue_id>/contacts": {"reason": "联系现场送电"},
    "POST /api/hq/v1/issues/<uuid:issue_id>/events": {"kind": "escalate", "photo_ids": [], "until_on": None},
    "PUT /api/hq/v1/issues/routes": {"items": []},
    "PUT /api/hq/v1/indicators/<string:indicator>/amounts": {
        "amounts": [{"unit_id": None, "level": "working", "amount": "1"}]
    },
    "POST /api/hq/v1/programmes": {"year": 2031, "starts_on": "2031-01-01", "ends_on": "2031-12-31"},
    "PATCH /api/hq/v1/programmes/<uuid:programme_id>": {"starts_on": "2026-01-01", "ends_on": "2026-12-31"},
    "PUT /api/hq/v1/programmes/<uuid:programme_id>/targets": {
        "targets": [{"line": "hundred", "unit_id": None, "level": "baseline", "subjects": 1}]
    },
    "PUT /api/hq/v1/trips/<uuid:trip_id>": TRIP | {"base_rev": 1},
    "POST /api/hq/v1/visits/<uuid:visit_id>/contacts": {"reason": "核实走访情况"},
    "POST /api/hq/v1/privacy/requests": {"kind": "access", "phone": "13806351234", "user_id": None},
    "POST /api/hq/v1/units": {"kind": "county", "valid_until": None},
    "PATCH /api/hq/v1/units/<uuid:unit_id>": {"valid_until": None},
    "POST /api/hq/v1/visits/<uuid:visit_id>/matching": {"register": None},
    "POST /api/v1/issues/<uuid:issue_id>/contacts": {"reason": "联系现场送电"},
    "POST /api/v1/issues/<uuid:issue_id>/events": {"kind": "reopen", "until_on": None},
    "PUT /api/v1/issues/<uuid:issue_id>": {"call": [], "base_rev": 1},
    "PUT /api/v1/trips/<uuid:trip_id>": TRIP | {"base_rev": 1},
    "PUT /api/v1/visits/<uuid:visit_id>": {"enterprise": None},
}


# What a route starts from that is in another state than the one the access table asks for.
INSTEAD = {
    "POST /api/v1/checkins/<uuid:checkin_id>/explanation": {"checkin_id": "flagged_checkin_id"},
    "POST /api/v1/issues/<uuid:issue_id>/events": {"issue_id": "resolved_issue_id"},
    "POST /api/v1/visits/<uuid:visit_id>/explanation": {"visit_id": "flagged_visit_id"},
    "POST /api/hq/v1/boards/<uuid:board_id>/entries": {"board_id": "draft_board_id"},
    "POST /api/hq/v1/reports/<uuid:report_id>/correction": {"report_id": "signed_report_id"},
}
OF_UNITS = {
    "POST /api/hq/v1/boards/<uuid:board_id>/appeals",
    "POST /api/v1/issues/<uuid:issue_id>/contacts",
}
"""Routes that a unit's office can use, and headquarters, or somebody in the field, cannot."""


@dataclass(slots=True)
class Attack:
    """One route at a time is attacked by the person who could use it best."""

    connection: sa.Connection
    town: Town
    field_worker: Client
    headquarters: Client
    unit_office: Client
    sent: int = 0

    def body(self, route: Route) -> Any:
        """An example body that the route takes."""
        assert route.schema is not None
        made = example(route.schema, self.town.ids)
        for name, value in FITTING.get(str(route), {}).items():
            if value is None:
                made.pop(name, None)
            else:
                made[name] = value
        for decision in made.get("decisions", []):
            decision |= {"type": "visit", "id": self.town.ids["visit_id"]}
        return made

    def send(
        self,
        route: Route,
        *,
        path: str | None = None,
        headers: Mapping[str, str] | None = None,
        undone: bool = True,
        **content: Any,
    ) -> TestResponse:
        """One hostile request; what it did is undone, and its answer is in order, whatever it says."""
        self.sent += 1
        around = self.connection.begin_nested() if undone else None
        try:
            options = {**content, "headers": dict(headers or {})}
            answer = self._sender(route).request(route.method, path or self._path(route), **options)
            judge(answer)
            self._demand_kept(answer, content)
            answer.close()
        finally:
            if around is not None:
                around.rollback()
        return answer

    def _path(self, route: Route) -> str:
        other = {name: self.town.ids[instead] for name, instead in INSTEAD.get(str(route), {}).items()}
        return route.path(self.town.ids | other)

    def _sender(self, route: Route) -> Client:
        if str(route) in OF_UNITS:
            return self.unit_office
        return self.field_worker if route.is_phone else self.headquarters

    def _demand_kept(self, answer: TestResponse, content: Mapping[str, Any]) -> None:
        """Where the answer says that the body is kept, its bytes are."""
        facts = (answer.get_json(silent=True) or {}) if answer.status_code == 422 else {}
        if "quarantine" not in facts or "data" not in content:
            return
        kept = self.connection.execute(
            sa.select(KeptSubmission.raw).where(KeptSubmission.id == facts["quarantine"]["id"])
        ).scalar_one()
        assert bytes(kept) == content["data"]


def judge(answer: TestResponse) -> None:
    """Every answer carries the headers that protect browsers; a refusal is a problem of the one shape, never a 5xx."""
    told = answer.get_data()[:500]
    assert answer.status_code < 500, told
    for name in ALWAYS_HEADERS:
        assert name in answer.headers, (name, told)
    if answer.status_code < 400:
        return
    assert answer.mimetype == "application/problem+json", told
    problem: dict[str, Any] = answer.get_json()
    assert set(problem) >= PROBLEM_KEYS, told
    assert problem["status"] == answer.status_code
    assert problem["client_action"] in ACTIONS
    assert all(set(one) == {"pointer", "detail"} for one in problem["errors"])
    assert "Traceback" not in answer.get_data(as_text=True)
