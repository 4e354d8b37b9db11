"""The steps a phone takes in the field: what it writes, what it sends, and what it may rely on."""

import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import rfc8785

from tests.support.live import Answer, Phone, wait_until
from tests.support.photos import announcement, picture

HERE = {"lat": 36.456684, "lng": 115.985389, "datum": "gcj02", "accuracy_m": 12.5, "source": "gps"}


def a_moment(text: str) -> str:
    """`05-06 09:30` of this year in Shanghai, with its offset."""
    day, clock = text.split(" ")
    return f"{datetime.now(UTC).year}-{day}T{clock}:00+08:00"


def visit_body(**facts: Any) -> dict[str, Any]:
    """The least visit of a free entry on a spring morning, with whatever the story adds."""
    told: dict[str, Any] = {
        "visited_at": a_moment("01-06 09:30"),
        "mode": "door_to_door",
        "captured_at": a_moment("01-06 10:00"),
        "summary": "走访了解扩产计划",
    } | facts
    if "enterprise_id" not in told and "enterprise" not in told:
        told["enterprise"] = {"name": "山东某某有限公司"}
    return told


def checkin_body(site_id: str, **facts: Any) -> dict[str, Any]:
    """An arrival at a site."""
    usual = {
        "site_id": site_id,
        "kind": "arrive",
        "at": a_moment("01-06 14:00"),
        "captured_at": a_moment("01-06 14:00"),
    }
    return usual | facts


def send_visit(phone: Phone, body: dict[str, Any], visit_id: UUID | None = None) -> Answer:
    """One PUT of the whole record."""
    return phone.put(f"/api/v1/visits/{visit_id or uuid4()}", body)


def accepted_visit(phone: Phone, **facts: Any) -> dict[str, Any]:
    """A visit that the house takes at once, as it answers it; the receipt is the phone's own hash."""
    body = visit_body(**facts)
    answer = send_visit(phone, body)
    assert answer.status == 201, answer.body
    assert answer.json["receipt"]["sha256"] == receipt_hash(body)
    visit: dict[str, Any] = answer.json
    return visit


def receipt_hash(body: dict[str, Any]) -> str:
    """What a receipt must state: SHA-256 over the canonical JSON without `base_rev`, worked out by the phone."""
    told = {name: value for name, value in body.items() if name != "base_rev"}
    return hashlib.sha256(rfc8785.dumps(told)).hexdigest()


def upload_photo(phone: Phone, *, seed: int, photo_id: UUID | None = None) -> str:
    """Announce a picture, follow the grant to the letter, complete; the photo's id."""
    content = picture(seed)
    announced = announcement(content, photo_id)
    granted = phone.post("/api/v1/photos", announced)
    assert granted.status == 201, granted.body
    upload = granted.json["upload"]
    bare = Phone(phone.host, phone.port)
    sent = bare.send(upload["method"], upload["url"], raw=content, headers=upload["headers"])
    assert sent.status == 200, sent.body
    done = phone.post(f"/api/v1/photos/{announced['id']}/complete")
    assert done.status == 200, done.body
    assert done.json["receipt"]["sha256"] == hashlib.sha256(content).hexdigest()
    return str(announced["id"])


def wait_for_photo(phone: Phone, photo_id: str) -> dict[str, Any]:
    """The photo's facts, once the job worker has developed it."""

    def is_settled() -> bool:
        return phone.get(f"/api/v1/photos/{photo_id}").json["state"] in {"ready", "rejected"}

    wait_until(is_settled, f"photo {photo_id} is developed")
    facts: dict[str, Any] = phone.get(f"/api/v1/photos/{photo_id}").json
    return facts
