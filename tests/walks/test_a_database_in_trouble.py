"""A house whose database is frozen, restarted, cut off or crowded out says “wait”, and comes back by itself."""

import os
import signal
import tempfile
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

import psycopg
import pytest

from service.kernel.embedded import EmbeddedPostgres
from service.kernel.ids import uuid7
from tests.factories.submissions import visit_body
from tests.support.live import live_house, together, wait_until
from tests.support.machine import in_its_time

NO_SURPRISE = "500 is for what nobody foresaw"
BACK_S = 5


@pytest.fixture(scope="module")
def database():
    with tempfile.TemporaryDirectory(prefix="qb-trouble-", ignore_cleanup_errors=True) as folder:
        server = EmbeddedPostgres(Path(folder) / "pg", durable=False)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="module")
def house(database, tmp_path_factory):
    with live_house(database.url, tmp_path_factory.mktemp("house"), job_workers=0) as made:
        yield made
        assert "unexpected error" not in made.log.read_text(errors="replace"), NO_SURPRISE


@pytest.fixture
def phone(house):
    """A phone of a house that has come back from the trouble before: each of its workers has connections of its own."""
    one = house.sign_in("field1")
    demand_back(one)
    return one


def family(database):
    """The process of the server and those of its children."""
    chief = int((database.folder / "postmaster.pid").read_text().split()[0])
    children = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == chief:
            children.append(int(entry.parent.name))
    return [chief, *children]


@contextmanager
def frozen(database):
    stopped = family(database)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


def by_hand(database, *, autocommit=True):
    host = str(database._socket_folder)
    return psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=autocommit)


def take_every_place(stack, database, admin):
    """Until the house has none: a session that is being ended keeps its place for a moment."""
    (places,) = admin.execute("SELECT current_setting('max_connections')::int").fetchone()
    while places > 1:
        try:
            stack.enter_context(by_hand(database))
        except psycopg.OperationalError:
            end_the_houses(admin)
        else:
            places -= 1


def end_the_houses(admin):
    admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ~ '^qb_'")


def end_the_others(admin):
    admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        " AND pid <> pg_backend_pid()"
    )


def put(phone):
    return phone.put(f"/api/v1/visits/{uuid7()}", visit_body())


def demand_wait(answer):
    assert answer.status == 503, answer.body
    assert (answer.json["client_action"], answer.json["retryable"]) == ("wait", True)
    assert int(answer.header("Retry-After")) > 0


def demand_back(phone):
    """Whichever worker answers: each comes back by itself, one perhaps a moment after the other."""
    wait_until(
        lambda: all(put(phone).status == 201 for _ in range(12)),
        "records are taken again",
        seconds=in_its_time(BACK_S),
    )


def test_it_answers_wait_while_the_database_is_frozen_and_comes_back(database, house, phone):
    assert put(phone).status == 201
    asked = [put, lambda one: one.get("/api/v1/me"), lambda one: one.get("/readyz")] * 20
    with frozen(database):
        began = monotonic()
        answers = together(len(asked), lambda number: asked[number](phone))
        seconds = monotonic() - began
        assert house.stranger.get("/healthz").status == 200
    # Seven seconds until the watch is sure, then three tries to connect of five each, and a machine that is busy.
    assert seconds < in_its_time(30)
    for answer in answers[0::3] + answers[1::3]:
        demand_wait(answer)
    assert {(one.status, one.json["database"]) for one in answers[2::3]} == {(503, False)}
    demand_back(phone)


def test_it_takes_the_first_request_after_a_restart(database, phone):
    assert put(phone).status == 201
    os.kill(family(database)[0], signal.SIGQUIT)  # at once, as after a power cut
    wait_until(lambda: not database.is_running, "the database is down")
    demand_wait(put(phone))
    demand_wait(phone.get("/api/v1/me"))
    database.start()
    demand_back(phone)
    assert [put(phone).status for _ in range(12)] == [201] * 12


def test_nobody_notices_that_idle_connections_were_ended(database, phone):
    assert [put(phone).status for _ in range(8)] == [201] * 8
    with by_hand(database) as admin:
        end_the_others(admin)
    assert [put(phone).status for _ in range(12)] == [201] * 12


def test_it_waits_when_every_connection_is_taken_and_comes_back(database, phone):
    assert put(phone).status == 201
    with ExitStack() as stack:
        admin = stack.enter_context(by_hand(database))
        end_the_others(admin)
        take_every_place(stack, database, admin)
        answers = together(20, lambda _number: put(phone))
    assert {answer.status for answer in answers} == {503}
    for answer in answers:
        demand_wait(answer)
    demand_back(phone)


def test_it_reads_and_writes_on_while_one_statement_is_stuck(database, phone):
    """A lock that is held for long makes its own request wait, and nobody else."""
    visit_id = uuid7()
    assert phone.put(f"/api/v1/visits/{visit_id}", visit_body()).status == 201
    with by_hand(database, autocommit=False) as holder:
        name = next(
            row[0] for row in holder.execute("SELECT datname FROM pg_database WHERE datname ~ '^qb_'")
        )
        with psycopg.connect(host=str(database._socket_folder), user="postgres", dbname=name) as other:
            other.execute("SELECT 1 FROM visits WHERE id = %s FOR UPDATE", [visit_id])
            stuck = []
            withdrawal = threading.Thread(
                target=lambda: stuck.append(
                    phone.post(f"/api/v1/visits/{visit_id}/withdrawal", {"reason": "重复"}).status
                )
            )
            withdrawal.start()
            began = monotonic()
            assert {put(phone).status for _ in range(6)} == {201}
            assert phone.get("/api/v1/me").status == 200
            assert monotonic() - began < in_its_time(5)
        withdrawal.join()
    assert stuck == [200]
