"""Accounts from the command line, for the first administrator and for emergencies."""

import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts import passwords
from service.accounts.models import Unit, UnitKind, User
from service.accounts.people import (
    Move,
    NewPerson,
    close_person,
    move_person,
    register_first_administrator,
    register_person,
    reset_password,
)
from service.accounts.queries import root_unit_id, unit_in_force
from service.accounts.sign_in import fold_username
from service.accounts.units import NewUnit, open_unit
from service.cli.installation import opened
from service.kernel.actor import Actor, Role
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.db import make_engine, make_sessions
from service.kernel.errors import Refusal
from service.settings import Settings

log = logging.getLogger(__name__)

FIRST_USERNAME = "admin"
_CITY = re.compile(r"^[\u4e00-\u9fff]{1,10}?[市州盟县区](?!场)")
_FIRST_LOCK = 5_190_221_011


def ensure_first_administrator(settings: Settings) -> str | None:
    """See to it that there is a root unit and an administrator; the password made up for them, to be shown once.

    QIANBAI_ADMIN_PASSWORD is taken instead when it is given; then, and when there is an administrator already,
    there is nothing to show.
    """
    with _transaction(settings) as session:
        return first_administrator(session, settings, os.environ.get("QIANBAI_ADMIN_PASSWORD", ""))


