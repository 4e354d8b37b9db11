"""The least body of a visit that a phone may send; a test names the facts it is about."""

from typing import Any
from uuid import UUID, uuid4

from service.kernel.calendar import SHANGHAI
from service.kernel.clock import now
from service.kernel.ids import uuid7


def visit_body(**facts: Any) -> dict[str, Any]:
    """A visit of just now to a free entry; a fact that is None is left out."""
    moment = now().astimezone(SHANGHAI).isoformat(timespec="seconds")
    usual: dict[str, Any] = {
        "enterprise": {"name": "山东信发铝电集团有限公司"},
        "visited_at": moment,
        "mode": "door_to_door",
        "captured_at": moment,
    }
    if "enterprise_id" in facts:
        usual.pop("enterprise")
    return {name: value for name, value in (usual | facts).items() if value is not None}


def whole_visit_body(*, enterprise_id: UUID | None = None, **facts: Any) -> dict[str, Any]:
    """A visit with every field of the contract."""
    moment = now().astimezone(SHANGHAI).isoformat(timespec="seconds")
    usual = {
        "enterprise_id": None if enterprise_id is None else str(enterprise_id),
        "enterprise": None
        if enterprise_id
        else {"name": "某某商会", "credit_code": "91370000163023142T", "kind": "association", "city": "济南"},
        "ended_at": moment,
        "method": "door_to_door",
        "place": "济南市历下区",
        "location": {
            "lat": 36.65,
            "lng": 117.12,
            "datum": "gcj02",
            "accuracy_m": 25.5,
            "source": "gps",
            "is_mock": False,
            "fix_age_ms": 900,
        },
        "led_by": {"name": "张三", "rank": "deputy_county"},
        "participants": [{"name": "李四", "user_id": str(uuid4()), "rank": "section"}],
        "hosts": [{"name": "王五", "title": "总经理", "phone": "13806351234"}],
        "summary": "介绍了园区情况，企业有意设立北方总部。",
        "intention": "interested",
        "amount_wan": "12000.5",
        "next_step": "邀请来聊考察",
        "next_on": now().astimezone(SHANGHAI).date().isoformat(),
        "trip_id": str(uuid7()),
        "joint_units": [],
        "photo_ids": [str(uuid7()), str(uuid7())],
        "clock": {"server_time": moment, "elapsed_ms": 0, "phone_time": moment},
    }
    return visit_body(**(usual | facts))
