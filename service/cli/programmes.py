"""Programmes and their targets from the command line: ``qianbai programme …``."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.cli.administration import plain_text
from service.cli.people import operator, unit_called, working
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.programmes import queries
from service.programmes.commands import NewProgramme, ProgrammeChanges
from service.programmes.models import (
    CountingPolicy,
    ElapsedBy,
    Line,
    Programme,
    TargetLevel,
    ThousandScope,
)
from service.programmes.target_tables import TargetFile, TargetReport, import_targets
from service.programmes.targets import TargetFigure, put_targets
from service.visits import consequences
from service.visits.models import VisitMode

_DAY = click.DateTime(["%Y-%m-%d"])
_data = click.option("--data", type=click.Path(path_type=Path), default=None, help="数据目录 / data folder")
_programme = click.option(
    "--programme",
    "called",
    metavar="NAME|YEAR",
    default=None,
    help="方案名称或年度 / programme by name or year  [in force today]",
)
_RULES = (
    click.option("--name", default=None, callback=plain_text, help="名称 / name"),
    click.option("--starts-on", type=_DAY, default=None, help="首日 / first day"),
    click.option("--ends-on", type=_DAY, default=None, help="末日 / last day"),
    click.option(
        "--policy",
        "counting_policy",
        type=click.Choice([one.value for one in CountingPolicy]),
        default=None,
        help="计数口径：审核通过或提交即计 / count once approved, or once submitted",
    ),
    click.option(
        "--scope",
        "thousand_scope",
        type=click.Choice([one.value for one in ThousandScope]),
        default=None,
        help="“千”线范围 / which enterprises the thousand line counts",
    ),
    click.option(
        "--hundred-within-thousand/--hundred-apart",
        default=None,
        help="“百”是否计入“千” / whether the hundred line counts in the thousand line too",
    ),
    click.option(
        "--elapsed-by",
        type=click.Choice([one.value for one in ElapsedBy]),
        default=None,
        help="序时进度按日或按月 / elapsed share by days or months",
    ),
    click.option(
        "--mode",
        "counted_modes",
        multiple=True,
        type=click.Choice([one.value for one in VisitMode]),
        help="计入的走访方式，可多次 / a visit mode that counts, may be repeated",
    ),
    click.option("--allow-overlap", is_flag=True, help="允许与同年度方案重叠 / may overlap another"),
)
_KINDS: dict[str, Callable[[Any], Any]] = {
    "counting_policy": CountingPolicy,
    "thousand_scope": ThousandScope,
    "elapsed_by": ElapsedBy,
    "counted_modes": lambda modes: list(dict.fromkeys(modes)),
}


def _with_rules(command: Callable[..., None]) -> Callable[..., None]:
    """The options for a programme's rules; one that is not given has no value."""
    for option in reversed(_RULES):
        command = option(command)
    return command


@click.group()
def programme() -> None:
    """管理走访方案与目标 / Programmes and targets."""


@programme.command("add")
@click.option("--year", required=True, type=click.IntRange(2000, 2100), help="年度 / year")
@_with_rules
@_data
def add_programme(*, year: int, data: Path | None, allow_overlap: bool, **rules: Any) -> None:
    """新建方案，默认全年 / make a programme, of the whole year unless days are given."""
    usual: dict[str, Any] = {
        "name": f"{year}年登门招商“千百工程”",
        "starts_on": date(year, 1, 1),
        "ends_on": date(year, 12, 31),
        "counted_modes": [mode.value for mode in VisitMode],
    }
    with working(data) as (session, _):
        new = NewProgramme(year=year, allow_overlap=allow_overlap, **(usual | _given(rules)))
        made = consequences.create_programme(session, operator(), new)
        click.echo(f"已建立方案 / programme made: {_line_about(made)}")


@programme.command("amend")
@click.argument("called", metavar="NAME|YEAR")
@_with_rules
@_data
def amend(*, called: str, data: Path | None, allow_overlap: bool, **rules: Any) -> None:
    """修改方案，走访随即重新计数 / change a programme; its visits count anew."""
    with working(data) as (session, _):
        found = programme_called(session, called)
        changes = ProgrammeChanges(_given(rules), allow_overlap=allow_overlap)
        changed = consequences.amend_programme(session, operator(), found.id, changes)
    click.echo(f"已修改 / changed: {', '.join(sorted(changed)) or '-'}")


