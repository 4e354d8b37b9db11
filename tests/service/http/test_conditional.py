"""Reads carry an ETag and answer 304 to who has the same."""

import pytest
from flask import Flask, jsonify

from service.http import conditional
from service.http.conditional import paged
from service.kernel.pages import Page


@pytest.fixture
def small_app():
    app = Flask("small")
    conditional.install(app)
    app.add_url_rule("/api/plain", "plain", lambda: jsonify(n=1))
    app.add_url_rule(
        "/api/first", "first", lambda: jsonify(paged(Page(items=[1], next_cursor="a b&c")).items)
    )
    app.add_url_rule("/api/last", "last", lambda: jsonify(paged(Page(items=[1], next_cursor=None)).items))
    app.add_url_rule("/api/own", "own", lambda: (jsonify(n=1), {"ETag": '"7"'}))
    app.add_url_rule("/api/failed", "failed", lambda: (jsonify(n=1), 404))
    app.add_url_rule("/api/written", "written", lambda: jsonify(n=1), methods=["POST"])
    return app.test_client()


def test_it_answers_304_to_who_has_it(small_app):
    first = small_app.get("/api/plain")
    again = small_app.get("/api/plain", headers={"If-None-Match": f'"other", {first.headers["ETag"]}'})

    assert first.headers["ETag"].startswith("W/")
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_it_answers_in_full_to_who_has_something_else(small_app):
    assert small_app.get("/api/plain", headers={"If-None-Match": '"other"'}).status_code == 200


def test_it_leaves_a_record_s_own_tag_alone(small_app):
    assert small_app.get("/api/own").headers["ETag"] == '"7"'
    assert small_app.get("/api/own", headers={"If-None-Match": '"7"'}).status_code == 304


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/failed"), ("POST", "/api/written")])
def test_it_tags_only_reads_that_succeed(small_app, method, path):
    assert "ETag" not in small_app.open(path, method=method).headers


def test_it_names_the_next_page_with_what_was_asked(small_app):
    link = small_app.get("/api/first?limit=2&q=%E8%81%8A&cursor=old").headers["Link"]

    assert link == '</api/first?limit=2&q=%E8%81%8A&cursor=a+b%26c>; rel="next"'
    assert "Link" not in small_app.get("/api/last").headers


def test_it_answers_a_failed_if_match_without_the_record(small_app):
    answer = small_app.get("/api/own", headers={"If-Match": '"x"'})
    assert (answer.status_code, answer.mimetype) == (412, "application/problem+json")
    assert answer.get_json()["code"] == "stale"
    assert "n" not in answer.get_json()


def test_it_answers_an_if_match_that_holds_in_full(small_app):
    assert small_app.get("/api/own", headers={"If-Match": '"7"'}).get_json() == {"n": 1}