def first_administrator(session: Session, settings: Settings, given: str) -> str | None:
    """The same within a transaction, with the password given or none."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(_FIRST_LOCK)))
    if session.scalar(sa.select(User.id).where(User.roles.contains([Role.ADMINISTRATOR.value])).limit(1)):
        return None
    if given and passwords.weakness(given, [FIRST_USERNAME]):
        log.warning("the password in QIANBAI_ADMIN_PASSWORD is easy to guess; change it after signing in")
    password = given or passwords.one_time_password()
    unit_id = root_unit_id(session) or _open_root(session, settings.organisation)
    new = NewPerson(
        username=FIRST_USERNAME,
        name="系统管理员",
        unit_id=unit_id,
        roles=frozenset({Role.ADMINISTRATOR}),
        password=password,
        must_change_password=False,
    )
    register_first_administrator(session, new)
    return None if given else password


@click.group()
def user() -> None:
    """管理账号 / Accounts."""


_data = click.option("--data", type=click.Path(path_type=Path), default=None, help="数据目录 / data folder")


@user.command("add")
@click.argument("username")
@click.option("--name", required=True, help="姓名 / the person's name")
@click.option(
    "--unit", "unit_name", required=True, help="单位名称、简称或编号 / unit by name, short name or id"
)
@click.option(
    "--role", "roles", required=True, multiple=True, type=click.Choice([role.value for role in Role])
)
@click.option("--phone", default=None, help="手机号 / phone number")
@click.option(
    "--password-stdin", is_flag=True, help="从标准输入读取密码 / read the password from standard input"
)
@_data
def add(
    *,
    username: str,
    name: str,
    unit_name: str,
    roles: tuple[str, ...],
    phone: str | None,
    password_stdin: bool,
    data: Path | None,
) -> None:
    """新建账号；不给密码时生成一次性密码 / open an account, with a one-time password unless one is given."""
    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else ""
    password = given or passwords.one_time_password()

    with working(data) as (session, _):
        new = NewPerson(
            username=username,
            name=name,
            unit_id=unit_called(session, unit_name),
            roles=frozenset(Role(role) for role in roles),
            phone=phone,
            password=password,
            must_change_password=not given,
        )
        register_person(session, operator(), new)
    click.echo(f"已建立账号 / account opened: {fold_username(username)}")
    click.echo("登录：手机打开 /m/，总部打开 /hq/ / sign in: phones at /m/, headquarters at /hq/")
    if not given:
        click.echo(f"一次性密码 / one-time password: {password}")


@user.command("reset-password")
@click.argument("username")
@_data
def reset(username: str, data: Path | None) -> None:
    """重置密码并退出其全部登录 / reset a password and end all sign-ins."""
    with working(data) as (session, _):
        shown = reset_password(session, operator(), person_called(session, username))
    click.echo(f"一次性密码 / one-time password: {shown}")


@user.command("close")
@click.argument("username")
@_data
def close(username: str, data: Path | None) -> None:
    """停用账号并退出其全部登录 / close an account and end all sign-ins."""
    with working(data) as (session, _):
        close_person(session, operator(), person_called(session, username))
    click.echo(f"已停用 / closed: {fold_username(username)}")


@user.command("move")
@click.argument("username")
@click.option("--unit", "unit_name", required=True, help="调入单位 / the unit they go to")
@click.option(
    "--from",
    "from_on",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="自该日起 / from this day on",
)
@_data
def move(username: str, unit_name: str, from_on: datetime, data: Path | None) -> None:
    """调动；以前的记录仍归原单位 / post a person to another unit; earlier records stay with the old one."""
    with working(data) as (session, _):
        unit_id = unit_called(session, unit_name)
        move_person(session, operator(), Move(person_called(session, username), unit_id, from_on.date()))
    click.echo(f"已调动 / moved: {fold_username(username)} → {unit_name}（{from_on:%Y-%m-%d}）")


@user.command("list")
@_data
def list_people(data: Path | None) -> None:
    """列出账号 / list the accounts: user name, name, unit, roles."""
    rows = (
        sa.select(User.username, User.name, Unit.name.label("unit"), User.roles, User.closed_at)
        .join(Unit, Unit.id == User.unit_id)
        .order_by(User.username)
    )
    with working(data) as (session, _):
        for row in session.execute(rows):
            closed = ["已停用 closed"] if row.closed_at else []
            click.echo("\t".join([row.username, row.name, row.unit, ",".join(row.roles), *closed]))


def unit_called(session: Session, word: str) -> UUID:
    """The one unit in force that has this name, short name or id.

    Raises:
        ClickException: there is none, or more than one.
    """
    by_id = sa.cast(Unit.id, sa.Text) == word.casefold()
    found = session.scalars(
        sa.select(Unit.id)
        .where(sa.or_(Unit.name == word, Unit.short_name == word, by_id), unit_in_force(local_date(now())))
        .order_by((Unit.name == word).desc())
        .limit(2)
    ).all()
    exact = session.scalars(sa.select(Unit.id).where(Unit.name == word, Unit.id.in_(found))).all()
    chosen = exact or found
    if len(chosen) != 1:
        known = "、".join(
            session.scalars(sa.select(Unit.name).order_by(Unit.lineage, Unit.position).limit(20))
        )
        raise click.ClickException(f"没有唯一的单位 / no single unit: {word}（{known}）")
    return chosen[0]


def person_called(session: Session, username: str) -> UUID:
    """The person with this user name.

    Raises:
        ClickException: there is none.
    """
    found = session.scalar(sa.select(User.id).where(User.username == fold_username(username)))
    if found is None:
        raise click.ClickException(f"没有此用户 / no such user: {username}")
    return found


def operator() -> Actor:
    """Whoever has the command line of an installation; the audit log names them so."""
    return Actor.system("command line")


@contextmanager
def working(data: Path | None) -> Iterator[tuple[Session, Settings]]:
    """One transaction on an installation; a refusal undoes it and is told in both languages.

    Raises:
        ClickException: something was refused.
    """
    try:
        with opened(data) as settings, _transaction(settings) as session:
            yield session, settings
    except Refusal as refusal:
        said = [f"{one.zh} / {one.en}" for one in refusal.faults]
        reasons = said or [f"{refusal.text('zh')} / {refusal.text('en')}"]
        raise click.ClickException("；".join(reasons)) from refusal


def _open_root(session: Session, organisation: str) -> UUID:
    city = _CITY.match(organisation)
    name = city.group() if city else "本市"
    new = NewUnit(
        name=name, kind=UnitKind.CITY, parent_id=None, valid_from=local_date(now()).replace(month=1, day=1)
    )
    return open_unit(session, Actor.system(), new).id


@contextmanager
def _transaction(settings: Settings) -> Iterator[Session]:
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        with make_sessions(engine).begin() as session:
            yield session
    finally:
        engine.dispose()
