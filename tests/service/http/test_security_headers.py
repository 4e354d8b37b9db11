"""Every answer carries the headers that protect a browser, however it ended."""

import pytest

from service.http.security_headers import ALWAYS

ASKED = [
    ("GET", "/"),
    ("GET", "/style.css"),
    ("GET", "/openapi.yaml"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/about"),
    ("GET", "/metrics"),
    ("GET", "/nowhere"),
    ("GET", "/api/v1/codes"),
    ("GET", "/api/hq/v1/audit"),
    ("POST", "/api/v1/sessions"),
    ("DELETE", "/api/v1/codes"),
    ("TRACE", "/api/v1/codes"),
    ("TRACE", "/"),
    ("OPTIONS", "/api/v1/codes"),
]


@pytest.mark.parametrize(("method", "path"), ASKED)
def test_it_protects_every_answer(app, session, method, path):
    answer = app.test_client().open(path, method=method)

    for name, value in ALWAYS.items():
        assert answer.headers[name] == value
    assert "default-src" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"]
    if "json" in answer.mimetype or answer.mimetype.startswith("text/"):
        assert answer.mimetype_params.get("charset") == "utf-8"
    assert b"Traceback" not in answer.data


def test_it_lets_pages_load_only_what_is_ours(app):
    policy = app.test_client().get("/").headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_it_lets_data_do_nothing_when_it_is_opened_as_a_page(app, session):
    policy = app.test_client().get("/api/v1/codes").headers["Content-Security-Policy"]

    assert policy == "default-src 'none'; frame-ancestors 'none'; sandbox"


@pytest.mark.parametrize("path", ["/", "/api/v1/codes", "/healthz"])
def test_it_does_not_echo_what_a_trace_sends(app, path):
    answer = app.test_client().open(path, method="TRACE", headers={"X-Secret": "s3cr3t"})

    assert answer.status_code == 405
    assert b"s3cr3t" not in answer.data


def test_it_keeps_the_api_out_of_every_cache(client, world):
    assert client.as_(world.field1).get("/api/v1/me").headers["Cache-Control"] == "no-store"


def test_it_tells_nothing_of_a_surprise(own_app):
    def burst():
        raise RuntimeError("password=hunter2")

    own_app.add_url_rule("/burst", "burst", burst)
    answer = own_app.test_client().get("/burst")

    assert answer.status_code == 500
    assert answer.mimetype == "application/problem+json"
    assert b"hunter2" not in answer.data
    assert b"Traceback" not in answer.data
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_it_asks_for_tls_only_where_there_is_tls(app):
    client = app.test_client()
    assert "Strict-Transport-Security" not in client.get("/healthz").headers
    assert "Strict-Transport-Security" in client.get("/healthz", base_url="https://localhost").headers
