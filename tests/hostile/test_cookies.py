"""A cookie alone writes nothing, whatever the route: a browser would add it for anybody's page."""

import pytest

from service.accounts import devices, sessions
from service.accounts.tokens import csrf_token
from tests.factories.accounts import PHONE, credentials, give_password
from tests.hostile.access import open_doors, word
from tests.hostile.contract import WRITES, routes
from tests.support.browser import CURRENT, SESSIONS, Browser
from tests.support.client import Client

pytestmark = pytest.mark.slow

PUBLIC = {
    "POST /api/v1/sessions",
    "POST /api/v1/sessions/enrol",
    "POST /api/v1/sessions/refresh",
    f"POST {SESSIONS}",
    f"POST {SESSIONS}/enrol",
    f"POST {SESSIONS}/refresh",
}
"""They look at no sign-in, so a cookie gives nothing away there; the browser's own ask where they are asked from."""
GUARDED = [route for route in routes() if str(route) not in PUBLIC]
WRITING = [route for route in GUARDED if route.method in WRITES]
SECRET = b"test secret"


class CookieClient(Client):
    """The same requests as `Client` makes, with a cookie in the bearer's place."""

    def __init__(self, app, session, token, **headers):
        super().__init__(app, session)
        self.headers = {"Cookie": f"qianbai_access={token}", **headers}

    def request(self, method, path, **options):
        headers = self.headers | dict(options.pop("headers", {}))
        jarless = self.app.test_client(use_cookies=False)
        return jarless.open(path, method=method, headers=headers, **options)


@pytest.fixture(scope="module")
def doors(siege_session):
    attack, session = siege_session
    around = attack.connection.begin_nested()
    yield open_doors(attack, session)
    around.rollback()


@pytest.fixture(scope="module")
def held(siege_session, doors):
    """A person of every office, signed in here and in another desk."""
    attack, session = siege_session
    person = attack.town.world.hq1.person_id

    def opened(device):
        return sessions.open_sign_in(session, user_id=person, device_id=device, secret=SECRET)

    here, elsewhere = opened("desk-1"), opened("desk-2")
    session.commit()
    return here, elsewhere


def asked(doors, held, route, **headers):
    here, _ = held
    app, session = doors.attack.field_worker.app, None
    doors.clients["cookie"] = CookieClient(app, session, here.access_token, **headers)
    return doors.ask(route, "cookie")


def test_the_public_doors_are_named_here():
    assert {str(route) for route in routes()} >= PUBLIC
    assert len(WRITING) > 60


@pytest.mark.parametrize("route", WRITING, ids=str)
def test_no_route_writes_for_a_cookie_without_the_pages_proof(doors, held, route):
    here, elsewhere = held
    of_another = csrf_token(elsewhere.sign_in_id, SECRET)
    own = csrf_token(here.sign_in_id, SECRET)
    for headers in (
        {},
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "a wrong one"},
        {"X-CSRF-Token": of_another},
        {"X-CSRF-Token": own + "x"},
        {"X-CSRF-Token": "\xe9" * 43},
    ):
        answer = asked(doors, held, route, **headers)
        assert (answer.status_code, answer.json["code"]) == (403, "csrf_failed"), headers
        assert answer.json["client_action"] == "retry"
        assert "quarantine" not in answer.json


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_no_route_answers_a_page_of_another_site(doors, held, route):
    here, _ = held
    proof = {"X-CSRF-Token": csrf_token(here.sign_in_id, SECRET), "Sec-Fetch-Site": "cross-site"}
    answer = asked(doors, held, route, **proof)
    assert (answer.status_code, answer.json["code"]) == (403, "cross_site")


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_cookie_and_proof_open_what_the_bearer_opens(doors, held, route):
    here, _ = held
    headers = {"X-CSRF-Token": csrf_token(here.sign_in_id, SECRET), "Sec-Fetch-Site": "same-origin"}
    assert word(asked(doors, held, route, **headers)) == word(doors.ask(route, "hq1"))


@pytest.mark.parametrize("route", WRITING, ids=str)
def test_a_cookie_that_is_none_opens_nothing(doors, route):
    app = doors.attack.field_worker.app
    for token in ("", "null", "A" * 43, "' OR 1=1--", "x" * 3000):
        doors.clients["cookie"] = CookieClient(app, None, token, **{"X-CSRF-Token": "x"})
        assert doors.ask(route, "cookie").status_code == 401


# whose word counts


@pytest.fixture
def desk(app, session, world):
    give_password(session, world.field1)
    signed_in = Browser(app)
    signed_in.sign_in(credentials("field1"))
    return signed_in


def test_the_bearer_speaks_when_both_are_there(desk, session, world):
    other = sessions.open_sign_in(session, user_id=world.field2.person_id, device_id=None, secret=SECRET)
    session.commit()
    bearer = {"Authorization": f"Bearer {other.access_token}"}
    assert desk.get("/api/v1/me", headers=bearer).json["username"] == "field2"
    desk.csrf = None  # no browser adds a bearer by itself, so it needs no proof
    heartbeat = {"pending_records": 0, "pending_photos": 0}
    assert desk.post("/api/v1/heartbeats", json=heartbeat, headers=bearer).status_code < 300


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer null"])
def test_a_bad_bearer_is_not_made_good_by_a_cookie(desk, header):
    assert desk.get("/api/v1/me", headers={"Authorization": header}).status_code == 401


def test_signed_out_is_out(desk):
    held = desk.cookie("qianbai_access")
    desk.delete(CURRENT)
    line = {"Cookie": f"qianbai_access={held}", "X-CSRF-Token": desk.csrf}
    assert desk.get("/api/v1/me", headers=line).status_code == 401
    assert desk.delete(CURRENT, headers=line).status_code == 401


def test_a_revoked_device_is_out(desk, session, world):
    devices.revoke_device(session, world.admin, PHONE["id"])
    session.commit()
    assert desk.get(CURRENT).status_code == 401
    assert desk.post("/api/v1/photos", json={}).status_code == 401
    assert desk.sign_in(credentials("field1")).json["code"] == "device_revoked"


# where nobody is signed in yet


ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "nonsense"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:81"},
]


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
def test_no_other_site_signs_a_browser_in_or_turns_its_cookies_over(desk, headers):
    for answer in (
        Browser(desk.app).post(SESSIONS, json=credentials("field1"), headers=headers),
        Browser(desk.app).post(
            f"{SESSIONS}/enrol", json={"pin": "12345678", "device": PHONE}, headers=headers
        ),
        desk.refresh(headers=headers),
    ):
        assert (answer.status_code, answer.json["code"]) == (403, "cross_site")
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}], ids=str
)
def test_our_own_page_and_a_program_may(desk, headers):
    answer = Browser(desk.app).post(SESSIONS, json=credentials("field1"), headers=headers)
    assert answer.status_code == 201


def test_a_method_in_disguise_needs_the_proof_too(desk):
    desk.csrf = None
    address = "/api/v1/photos/0190f3c0-0000-7000-8000-000000000001/tus"
    for meant in ("PATCH", "DELETE", "POST", "PUT"):
        answer = desk.get(address, headers={"X-HTTP-Method-Override": meant, "Tus-Resumable": "1.0.0"})
        assert answer.status_code in {403, 405}
    hidden = desk.jar.post(address, headers={"X-HTTP-Method-Override": "HEAD", "Tus-Resumable": "1.0.0"})
    assert hidden.status_code == 404
