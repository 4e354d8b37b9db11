"""The frame: one guard, one transaction, one shape of refusal, and what is kept."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.views import MethodView

from service.audit.models import AuditEntry
from service.http import request_log
from service.http.api import make_api
from service.http.blueprint import Blueprint, keeps
from service.http.guards import Guard
from service.http.schemas import Id, Moment, OutSchema, PhoneSchema, Text, Wan, Whole
from service.http.work import House, install, work
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import Conflict, NotSignedIn

PERSON = Actor(user_id=uuid4(), name="field1", unit_id=uuid4(), roles=frozenset())


class NoteIn(PhoneSchema):
    id = Id()
    text = Text(most=5, required=True)
    number = Whole()
    at = Moment()
    amount = Wan()


class NoteOut(OutSchema):
    text = Text(most=5)
    amount = Wan()


def admit(_session):
    if work().actor is None and "stranger" in __import__("flask").request.args:
        raise NotSignedIn
    return PERSON


def write(session, action):
    session.add(AuditEntry(at=now(), actor_name="x", action=action, subject_type="note", subject_id="1"))
    session.flush()


def keep(session, _actor, _arguments, raw, refusal):
    write(session, "kept")
    refusal.extra["quarantine"] = {"bytes": len(raw)}
    return refusal


@pytest.fixture
def app(sessions, settings):
    blueprint = Blueprint("notes", __name__, guard=Guard("test", admit))

    @blueprint.route("/notes/<uuid:note_id>")
    class Note(MethodView):
        @blueprint.arguments(NoteIn())
        @blueprint.response(201, NoteOut())
        @keeps(keep)
        def put(self, body, note_id):
            """Write a note."""
            write(work().session, "written")
            if body["text"] == "clash":
                raise Conflict
            if body["text"] == "crash":
                raise ZeroDivisionError
            if body["text"] == "twice":
                work().session.execute(
                    sa.text("INSERT INTO audit_seals SELECT 1, 0, '', '', now() FROM generate_series(1, 2)")
                )
            return body

    app = Flask("test")
    app.config["MAX_CONTENT_LENGTH"] = 2000
    install(app, House(settings, None, sessions, None))
    request_log.install(app)
    make_api(app).register_blueprint(blueprint)
    return app


def put(app, raw, **options):
    return app.test_client().put(f"/notes/{uuid4()}", data=raw, content_type="application/json", **options)


def actions(session):
    return session.scalars(sa.select(AuditEntry.action)).all()


def test_it_commits_before_it_answers(app, session):
    assert put(app, b'{"text":"hello","amount":"1.2\xe4\xba\xbf"}').get_json() == {
        "text": "hello",
        "amount": "12000",
    }
    assert actions(session) == ["written"]


def test_it_undoes_the_command_and_keeps_what_was_sent_when_it_refuses(app, session):
    answer = put(app, b'{"text":"clash"}')
    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["quarantine"] == {"bytes": 16}
    assert actions(session) == ["kept"]


def test_it_keeps_nothing_of_a_stranger(app, session):
    answer = put(app, b'{"text":"clash"}', query_string={"stranger": "1"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.get_json()["client_action"] == "login"
    assert actions(session) == []


def test_it_keeps_what_the_database_itself_refuses(app, session):
    answer = put(app, b'{"text":"twice"}')
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid")
    assert answer.get_json()["quarantine"] == {"bytes": 16}
    assert actions(session) == ["kept"]


def test_it_answers_a_surprise_without_a_trace_of_the_code(app, session):
    answer = put(app, b'{"text":"crash"}')
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal_error")
    assert "ZeroDivision" not in answer.get_data(as_text=True)
    assert actions(session) == []


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"[]", 422, "invalid"),
        (b"3", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b"", 400, "malformed_json"),
        (b"{", 400, "malformed_json"),
        (b"\xff\xfe", 400, "malformed_json"),
        (b'{"number":NaN}', 422, "not_representable"),
        (b'{"text":"a","text":"b"}', 422, "not_representable"),
        (b'{"text":"\\u0000"}', 422, "not_representable"),
        (b'{"text":"\\ud800"}', 422, "not_representable"),
        (b'{"number":' + b"9" * 1500 + b"}", 422, "not_representable"),
        (b"[" * 1000 + b"]" * 1000, 422, "not_representable"),
        (b'"' + b"x" * 3000 + b'"', 413, "too_large"),
    ],
)
def test_it_refuses_every_kind_of_bad_body_in_one_shape(app, raw, status, code):
    answer = put(app, raw)
    problem = answer.get_json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert set(problem) >= {
        "type", "title", "status", "detail", "instance", "code", "retryable", "client_action", "errors", "trace_id",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", 5),
        ("id", "zz"),
        ("number", "5"),
        ("number", 5.7),
        ("number", True),
        ("number", 2**31),
        ("at", "2026-01-01T00:00:00"),
        ("at", "9999-12-31T23:59:59-10:00"),
        ("at", "0001-01-01T00:00:00+14:00"),
        ("at", 5),
        ("amount", 5),
        ("amount", "NaN"),
        ("amount", "-1"),
        ("text", "too long"),
        ("text", ["a"]),
    ],
)
def test_it_points_at_the_field_that_is_wrong(app, field, value):
    import json

    body = {"text": "fine", field: value}
    problem = put(app, json.dumps(body).encode()).get_json()
    assert [fault["pointer"] for fault in problem["errors"]] == [f"/{field}"]


def test_it_speaks_english_when_asked_and_chinese_otherwise(app):
    zh = put(app, b"{}").get_json()
    en = put(app, b"{}", headers={"Accept-Language": "en-GB,en;q=0.9"}).get_json()
    assert zh["errors"] == [{"pointer": "/text", "detail": "必填"}]
    assert en["errors"] == [{"pointer": "/text", "detail": "Missing data for required field."}]


def test_it_keeps_the_allow_header_of_a_wrong_method(app):
    answer = app.test_client().delete(f"/notes/{uuid4()}")
    assert answer.status_code == 405
    assert "PUT" in answer.headers["Allow"]
    assert answer.get_json()["code"] == "method_not_allowed"


def test_it_answers_with_the_request_id_it_was_given(app):
    answer = put(app, b"{}", headers={"X-Request-Id": "phone-12345678"})
    assert answer.headers["X-Request-Id"] == "phone-12345678"
    assert answer.get_json()["trace_id"] == "phone-12345678"
