"""Units and devices from the command line: ``qianbai unit …`` and ``qianbai device …``."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.devices import revoke_device
from service.accounts.enrolment import PIN_LIVES, hand_over_device
from service.accounts.models import Device, DeviceHolder, Unit, UnitKind, User
from service.accounts.queries import unit_in_force
from service.accounts.units import NewUnit, open_unit
from service.accounts.words import kind_called
from service.cli.people import operator, person_called, unit_called, working
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.text import has_forbidden_characters

MOST_CHARACTERS = 100
_DIVISION_CODE = re.compile(r"[0-9]{6}|[0-9]{9}|[0-9]{12}")

_data = click.option("--data", type=click.Path(path_type=Path), default=None, help="数据目录 / data folder")


def plain_text(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """What was typed, without blanks around it, where it can stand in a list.

    Raises:
        BadParameter: it is blank, too long, or holds control characters.
    """
    if value is None:
        return None
    text = value.strip()
    if not text or len(text) > MOST_CHARACTERS or has_forbidden_characters(text):
        raise click.BadParameter(f"应为 1–{MOST_CHARACTERS} 个字符 / 1 to {MOST_CHARACTERS} characters")
    return text


def _kind(_: click.Context, __: click.Parameter, value: str) -> UnitKind:
    kind = kind_called(value)
    if kind is None:
        known = ", ".join(kind.value for kind in UnitKind)
        raise click.BadParameter(f"单位类型无法识别，应为 / must be one of: {known}")
    return kind


def _division_code(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not _DIVISION_CODE.fullmatch(value):
        raise click.BadParameter("区划代码应为 6、9 或 12 位数字 / a division code has 6, 9 or 12 digits")
    return value


@click.group()
def unit() -> None:
    """管理单位 / Units."""


@unit.command("add")
@click.argument("name", callback=plain_text)
@click.option("--kind", required=True, callback=_kind, help="类型，如 county 或 县 / such as county or town")
@click.option("--parent", default=None, help="上级单位 / the unit above; only the first unit has none")
@click.option("--short-name", default=None, callback=plain_text, help="简称 / short name")
@click.option("--group", default=None, callback=plain_text, help="对比组 / the units it is compared with")
@click.option("--position", default=0, type=click.IntRange(0, 999_999), help="排序 / its place in lists")
@click.option("--division-code", default=None, callback=_division_code, help="区划代码 / division code")
@click.option(
    "--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), help="自该日起存在 / its first day  [today]"
)
@_data
def add_unit(
    *,
    name: str,
    kind: UnitKind,
    parent: str | None,
    short_name: str | None,
    group: str | None,
    position: int,
    division_code: str | None,
    valid_from: datetime | None,
    data: Path | None,
) -> None:
    """新建单位 / open a unit."""
    with working(data) as (session, _):
        new = NewUnit(
            name=name,
            kind=kind,
            parent_id=unit_called(session, parent) if parent else None,
            valid_from=valid_from.date() if valid_from else local_date(now()),
            short_name=short_name,
            division_code=division_code,
            comparison_group=group,
            position=position,
        )
        made = open_unit(session, operator(), new).id
    click.echo(f"已建立单位 / unit opened: {name} {made}")


@unit.command("list")
@_data
def list_units(data: Path | None) -> None:
    """列出今日存在的单位 / list today's units, each below the one it belongs to."""
    with working(data) as (session, _):
        for depth, one in _tree(session):
            facts = [one.kind.value, one.comparison_group or "-", one.division_code or "-", str(one.id)]
            click.echo("\t".join(["　" * depth + one.name, *facts]))


def _tree(session: Session) -> Iterator[tuple[int, Unit]]:
    """The units in force with their depth; one whose parent is closed stands at the top."""
    ordered = sa.select(Unit).where(unit_in_force(local_date(now()))).order_by(Unit.position, Unit.name)
    found = session.scalars(ordered).all()
    shown = {one.id for one in found}
    below: dict[UUID | None, list[Unit]] = defaultdict(list)
    for one in found:
        below[one.parent_id if one.parent_id in shown else None].append(one)

    def walk(parent_id: UUID | None, depth: int) -> Iterator[tuple[int, Unit]]:
        for one in below[parent_id]:
            yield depth, one
            yield from walk(one.id, depth + 1)

    return walk(None, 0)


@click.group()
def device() -> None:
    """管理设备 / Devices."""


@device.command("list")
@click.option("--user", "username", default=None, help="只列此人的 / only this person's")
@_data
def list_devices(username: str | None, data: Path | None) -> None:
    """列出设备及现持有人 / list the devices and who holds them."""
    rows = (
        sa.select(Device.id, Device.model, Device.revoked_at, User.username)
        .outerjoin(
            DeviceHolder, sa.and_(DeviceHolder.device_id == Device.id, DeviceHolder.revoked_at.is_(None))
        )
        .outerjoin(User, User.id == DeviceHolder.user_id)
        .order_by(Device.last_seen_at.desc(), Device.id, User.username)
    )
    with working(data) as (session, _):
        if username:
            rows = rows.where(User.id == person_called(session, username))
        for row in session.execute(rows):
            revoked = ["已停用 revoked"] if row.revoked_at else []
            click.echo("\t".join([row.id, row.model or "-", row.username or "-", *revoked]))


@device.command("revoke")
@click.argument("device_id", metavar="ID")
@_data
def revoke(device_id: str, data: Path | None) -> None:
    """停用丢失的设备 / take a lost device out of use and end all sign-ins on it."""
    with working(data) as (session, _):
        revoke_device(session, operator(), device_id)
    click.echo(f"已停用设备 / device revoked: {device_id}")


@device.command("hand-over")
@click.argument("device_id", metavar="ID")
@click.option("--to", "username", required=True, help="新持有人的用户名 / who is to have it")
@_data
def hand_over(device_id: str, username: str, data: Path | None) -> None:
    """设备转交他人，并给出登记码 / give a device to another; prints the PIN that enrols them."""
    with working(data) as (session, settings):
        issued = hand_over_device(
            session,
            operator(),
            device_id,
            to_user_id=person_called(session, username),
            secret=settings.secret,
            server="",  # only whoever opens it knows by which address
        )
    minutes = int(PIN_LIVES.total_seconds() // 60)
    click.echo(f"设备已收回，原登录均已退出 / device released, all sign-ins on it ended: {device_id}")
    click.echo(f"或在手机上打开，前面加本系统的网址 / or open on the phone, after our address: {issued.qr}")
    click.echo(f"登记码，{minutes} 分钟内有效 / PIN, valid for {minutes} minutes: {issued.pin}")
