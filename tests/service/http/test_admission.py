"""Old apps are told to upgrade and a full disk to wait, before anything of the body is read; 401 costs no outbox."""

import errno
import io
from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa
from psycopg import errors as pg
from sqlalchemy import exc

from service.accounts.models import Device
from service.http.admission import version_of
from service.http.work import EXTENSION, House, install
from service.kernel.space import Space
from service.submissions.models import KeptSubmission, RecordRevision
from tests.factories.accounts import credentials, give_password
from tests.factories.submissions import visit_body

SOME_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.fixture
def strict(app, settings):
    """The house serves apps from 2.3 on."""
    house: House = app.extensions[EXTENSION]
    install(app, replace(house, settings=replace(settings, oldest_app="2.3.0")))


class FullDisk:
    is_low = True


@pytest.fixture
def full(app):
    """The disk has less free than the reserve."""
    install(app, replace(app.extensions[EXTENSION], space=FullDisk()))


def put(phone, **options):
    return phone.put(f"/api/v1/visits/{uuid4()}", json=visit_body(), **options)


def app_version(text):
    return {"headers": {"X-App-Version": text}}


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2.10.0", (2, 10)),
        ("v1.2-beta", (1, 2)),
        ("3", (3,)),
        ("0", ()),
        ("", None),
        ("web", None),
        ("9" * 50, None),
    ],
)
def test_it_reads_versions_as_numbers(text, version):
    assert version_of(text) == version


@pytest.mark.parametrize(
    ("told", "served"),
    [("2.2.9", False), ("1.10", False), ("2.3", True), ("2.3.0", True), ("2.10", True), ("dev", True)],
)
@pytest.mark.usefixtures("strict")
def test_an_app_below_the_oldest_is_told_to_upgrade_and_keeps_its_outbox(
    client, session, world, told, served
):
    answer = put(client.as_(world.field1), **app_version(told))
    if served:
        assert answer.status_code == 201
        return
    problem = answer.get_json()
    assert (answer.status_code, problem["code"], problem["client_action"]) == (
        426,
        "client_too_old",
        "upgrade",
    )
    assert "2.3.0" in problem["detail"]
    for kept in (RecordRevision, KeptSubmission):
        assert session.scalar(sa.select(sa.func.count()).select_from(kept)) == 0


@pytest.mark.usefixtures("strict")
def test_a_phone_that_sends_no_version_is_known_by_its_sign_in(client, session, world):
    phone = client.as_(world.field1, device_id="old-phone")
    session.execute(sa.update(Device).values(app_version="2.2"))
    session.commit()
    assert put(phone).status_code == 426
    assert phone.get("/api/v1/me").status_code == 426
    assert put(phone, **app_version("2.3.1")).status_code == 201


@pytest.mark.usefixtures("strict")
def test_headquarters_doors_and_heartbeats_are_open_to_every_version(client, world):
    answer = client.as_(world.hq1).get("/api/hq/v1/visits", **app_version("1.0"))
    assert answer.status_code == 200
    beat = client.as_(world.field1).post(
        "/api/v1/heartbeats", json={"pending_records": 3, "pending_photos": 0}, **app_version("1.0")
    )
    assert beat.status_code == 200


def test_every_version_is_served_unless_the_operator_says_otherwise(client, world):
    assert put(client.as_(world.field1), **app_version("0.0.1")).status_code == 201


@pytest.mark.usefixtures("full")
def test_a_full_disk_takes_no_records_and_people_read_and_sign_in(client, session, world):
    give_password(session, world.field1)
    phone = client.as_(world.field1)
    refused = put(phone)
    problem = refused.get_json()
    assert (refused.status_code, problem["code"], problem["client_action"]) == (507, "no_space", "wait")
    assert int(refused.headers["Retry-After"]) > 0
    assert phone.get("/api/v1/me").status_code == 200
    assert client.post("/api/v1/sessions", json=credentials("field1")).status_code == 201
    ready = client.get("/readyz")
    assert ready.get_json()["space"] is False


def test_the_reserve_is_never_more_than_a_twentieth_of_the_disk(tmp_path, monkeypatch):
    class Disk:
        total, free = 64 * 2**20, 4 * 2**20

    monkeypatch.setattr("service.kernel.space.shutil.disk_usage", lambda _folder: Disk)
    space = Space(tmp_path, 256 * 2**20)
    assert space.is_low is False
    monkeypatch.setattr(Disk, "free", 3 * 2**20)
    assert space.is_low is False  # it looks once a second
    space._looked_at = 0.0
    assert space.is_low is True


def test_a_disk_that_cannot_be_looked_at_stops_nobody(tmp_path):
    assert Space(tmp_path / "gone", 2**30).is_low is False


@pytest.mark.parametrize(
    ("surprise", "status", "code"),
    [
        (exc.OperationalError("", {}, pg.DiskFull("could not extend file")), 507, "no_space"),
        (OSError(errno.ENOSPC, "No space left on device"), 507, "no_space"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), 507, "no_space"),
        (OSError(errno.EIO, "Input/output error"), 500, "internal_error"),
        (exc.OperationalError("", {}, pg.TooManyConnections()), 503, "unavailable"),
        (exc.OperationalError("", {}, pg.AdminShutdown()), 503, "unavailable"),
        (exc.OperationalError("", {}, pg.CannotConnectNow()), 503, "unavailable"),
        (exc.InterfaceError("", {}, pg.InterfaceError("the connection is closed")), 503, "unavailable"),
        (exc.PendingRollbackError("lost"), 503, "unavailable"),
        (exc.TimeoutError("no connection was free"), 503, "unavailable"),
        (exc.InternalError("", {}, pg.ReadOnlySqlTransaction()), 503, "unavailable"),
        (pg.OperationalError("server closed the connection"), 503, "unavailable"),
    ],
)
def test_what_the_machine_lacks_is_said_as_wait_and_never_as_a_surprise(
    client, world, monkeypatch, surprise, status, code
):
    phone = client.as_(world.field1)

    def fail(*_: object, **__: object) -> None:
        raise surprise

    monkeypatch.setattr("mobile_api.visits.queries.own_visits", fail)
    answer = phone.get("/api/v1/visits")
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    if status != 500:
        assert answer.get_json()["client_action"] == "wait"
        assert int(answer.headers["Retry-After"]) > 0


class Unread(io.BytesIO):
    """A body that must not be asked for."""

    def read(self, _size=-1):
        raise AssertionError("the body was read")


@pytest.mark.parametrize(
    "path", [f"/api/v1/visits/{SOME_ID}", f"/api/v1/photos/{SOME_ID}/content", "/api/v1/sync/push"]
)
def test_a_stranger_is_sent_to_sign_in_before_the_body_is_needed(client, session, path):
    options = {"input_stream": Unread(b"x" * 500), "content_type": "application/json"}
    answer = client.app.test_client().open(path, method="POST" if path.endswith("push") else "PUT", **options)
    problem = answer.get_json()
    assert (answer.status_code, problem["client_action"]) == (401, "login")
    assert session.scalar(sa.select(sa.func.count()).select_from(KeptSubmission)) == 0
