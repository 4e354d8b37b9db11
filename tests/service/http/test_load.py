"""Lanes bound what is in work, no lane starves another, and who finds no room is told to wait."""

import io
import json
import threading

import pytest

from service.http.load import LEAST_WAIT_S, MOST_WAIT_S, Lane, Lanes, Rate, Room, Turnstile, lane_of, rooms


class Application:
    """Holds every request until it is let go, and counts those inside."""

    def __init__(self):
        self.inside = threading.Semaphore(0)
        self.go = threading.Event()

    def __call__(self, environ, start_response):
        self.inside.release()
        if environ["PATH_INFO"] != "/api/v1/me":
            assert self.go.wait(60)
        start_response("200 OK", [])
        return [b"ok"]


def ask(application, path, method="PUT", **environ):
    started = []
    named = {"PATH_INFO": path, "REQUEST_METHOD": method, "wsgi.input": io.BytesIO(), **environ}
    body = b"".join(application(named, lambda *given: started.append(given)))
    status, headers = started[0]
    return int(status[:3]), dict(headers), body


@pytest.mark.parametrize(
    ("method", "path", "lane"),
    [
        ("GET", "/healthz", None),
        ("GET", "/metrics", None),
        ("POST", "/api/v1/sessions", "sign_in"),
        ("POST", "/api/v1/sessions/refresh", "sign_in"),
        ("POST", "/api/v1/browser/sessions", "sign_in"),
        ("GET", "/m/", None),
        ("GET", "/hq/assets/index.js", None),
        ("GET", "/api/v1/me", "read"),
        ("GET", "/api/v1/sync/changes", "pull"),
        ("POST", "/api/v1/sync/push", "write"),
        ("PUT", "/api/v1/visits/1", "write"),
        ("PUT", "/api/v1/photos/1/content", "upload"),
        ("PATCH", "/api/v1/photos/1/tus", "upload"),
        ("POST", "/api/v1/photos", "write"),
        ("POST", "/api/hq/v1/enterprises/imports", "upload"),
    ],
)
def test_every_request_has_its_lane_and_operation_none(method, path, lane):
    assert lane_of({"REQUEST_METHOD": method, "PATH_INFO": path}) == lane


@pytest.mark.parametrize("pool", [1, 5, 10, 40])
def test_the_lanes_fit_into_the_pool_together(pool):
    lanes = rooms(pool)
    in_work = sum(room.in_work for name, room in lanes.items() if name != "upload")
    assert in_work <= max(2 * pool, 7)


def test_writes_beyond_the_line_are_told_to_wait_and_reads_go_on():
    application = Application()
    lanes = Lanes(application, {"write": Room(2, 0), "read": Room(1, 0)})
    busy = [threading.Thread(target=ask, args=(lanes, "/api/v1/sync/push", "POST")) for _ in range(2)]
    for one in busy:
        one.start()
    for _ in busy:
        assert application.inside.acquire(timeout=60)
    status, headers, body = ask(lanes, "/api/v1/visits/1")
    problem = json.loads(body)
    assert (status, problem["code"], problem["client_action"]) == (503, "overloaded", "wait")
    assert problem["retryable"] is True
    assert LEAST_WAIT_S <= int(headers["Retry-After"]) <= MOST_WAIT_S
    assert ask(lanes, "/api/v1/me", "GET")[0] == 200
    application.go.set()
    for one in busy:
        one.join()
    assert ask(lanes, "/api/v1/visits/1")[0] == 200


def test_who_waits_in_line_has_their_turn():
    application = Application()
    lanes = Lanes(application, {"write": Room(1, 1)})
    answers = []
    two = [threading.Thread(target=lambda: answers.append(ask(lanes, "/x")[0])) for _ in range(2)]
    for one in two:
        one.start()
    assert application.inside.acquire(timeout=60)
    application.go.set()
    for one in two:
        one.join()
    assert answers == [200, 200]


def test_patience_ends():
    lane = Lane(Room(1, 1, patience_s=0.01))
    assert lane.enter()
    assert not lane.enter()
    lane.leave()
    assert lane.enter()


def test_a_crash_leaves_its_lane():
    def crashing(_environ, _start_response):
        raise ZeroDivisionError

    lanes = Lanes(crashing, {"write": Room(1, 0)})
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            ask(lanes, "/x")


def test_a_refusal_before_a_large_body_was_read_ends_the_connection():
    lanes = Lanes(Application(), {"upload": Room(0, 0)})
    path = "/api/v1/photos/1/content"
    assert ask(lanes, path, **{"qianbai.body_is_unread": True})[1]["Connection"] == "close"
    assert "Connection" not in ask(lanes, path)[1]


def test_those_sent_away_together_do_not_come_back_together():
    lanes = Lanes(Application(), {"write": Room(0, 0)})
    waits = {ask(lanes, "/x")[1]["Retry-After"] for _ in range(100)}
    assert len(waits) > 5


def test_a_thousand_kept_records_pass_at_once_and_a_runaway_loop_does_not(monkeypatch):
    moment = 1000.0
    monkeypatch.setattr("service.http.load.time.monotonic", lambda: moment)
    turnstile = Turnstile(Rate())
    assert all(turnstile.seconds_to_wait(b"phone") == 0 for _ in range(7_000))
    assert all(turnstile.seconds_to_wait(b"phone") == 0 for _ in range(3_000))
    assert 0 < turnstile.seconds_to_wait(b"phone") <= 1
    assert turnstile.seconds_to_wait(b"another") == 0
    moment += 1
    assert [turnstile.seconds_to_wait(b"phone") == 0 for _ in range(101)] == [True] * 100 + [False]


def test_only_the_phone_that_asks_too_often_is_told_so():
    application = Application()
    application.go.set()
    lanes = Lanes(application, {"read": Room(1, 0)}, Rate(burst=2, per_second=0.001))
    asked = [ask(lanes, "/api/v1/me", "GET", HTTP_AUTHORIZATION="Bearer a") for _ in range(3)]
    assert [status for status, _, _ in asked] == [200, 200, 429]
    assert json.loads(asked[2][2])["client_action"] == "wait"
    assert int(asked[2][1]["Retry-After"]) > 0
    assert ask(lanes, "/api/v1/me", "GET", HTTP_AUTHORIZATION="Bearer b")[0] == 200
    assert [ask(lanes, "/api/v1/me", "GET")[0] for _ in range(5)] == [200] * 5


@pytest.mark.parametrize("name", ["qianbai_access", "__Host-qianbai_access"])
def test_a_browser_is_known_by_its_cookie_and_not_by_the_others(name):
    application = Application()
    application.go.set()
    lanes = Lanes(application, {"read": Room(1, 0)}, Rate(burst=2, per_second=0.001))

    def status(token, other):
        return ask(lanes, "/api/v1/me", "GET", HTTP_COOKIE=f"lang={other}; {name}={token}")[0]

    assert [status("a", other) for other in "xyz"] == [200, 200, 429]
    assert status("b", "x") == 200
