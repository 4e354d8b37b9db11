"""What only the server may say: sent by a client it changes nothing, and the client is told so."""

import pytest

from tests.hostile.contract import body_routes, properties, routes
from tests.support.phone_steps import visit_body

pytestmark = pytest.mark.slow

SERVER_OWNED = {
    "rev": 99,
    "number": "LC-1999-000001",
    "review_state": "approved",
    "review_reason": "fine",
    "recorded_by": "00000000-0000-0000-0000-000000000001",
    "received_at": "2001-01-01T00:00:00Z",
    "updated_at": "2001-01-01T00:00:00Z",
    "created_at": "2001-01-01T00:00:00Z",
    "closed_at": "2001-01-01T00:00:00Z",
    "counting": {"counted": True, "reasons": []},
    "receipt": {"rev": 99},
    "flags": [],
    "matched_by": "00000000-0000-0000-0000-000000000001",
    "owner_id": "00000000-0000-0000-0000-000000000001",
    "author_id": "00000000-0000-0000-0000-000000000001",
    "lineage": [],
    "password_hash": "x",
    "is_administrator": True,
    "distance_m": 0,
    "inside": True,
}


@pytest.mark.parametrize("route", [one for one in body_routes() if not one.is_phone], ids=str)
def test_headquarters_doors_refuse_what_only_the_server_says(attack, route):
    body = attack.body(route)
    for name, value in SERVER_OWNED.items():
        if name not in body and name not in _known(route):
            answer = attack.send(route, json={**body, name: value})
            assert answer.status_code == 422, (name, answer.get_data(as_text=True))
            assert f"/{name}" in [one["pointer"] for one in answer.json["errors"]]


@pytest.mark.parametrize("route", [one for one in body_routes() if one.is_phone], ids=str)
def test_phone_doors_answer_as_if_it_had_not_been_sent(attack, route):
    body = attack.body(route)
    plain = attack.send(route, json=body)
    told = attack.send(route, json={**body, **_foreign(body)})
    assert told.status_code == plain.status_code
    ours, theirs = plain.json or {}, told.json or {}
    for name in set(SERVER_OWNED) & set(ours):
        if name not in {"received_at", "updated_at", "receipt"}:
            assert ours[name] == theirs[name], name
            assert ours[name] != SERVER_OWNED[name] or name == "flags"


def test_a_visit_names_what_it_ignored(attack):
    route = next(one for one in routes() if str(one) == "PUT /api/v1/visits/<uuid:visit_id>")
    answer = attack.send(
        route,
        path="/api/v1/visits/11111111-2222-4333-8444-555555555555",
        json=visit_body(**SERVER_OWNED, hosts=[{"name": "王总", "secret": 1}]),
    )
    assert answer.status_code == 201
    assert set(answer.json["ignored_fields"]) == {f"/{name}" for name in SERVER_OWNED} | {"/hosts/0/secret"}
    assert answer.json["rev"] == 1
    assert answer.json["review_state"] == "submitted"
    assert answer.json["recorded_by"] == str(attack.town.world.field1.person_id)


def _known(route):
    return properties(route.schema)


def _foreign(body):
    return {name: value for name, value in SERVER_OWNED.items() if name not in body}
