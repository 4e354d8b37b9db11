"""What headquarters does at its desk: registers, draws fences, reviews, and opens the records behind a figure."""

from typing import Any

from tests.support.live import Phone

FENCE = {"kind": "circle", "datum": "gcj02", "centre": {"lat": 36.456684, "lng": 115.985389}, "radius_m": 300}


def register(hq: Phone, name: str, **facts: Any) -> str:
    """A new enterprise's id."""
    made = hq.post("/api/hq/v1/enterprises", {"name": name, **facts})
    assert made.status == 201, made.body
    return str(made.json["id"])


def open_site(hq: Phone, unit_id: object, name: str = "智能制造产业园一号工地") -> str:
    """A new site's id; its fence is drawn where phones of the stories stand."""
    made = hq.post("/api/hq/v1/sites", {"name": name, "unit_id": str(unit_id), "fence": FENCE})
    assert made.status == 201, made.body
    return str(made.json["site"]["id"])


def put_on_list(hq: Phone, enterprise_id: str, *, code: str, year: int) -> None:
    """A confirmed place on an edition in force from the first day of that year."""
    edition = hq.post(
        "/api/hq/v1/list-editions",
        {"list_code": code, "title": f"{year}年榜单", "year": year, "in_force_from": f"{year}-01-01"},
    )
    assert edition.status == 201, edition.body
    place = hq.post(
        f"/api/hq/v1/list-editions/{edition.json['id']}/places",
        {"listed_name": "上榜名称", "enterprise_id": enterprise_id, "rank": 7, "confirmed": True},
    )
    assert place.status == 201, place.body


def decide(
    reviewer: Phone, visit: dict[str, Any], decision: str, reason: str | None = None
) -> dict[str, Any]:
    """The result of one decision about a visit's present revision."""
    told = {"type": "visit", "id": visit["id"], "rev": visit["rev"], "decision": decision, "reason": reason}
    answer = reviewer.post("/api/hq/v1/reviews", {"decisions": [told]})
    assert answer.status == 200, answer.body
    result: dict[str, Any] = answer.json["results"][0]
    return result


def figures(reader: Phone, query: str = "") -> dict[str, tuple[int, int]]:
    """`{line: (counted, pending)}` of the overview."""
    answer = reader.get(f"/api/hq/v1/progress/overview{query}")
    assert answer.status == 200, answer.body
    return {line["code"]: (line["counted"], line["pending"]) for line in answer.json["lines"]}


def records_behind(reader: Phone, url: str) -> list[Any]:
    """Every record that a figure's link opens."""
    return reader.every(url)