@programme.command("list")
@_data
def list_programmes(data: Path | None) -> None:
    """列出方案，最新在前 / list the programmes, the newest first."""
    with working(data) as (session, _):
        for one in queries.programmes(session):
            click.echo(_line_about(one))


@programme.command("targets")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_programme
@click.option("--dry-run", is_flag=True, help="只检查，不写入 / check only, write nothing")
@_data
def targets_by_file(*, file: Path, called: str | None, dry_run: bool, data: Path | None) -> None:
    """从表格导入目标（CSV、XLSX）/ set the targets of a table; all others stay."""
    with working(data) as (session, _):
        found = programme_called(session, called)
        what = TargetFile(file.name, file.read_bytes(), dry_run)
        done = import_targets(session, operator(), found.id, what)
    _show(done)


@programme.command("set-target")
@click.argument("unit_name", metavar="UNIT")
@click.option("--line", required=True, type=click.Choice([one.value for one in Line]), help="指标 / line")
@click.option("--baseline", type=click.IntRange(0, 1_000_000), help="计划目标")
@click.option("--working", "working_", type=click.IntRange(0, 1_000_000), help="工作目标")
@click.option("--striving", type=click.IntRange(0, 1_000_000), help="奋斗目标")
@_programme
@_data
def set_target(
    *,
    unit_name: str,
    line: str,
    baseline: int | None,
    working_: int | None,
    striving: int | None,
    called: str | None,
    data: Path | None,
) -> None:
    """设定一个单位的目标，最上级单位即全市 / set a unit's targets on a line; the root unit is the whole city."""
    levels = zip(TargetLevel, (baseline, working_, striving), strict=True)
    given = {level: subjects for level, subjects in levels if subjects is not None}
    if not given:
        raise click.UsageError("没有填写任何目标 / no target is given")
    with working(data) as (session, _):
        found = programme_called(session, called)
        unit = session.get_one(Unit, unit_called(session, unit_name))
        unit_id = unit.id if unit.parent_id else None
        figures = [TargetFigure(Line(line), unit_id, level, subjects) for level, subjects in given.items()]
        put_targets(session, operator(), found.id, figures)
        told = "，".join(f"{level.value} {subjects}" for level, subjects in given.items())
        click.echo(f"已设定 / set: {found.name} {unit.name} {line}：{told}")


def programme_called(session: Session, word: str | None) -> Programme:
    """The one programme of this name or year, an open one before closed ones; without a word the one in force.

    Raises:
        ClickException: there is none, or more than one.
    """
    if word is None:
        running = queries.in_force(session, local_date(now()))
        if running is None:
            raise click.ClickException(
                "今日没有进行中的方案，请用 --programme 指定 / no programme is in force"
            )
        return running
    known = queries.programmes(session)
    found = [one for one in known if one.name == word] or [one for one in known if str(one.year) == word]
    chosen = [one for one in found if one.closed_at is None] or found
    if len(chosen) != 1:
        names = "、".join(one.name for one in known)
        raise click.ClickException(f"没有唯一的方案 / no single programme: {word}（{names}）")
    return chosen[0]


def _given(rules: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, as the commands take them."""
    return {name: _plain(name, value) for name, value in rules.items() if value not in {None, ()}}


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date()
    return _KINDS[name](value) if name in _KINDS else value


def _line_about(one: Programme) -> str:
    closed = ["已关闭 closed"] if one.closed_at else []
    days = f"{one.starts_on} – {one.ends_on}"
    return "\t".join([str(one.year), one.name, days, one.counting_policy.value, *closed])


def _show(done: TargetReport) -> None:
    for row in done.refused:
        click.echo(f"第 {row.line_no} 行：{row.zh} / {row.en}")
    title = "试导入（未写入）/ dry run" if done.dry_run else "导入完成 / imported"
    click.echo(
        f"{title}：采用 accepted {done.accepted}（目标 targets {len(done.targets)}），"
        f"未导入 refused {len(done.refused)}"
    )
