"""The steps a phone takes in the field: what it writes, what it sends, and what it may rely on."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from tests.support.live import Answer, wait_until
from tests.support.live import Phone as Speaker
from tests.support.phone import Phone
from tests.support.phone.bodies import freeze
from tests.support.today import told_year

SECONDS = 60
HERE = {"lat": 36.456684, "lng": 115.985389, "datum": "gcj02", "accuracy_m": 12.5, "source": "gps"}


def a_moment(text: str) -> str:
    """`02-06 09:30` of the told year in Shanghai, with its offset; January and February of it are always over."""
    day, clock = text.split(" ")
    return f"{told_year()}-{day}T{clock}:00+08:00"


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


def send_visit(phone: Speaker, body: dict[str, Any], visit_id: UUID | None = None) -> Answer:
    """One PUT of the whole record."""
    return phone.put(f"/api/v1/visits/{visit_id or uuid4()}", body)


def handed_in(phone: Phone, reader: Speaker, **facts: Any) -> dict[str, Any]:
    """A visit that the phone has kept, sent and holds the receipt of, as the house shows it to its visitor."""
    visit_id = phone.keep_visit(visit_body(**facts))
    return shown(phone, reader, visit_id)


def shown(phone: Phone, reader: Speaker, visit_id: UUID) -> dict[str, Any]:
    """A visit as the house shows it, once the phone has sent all it holds; the receipt is the phone's own hash."""
    assert phone.sync_until_empty(SECONDS), phone.outbox.pending
    answer = reader.get(f"/api/v1/visits/{visit_id}")
    assert answer.status == 200, answer.body
    assert answer.json["receipt"]["sha256"] == phone.outbox.acknowledged[str(visit_id)]
    visit: dict[str, Any] = answer.json
    return visit


def pull_until(phone: Phone, holds: Callable[[], bool], what: str) -> None:
    """Sync until the phone holds it: a change is told once every transaction that began before it is over, a job's too."""

    def is_told() -> bool:
        phone.sync()
        return holds()

    wait_until(is_told, what)


def receipt_hash(body: dict[str, Any]) -> str:
    """What a receipt must state: SHA-256 over the canonical JSON without `base_rev`, worked out by the phone."""
    return freeze(body).sha256


def wait_for_photo(phone: Speaker, photo_id: str) -> dict[str, Any]:
    """The photo's facts, once the job worker has developed it."""

    def is_settled() -> bool:
        return phone.get(f"/api/v1/photos/{photo_id}").json["state"] in {"ready", "rejected"}

    wait_until(is_settled, f"photo {photo_id} is developed")
    facts: dict[str, Any] = phone.get(f"/api/v1/photos/{photo_id}").json
    return facts
