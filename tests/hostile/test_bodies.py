"""Whatever stands in a body, the answer is one that a phone can act on."""

import pytest

from tests.hostile.attack import SHARE
from tests.hostile.contract import body_routes, places, value_at, with_fragment, with_value
from tests.hostile.documents import bombs, documents, fragments
from tests.hostile.naughty import TEXTS

pytestmark = pytest.mark.slow

NEEDS_A_SECRET = {
    "/api/v1/browser/sessions",
    "/api/v1/browser/sessions/enrol",
    "/api/v1/sessions",
    "/api/v1/sessions/enrol",
    "/api/v1/sessions/refresh",
    "/api/v1/me/password",
}

LONGEST_ANSWER = 64 * 1024
TAKE_LONG = {"900_kB_of_empty_lists", "100000_keys"}
"""Bombs that keep the one reader of all bodies busy for most of a second: for routes that keep them, and a share."""
BOM = b"\xef\xbb\xbf"

every_route = pytest.mark.parametrize("route", body_routes(), ids=str)


@every_route
def test_its_example_is_taken_so_that_attacks_reach_the_rows(attack, route):
    answer = attack.send(route, json=attack.body(route))
    if route.rule in NEEDS_A_SECRET:
        assert answer.status_code in (401, 403, 422)
    else:
        assert answer.status_code < 300, answer.get_data(as_text=True)


@every_route
def test_it_survives_json_that_is_none(attack, route):
    for _name, document in _share(documents(), len(str(route)), 1 if _keeps(route) else min(2, SHARE)):
        answer = attack.send(route, data=document, content_type="application/json")
        text = document.removeprefix(BOM).strip()
        assert answer.status_code >= 400 or text.startswith(b"{") or not text


@every_route
def test_it_survives_bombs(attack, route):
    for name, document in bombs():
        if name in TAKE_LONG and not (_keeps(route) or body_routes().index(route) % SHARE == 0):
            continue
        answer = attack.send(route, data=document, content_type="application/json")
        assert len(answer.get_data()) < LONGEST_ANSWER, name


@every_route
def test_it_survives_any_value_in_each_field(attack, route):
    body = attack.body(route)
    for number, place in enumerate(places(body)):
        for _name, fragment in _share(fragments(), number, SHARE // 2 or 1):
            attack.send(route, data=with_fragment(body, place, fragment), content_type="application/json")


@every_route
def test_it_survives_naughty_texts_in_each_text_field(attack, route):
    body = attack.body(route)
    for number, place in enumerate(places(body)):
        if isinstance(value_at(body, place), str):
            for text in _share(TEXTS, number, SHARE):
                attack.send(route, json=with_value(body, place, text))


@every_route
def test_it_survives_a_body_without_each_field(attack, route):
    body = attack.body(route)
    for name in body:
        attack.send(route, json={key: value for key, value in body.items() if key != name})


def _keeps(route):
    return route.is_phone and route.method == "PUT"


def _share(things, number, share):
    """One of every `share` things, others for each field."""
    return [thing for index, thing in enumerate(things) if (index + number) % share == 0]
