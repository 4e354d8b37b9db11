"""One of everything that a route can name, so that an attack reaches past "not found" to where rows are written."""

import io
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from service.accounts.models import Device, DeviceHolder
from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.privacy.requests import search_for
from tests.factories.issues import event_body, issue_body
from tests.factories.trips import trip_body
from tests.support.client import Client
from tests.support.phone_steps import checkin_body, visit_body
from tests.support.photos import announcement, picture
from tests.support.world import World

FENCE = {"kind": "circle", "datum": "wgs84", "centre": {"lat": 36.45, "lng": 115.98}, "radius_m": 300}


@dataclass(frozen=True, slots=True)
class Town:
    """The cast, and the id of one thing of each kind by the name it has in paths and bodies.

    Whatever belongs to somebody belongs to `field1`, whose unit is `dongchangfu`.
    """

    world: World
    ids: dict[str, str]


def build_town(client: Client, session: Session, world: World) -> Town:
    """Make everything by the doors, as the people who may."""
    builder = _Builder(client, session, world)
    ids = builder.office() | builder.register() | builder.sites() | builder.people()
    ids |= builder.field(ids)
    ids |= builder.papers(ids)
    session.commit()
    return Town(world, ids)


@dataclass(frozen=True, slots=True)
class _Builder:
    client: Client
    session: Session
    world: World

    def office(self) -> dict[str, str]:
        programme_id = str(self.world.programme.id)
        made = self._made(f"/api/hq/v1/programmes/{programme_id}/lists", {"name": "目标企业库"})
        units = {"unit_id": self.world.dongchangfu.id, "unit": self.world.dongchangfu.id}
        joint = {"joint_units": self.world.chiping.id, "parent_id": self.world.city.id}
        return {
            "indicator": "visits",
            "programme_id": programme_id,
            "programme": programme_id,
            "list_id": made["id"],
        } | {name: str(value) for name, value in (units | joint).items()}

    def register(self) -> dict[str, str]:
        enterprise = self._made(
            "/api/hq/v1/enterprises", {"name": "山东浪潮集团有限公司", "well_known": True}
        )
        other = self._made("/api/hq/v1/enterprises", {"name": "浪潮集团有限公司山东"})
        gone = self._made("/api/hq/v1/enterprises", {"name": "浪潮集团（旧）"})
        group = self._made("/api/hq/v1/groups", {"name": "浪潮系"})
        edition = self._made(
            "/api/hq/v1/list-editions",
            {"list_code": "china_500", "title": "中国500强", "year": 2025, "in_force_from": "2025-09-01"},
        )
        place = self._made(
            f"/api/hq/v1/list-editions/{edition['id']}/places",
            {"listed_name": "浪潮", "enterprise_id": enterprise["id"], "rank": 1},
        )
        alias = self._made(f"/api/hq/v1/enterprises/{enterprise['id']}/aliases", {"name": "Inspur"})
        merge = self._made(f"/api/hq/v1/enterprises/{gone['id']}/merge", {"into_id": other["id"]})
        return {
            "enterprise_id": enterprise["id"],
            "enterprise_ids": enterprise["id"],
            "into_id": other["id"],
            "group_id": group["id"],
            "edition_id": edition["id"],
            "place_id": place["id"],
            "place_ids": place["id"],
            "alias_id": alias["id"],
            "merge_id": merge["id"],
            "import_id": self._import_of_enterprises(),
            "suspicion_id": self._suspicion(enterprise["id"]),
        }

    def sites(self) -> dict[str, str]:
        unit_id = str(self.world.dongchangfu.id)
        project = self._made("/api/hq/v1/projects", {"name": "智能制造产业园", "unit_id": unit_id})
        site = self._made(
            "/api/hq/v1/sites",
            {"name": "一号工地", "unit_id": unit_id, "fence": FENCE, "project_id": project["id"]},
        )["site"]
        station = self._made(
            "/api/hq/v1/stations", {"name": "驻点", "unit_id": unit_id, "site_id": site["id"]}
        )
        assignment = self._made(
            "/api/hq/v1/assignments",
            {
                "user_id": str(self.world.field1.person_id),
                "site_id": site["id"],
                "duty": "site_commissioner",
                "from_on": "2026-01-01",
            },
        )
        return {
            "project_id": project["id"],
            "month": f"{local_date(now()).year}-01",
            "site_id": site["id"],
            "station_id": station["id"],
            "assignment_id": assignment["id"],
        }

    def papers(self, ids: dict[str, str]) -> dict[str, str]:
        """A draft report, an export of headquarters', and a board that is posted and appealed against."""
        report = self._made("/api/hq/v1/reports", {"kind": "half_month", "on": "2026-03-02"})
        signed = self._made("/api/hq/v1/reports", {"kind": "monthly", "on": "2026-03-02"})
        self._made(f"/api/hq/v1/reports/{signed['id']}/signature", {"rev": signed["rev"]})
        event = self._made(
            "/api/hq/v1/events",
            {
                "programme_id": ids["programme_id"],
                "name": "招商推介会",
                "prepares_on": "2026-03-01",
                "held_on": "2026-05-01",
            },
        )
        export = self._made("/api/hq/v1/exports", {"form": "visits_csv"})
        indicator = {"code": "thousand", "name": "千家", "source": "thousand_counted", "points": "60"}
        rules = {"indicators": [indicator]}
        period = {"start_on": "2026-01-01", "end_on": "2026-02-01"}
        about = {"series": "月榜", "name": "一月榜", "programme_id": ids["programme_id"], "rules": rules}
        draft = self._made("/api/hq/v1/boards", about | period)
        board = self._made("/api/hq/v1/boards", about | period)
        at = f"/api/hq/v1/boards/{board['id']}"
        bonus = {"unit_id": ids["unit_id"], "kind": "bonus", "amount": "1", "reason": "承办活动"}
        entered = self._made(f"{at}/entries", bonus)
        for step in ("freezing", "posting"):
            self._made(f"{at}/{step}", None)
        appeal = self.client.as_(self.world.unit1).post(f"{at}/appeals", json={"text": "漏计一家"})
        self._took(appeal)
        month = f"{local_date(now()).year}-01-01"
        inspection = self._made("/api/hq/v1/inspections", {"month": month, "random_count": 100})
        entries = [entry for row in entered["rows"] for entry in row["entries"]]
        return {
            "report_id": report["id"],
            "figure": "thousand.zero_units_count",
            "signed_report_id": signed["id"],
            "event_id": event["id"],
            "draft_board_id": draft["id"],
            "export_id": export["id"],
            "board_id": board["id"],
            "inspection_id": inspection["id"],
            "request_id": self._privacy_request(),
            "entry_id": entries[0]["id"],
            "appeal_id": appeal.json["id"],
        }

    def people(self) -> dict[str, str]:
        """The person whom administrative routes are about is `colleague`, so that `field1` can still sign in."""
        colleague = str(self.world.colleague.person_id)
        device = "phone-of-colleague"
        self._known_device(self.world.colleague, device)
        return {
            "person_id": colleague,
            "user_id": colleague,
            "to_user_id": colleague,
            "visitor_id": colleague,
            "device_id": device,
        }

    def field(self, ids: dict[str, str]) -> dict[str, str]:
        phone = self.client.as_(self.world.field1)
        visit_id, checkin_id, trip_id = str(uuid4()), str(uuid4()), str(uuid4())
        self._took(phone.put(f"/api/v1/visits/{visit_id}", json=visit_body()))
        self._took(phone.put(f"/api/v1/checkins/{checkin_id}", json=checkin_body(ids["site_id"])))
        self._took(phone.put(f"/api/v1/trips/{trip_id}", json=trip_body()))
        flagged_id = str(uuid4())
        mocked = {"lat": 36.4, "lng": 115.9, "datum": "wgs84", "source": "gps", "is_mock": True}
        self._took(phone.put(f"/api/v1/visits/{flagged_id}", json=visit_body(location=mocked)))
        flagged_checkin_id = str(uuid4())
        self._took(
            phone.put(
                f"/api/v1/checkins/{flagged_checkin_id}", json=checkin_body(ids["site_id"], location=mocked)
            )
        )
        wrong = phone.put(f"/api/v1/visits/{uuid4()}", json={"mode": "by magic"})
        assert wrong.status_code == 422, wrong.get_data(as_text=True)
        content = picture()
        photo = announcement(content)
        self._took(phone.post("/api/v1/photos", json=photo | {"accept": ["tus"]}))
        self._took(phone.put(f"/api/v1/photos/{photo['id']}/content", data=content))
        return self.problems(ids) | {
            "visit_id": visit_id,
            "flagged_visit_id": flagged_id,
            "checkin_id": checkin_id,
            "flagged_checkin_id": flagged_checkin_id,
            "trip_id": trip_id,
            "photo_id": str(photo["id"]),
            "photo_ids": str(photo["id"]),
            "kept_id": wrong.get_json()["quarantine"]["id"],
            "recall_id": self._recall(visit_id),
            "name": "thumb",
        }

    def problems(self, ids: dict[str, str]) -> dict[str, str]:
        """One that waits to be assigned, and one that its department has resolved."""
        phone, department = self.client.as_(self.world.field1), self.client.as_(self.world.department1)
        issue_id, resolved_id = str(uuid4()), str(uuid4())
        at_site = issue_body(site_id=ids["site_id"])
        self._took(phone.put(f"/api/v1/issues/{issue_id}", json=at_site))
        called = at_site | {"call": [str(self.world.department.id)]}
        self._took(phone.put(f"/api/v1/issues/{resolved_id}", json=called))
        for kind in ("report_in", "resolve"):
            done = event_body(kind, text="已送电")
            self._took(department.post(f"/api/v1/issues/{resolved_id}/events", json=done))
        return {"issue_id": issue_id, "resolved_issue_id": resolved_id}

    def _privacy_request(self) -> str:
        """Somebody wants to know what is kept; it has been searched."""
        asked = {"kind": "access", "name": "王五", "phone": "13806351234"}
        request_id = UUID(self._made("/api/hq/v1/privacy/requests", asked)["id"])
        search_for(self.session, request_id)
        return str(request_id)

    def _recall(self, visit_id: str) -> str:
        asked = {"user_id": str(self.world.field1.person_id), "record_ids": [visit_id], "reason": "核对"}
        return str(self._made("/api/hq/v1/recalls", asked)["id"])

    def _made(self, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        answer = self.client.as_(self.world.hq1).post(path, json=body)
        assert answer.status_code in (200, 201, 202), answer.get_data(as_text=True)
        made: dict[str, Any] = answer.get_json()
        return made

    def _took(self, answer: Any) -> None:
        assert answer.status_code in (200, 201), answer.get_data(as_text=True)

    def _import_of_enterprises(self) -> str:
        file = (io.BytesIO("企业名称\n山东鲁西集团有限公司\n".encode()), "list.csv")
        answer = self.client.as_(self.world.hq1).post(
            "/api/hq/v1/enterprises/imports", data={"file": file}, content_type="multipart/form-data"
        )
        self._took(answer)
        return str(answer.get_json()["id"])

    def _suspicion(self, enterprise_id: str) -> str:
        twin = self._made("/api/hq/v1/enterprises", {"name": "山东浪潮集团股份有限公司"})
        found = self.client.as_(self.world.hq1).get("/api/hq/v1/duplicates").get_json()["items"]
        assert found, f"{twin['id']} and {enterprise_id} do not look alike"
        return str(found[0]["id"])

    def _known_device(self, person: Actor, device_id: str) -> None:
        self.session.add(Device(id=device_id, first_seen_at=now(), last_seen_at=now()))
        self.session.flush()
        self.session.add(DeviceHolder(device_id=device_id, user_id=person.person_id, since_at=now()))
        self.session.flush()
