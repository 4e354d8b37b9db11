"""The first administrator, and accounts from the command line."""

import os
from contextlib import contextmanager
from dataclasses import replace

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from service.accounts import passwords
from service.accounts.models import Unit, User
from service.cli import people
from service.kernel.db import make_engine
from tests.support.postgres import migrated_database
from tests.support.world import build_world


def test_it_begins_with_a_root_unit_and_an_administrator(session, settings):
    shown = people.first_administrator(session, settings, "")
    admin = session.scalars(sa.select(User)).one()
    assert (admin.username, admin.roles, admin.must_change_password) == ("admin", ["administrator"], False)
    assert passwords.matches(admin.password_hash, shown)
    assert session.scalars(sa.select(Unit.name)).all() == ["本市"]


def test_it_begins_only_once(session, settings):
    assert people.first_administrator(session, settings, "") is not None
    assert people.first_administrator(session, settings, "another one") is None
    assert len(session.scalars(sa.select(User)).all()) == 1


def test_it_takes_the_operators_password_and_shows_none(session, settings):
    assert people.first_administrator(session, settings, "green tea in the rain") is None
    assert passwords.matches(session.scalars(sa.select(User.password_hash)).one(), "green tea in the rain")


def test_it_warns_of_a_password_that_is_easy_to_guess(session, settings, caplog):
    people.first_administrator(session, settings, "admin")
    assert "easy to guess" in caplog.text


@pytest.mark.parametrize(
    ("organisation", "root"),
    [
        ("聊城市双招双引办公室", "聊城市"),
        ("双招双引办公室", "本市"),
        ("莘县招商局", "莘县"),
        ("Office", "本市"),
    ],
)
def test_it_names_the_root_after_the_office(session, settings, organisation, root):
    people.first_administrator(session, replace(settings, organisation=organisation), "")
    assert session.scalars(sa.select(Unit.name)).one() == root


def test_it_finds_units_by_name_short_name_and_id(session, world):
    for word in ("茌平区", str(world.chiping.id), str(world.chiping.id).upper(), "临清市"):
        expected = world.linqing.id if word == "临清市" else world.chiping.id
        assert people.unit_called(session, word) == expected
    with pytest.raises(click.ClickException, match="火星"):
        people.unit_called(session, "火星")


@pytest.fixture
def command(postgres_url, settings, monkeypatch):
    """Runs `qianbai user …` on a database of its own."""
    with migrated_database(postgres_url) as url:
        engine = make_engine(url)
        with people.make_sessions(engine).begin() as session:
            build_world(session)

        @contextmanager
        def opened(_data):
            yield replace(settings, database_url=url)

        monkeypatch.setattr(people, "opened", opened)

        def run(*arguments, text=None):
            return CliRunner().invoke(people.user, arguments, input=text)

        run.engine = engine
        yield run
        engine.dispose()


def test_it_opens_resets_and_closes_accounts(command):
    added = command(
        "add",
        "LiNing",
        "--name",
        "李宁",
        "--unit",
        "茌平区",
        "--role",
        "field_staff",
        "--role",
        "unit_office",
    )
    assert added.exit_code == 0, added.output
    assert "one-time password" in added.output
    reset = command("reset-password", "lining")
    assert reset.exit_code == 0
    assert command("close", "LINING").exit_code == 0
    with command.engine.connect() as connection:
        row = connection.execute(sa.select(User).where(User.username == "lining")).one()
    assert row.roles == ["field_staff", "unit_office"]
    assert row.closed_at is not None
    assert passwords.matches(row.password_hash, reset.output.split(": ")[1].strip())


def test_it_reads_a_password_that_stays_out_of_the_process_list(command):
    given = [
        "add",
        "lining",
        "--name",
        "李宁",
        "--unit",
        "茌平区",
        "--role",
        "field_staff",
        "--password-stdin",
    ]
    assert "password:" not in command(*given, text="green tea in the rain\n").output
    with command.engine.connect() as connection:
        row = connection.execute(sa.select(User).where(User.username == "lining")).one()
    assert passwords.matches(row.password_hash, "green tea in the rain")
    assert row.must_change_password is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "field1", "--name", "x", "--unit", "茌平区", "--role", "field_staff"], "已被使用"),
        (["add", "new", "--name", "x", "--unit", "火星", "--role", "field_staff"], "火星"),
        (["reset-password", "nobody"], "nobody"),
        (["close", "nobody"], "nobody"),
    ],
)
def test_it_says_plainly_what_is_wrong(command, arguments, said):
    answer = command(*arguments)
    assert answer.exit_code == 1
    assert said in answer.output


def test_it_sees_to_the_first_administrator_of_an_installation(postgres_url, settings, monkeypatch):
    monkeypatch.delitem(os.environ, "QIANBAI_ADMIN_PASSWORD", raising=False)
    with migrated_database(postgres_url) as url:
        here = replace(settings, database_url=url)
        assert people.ensure_first_administrator(here) is not None
        assert people.ensure_first_administrator(here) is None
