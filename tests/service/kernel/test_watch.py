"""The watch sets free who waits for a silent database, and leaves slow statements alone."""

import threading

import pytest
import sqlalchemy as sa

from service.kernel.db import is_lost, make_engine
from service.kernel.watch import Watch


@pytest.fixture
def watched(database_url):
    engine = make_engine(database_url, pool_size=2)
    watch = Watch(engine, suspicious_s=0.0)
    watch._thread = threading.current_thread()  # looks only when the test does
    yield engine, watch
    engine.dispose()


@pytest.fixture
def silent(watched, monkeypatch):
    monkeypatch.setattr(watched[1], "_ask", lambda: False)


def test_a_slow_statement_on_a_database_that_answers_is_left_alone(watched):
    engine, watch = watched
    with engine.connect() as connection:
        watch.look()
        assert watch.answers
        assert connection.scalar(sa.text("SELECT 1")) == 1


@pytest.mark.usefixtures("silent")
def test_who_waits_for_a_silent_database_sees_a_lost_connection(watched):
    engine, watch = watched
    with engine.connect() as connection:
        watch.look()
        with pytest.raises(sa.exc.DBAPIError) as caught:
            connection.scalar(sa.text("SELECT 1"))
    assert is_lost(caught.value)
    assert not watch.answers


def test_it_notices_that_the_database_answers_again(watched, monkeypatch):
    _, watch = watched
    watch.answers = False
    watch.look()
    assert watch.answers


def test_one_connection_that_hangs_for_ever_is_ended_alone(watched):
    engine, watch = watched
    watch._longest_s = 0.0
    with engine.connect() as connection:
        watch.look()
        with pytest.raises(sa.exc.DBAPIError) as caught:
            connection.scalar(sa.text("SELECT 1"))
    assert is_lost(caught.value)
    assert watch.answers


def test_what_was_given_back_is_not_touched(watched):
    engine, watch = watched
    with engine.connect() as connection:
        connection.scalar(sa.text("SELECT 1"))
    assert watch._held == {}


@pytest.mark.parametrize("error", [ValueError("x"), sa.exc.IntegrityError("", {}, Exception())])
def test_other_errors_are_no_lost_connections(error):
    assert not is_lost(error)
