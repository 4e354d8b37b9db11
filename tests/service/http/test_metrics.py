"""Figures for Prometheus say what waits, and count what this process answered."""

import re
from uuid import uuid4

import pytest

from service.audit.commands import record
from service.jobs.queue import defer
from service.outboxes.heartbeats import Outbox, hear

LINE = re.compile(r'[a-z_]+(\{[a-z_]+="(?:[^"\\]|\\.)*"(,[a-z_]+="(?:[^"\\]|\\.)*")*\})? -?[0-9.e+-]+')


@pytest.fixture
def app(own_app):
    return own_app


def figures(app):
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    return answer.get_data(as_text=True).splitlines()


def test_it_speaks_the_text_form_of_prometheus(app, session):
    for line in figures(app):
        assert line.startswith(("# HELP ", "# TYPE ")) or LINE.fullmatch(line), line


def test_it_counts_requests_by_route_and_status_without_ids(app, session):
    some_id = uuid4()
    for path in ("/healthz", "/healthz", f"/nowhere/{some_id}"):
        app.test_client().get(path)
    lines = figures(app)

    assert any(
        line.startswith('qianbai_requests_total{method="GET",route="/healthz",status="200"')
        and line.endswith(" 2")
        for line in lines
    )
    assert any('route="(none)",status="404"' in line for line in lines)
    assert str(some_id) not in "\n".join(lines)


def test_it_says_what_waits(app, session, world):
    defer(session, "photos.develop", photo_id=uuid4())
    record(session, world.field1, "a.b", "a", "1")
    session.commit()
    lines = figures(app)

    assert 'qianbai_jobs{status="todo"} 1' in lines
    assert 'qianbai_kept_open{because="quarantined"} 0' in lines
    assert "qianbai_photos_missing 0" in lines
    assert any(re.fullmatch(r"qianbai_audit_unsealed_seconds [0-9.e-]+", line) for line in lines)


def test_it_tells_how_many_phones_hold_unsent_work(app, session, world):
    hear(session, world.field1, Outbox(pending_records=2, pending_photos=0))
    hear(session, world.field2, Outbox(pending_records=0, pending_photos=0))
    session.commit()
    lines = figures(app)
    assert "qianbai_outbox_phones 1" in lines
    assert any(line.startswith("qianbai_outbox_oldest_seconds ") for line in lines)
