"""``qianbai import enterprises|units|people FILE``: an office's table goes into the register."""

import csv
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts import imports as accounts
from service.cli.installation import opened
from service.cli.people import operator, working
from service.enterprises.import_reports import ImportReport, Outcome
from service.enterprises.importing import ImportOrder
from service.enterprises.lists import NewEdition, find_edition
from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.db import make_engine, make_sessions
from service.kernel.errors import Refusal
from service.kernel.tables import Table, read_table
from service.programmes.models import TargetList
from service.programmes.queries import in_force
from service.programmes.target_lists import create_target_list
from service.visits.consequences import create_edition
from service.visits.imports import ListedImport, import_listed, rehearse_import

MOST_SHOWN = 50


@click.group("import", help="从表格导入 / read tables into the register")
def import_() -> None:
    """Tables that go into the register."""


@import_.command(help="导入企业名录（CSV、XLSX）/ import enterprises")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只检查，不写入 / check only, write nothing")
@click.option(
    "--list",
    "target_list",
    metavar="NAME",
    help="列入目标企业名单，没有则新建 / put them on this target list",
)
@click.option(
    "--edition", metavar="CODE:YEAR", help="列入该版榜单 / put them on this edition of a Top-500 list"
)
@click.option(
    "--in-force-from",
    type=click.DateTime(["%Y-%m-%d"]),
    help="榜单尚未建立时，自该日起生效 / make the edition, in force from this day",
)
@click.option("--confirm", is_flag=True, help="榜单名次即时确认 / the places on the edition are confirmed")
@click.option("--well-known", is_flag=True, help="标记为知名企业 / mark them well-known")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="逐行结果写入 CSV / write a line for each row here",
)
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="数据目录 / the installation's folder"
)
def enterprises(  # the options of a command line are its signature
    file: Path,
    *,
    dry_run: bool,
    target_list: str | None,
    edition: str | None,
    in_force_from: datetime | None,
    confirm: bool,
    well_known: bool,
    report: Path | None,
    data: Path | None,
) -> None:
    """Import a file of enterprises and say what became of each row."""
    order = ImportOrder(file.name, file.read_bytes(), well_known=well_known, confirmed=confirm)
    wanted = ListedImport(order, target_list=target_list, edition=edition)
    click.echo(f"读取 {file.name}（{len(order.raw):,} 字节）…", err=True)
    started = time.monotonic()
    try:
        done = _carry_out(wanted, data, dry_run=dry_run, in_force_from=in_force_from)
    except Refusal as refusal:
        places = "；".join(fault.zh for fault in refusal.faults)
        raise click.ClickException(refusal.text("zh") + (f"：{places}" if places else "")) from refusal
    _show(done, time.monotonic() - started)
    if report:
        write_report(done, report)
        click.echo(f"逐行结果已写入 {report}", err=True)


_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_dry_run = click.option("--dry-run", is_flag=True, help="只检查，不写入 / check only, write nothing")
_data = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="数据目录 / the installation's folder"
)


@import_.command("units", help="导入单位（CSV、XLSX）/ import units, parents before children")
@_file
@_dry_run
@_data
def units(file: Path, *, dry_run: bool, data: Path | None) -> None:
    """Import a file of units; units that are there are amended."""
    with working(data) as (session, _):
        table = _read(file, accounts.UNIT_COLUMNS)
        done = accounts.import_units(session, operator(), table, dry_run=dry_run)
    _show_accounts(done)


@import_.command("people", help="导入人员（CSV、XLSX），不含密码 / import people, without passwords")
@_file
@_dry_run
@_data
def people(file: Path, *, dry_run: bool, data: Path | None) -> None:
    """Import a file of people; accounts that are there are amended, and nobody is moved."""
    with working(data) as (session, _):
        table = _read(file, accounts.PERSON_COLUMNS)
        done = accounts.import_people(session, operator(), table, dry_run=dry_run)
    _show_accounts(done)


def _read(file: Path, columns: dict[str, tuple[str, ...]]) -> Table:
    return read_table(file.name, file.read_bytes(), headings=accounts.headings(columns))


def _show_accounts(done: accounts.ImportReport) -> None:
    for line in done.lines:
        if line.outcome is accounts.Outcome.REFUSED:
            said = f"{'；'.join(line.reasons('zh'))} / {'; '.join(line.reasons('en'))}"
            click.echo(f"第 {line.line_no} 行 {line.name or '（空）'}：{said}")
    title = "试导入（未写入）/ dry run" if done.dry_run else "导入完成 / imported"
    click.echo(
        f"{title}：新增 opened {done.opened}，更新 amended {done.amended}，"
        f"未变 unchanged {done.unchanged}，未导入 refused {done.refused}"
    )


def _carry_out(
    wanted: ListedImport, data: Path | None, *, dry_run: bool, in_force_from: datetime | None
) -> ImportReport:
    """The import in one transaction; a dry run undoes even the lists it would have made."""
    actor = Actor.system("qianbai import")
    with opened(data) as settings:
        engine = make_engine(settings.database_url)
        try:
            with make_sessions(engine)() as session:
                _make_lists(session, actor, wanted, in_force_from)
                if dry_run:
                    return rehearse_import(session, actor, wanted)
                done = import_listed(session, actor, wanted)
                session.commit()
                return done
        finally:
            engine.dispose()


def _make_lists(session: Session, actor: Actor, wanted: ListedImport, in_force_from: datetime | None) -> None:
    """The target list and the edition are there when the rows come."""
    if wanted.target_list:
        programme = in_force(session, local_date(now()))
        if programme is None:
            raise click.ClickException(
                "当前没有进行中的走访计划，无法建立目标企业名单 / no programme is in force"
            )
        named = sa.select(TargetList.id).where(
            TargetList.programme_id == programme.id, TargetList.name == wanted.target_list
        )
        if session.scalar(named) is None:
            create_target_list(session, actor, programme.id, wanted.target_list)
    if wanted.edition and in_force_from:
        code, _, year = wanted.edition.rpartition(":")
        if code and year.isdecimal() and find_edition(session, code, int(year)) is None:
            create_edition(session, actor, NewEdition(code, code, int(year), in_force_from.date()))


def _show(done: ImportReport, seconds: float) -> None:

    refused = [row for row in done.rows if row.outcome == Outcome.REFUSED]
    for row in refused[:MOST_SHOWN]:
        click.echo(f"第 {row.line} 行 {row.name or '（空）'}：{row.text}")
    if len(refused) > MOST_SHOWN:
        click.echo(f"…… 另有 {len(refused) - MOST_SHOWN} 行未导入，--report 可写出全部")
    for reason, rows in Counter(row.reason or "" for row in refused).most_common():
        click.echo(f"  未导入 {reason}：{rows}")
    title = "试导入（未写入）" if done.dry_run else "导入完成"
    click.echo(
        f"{title}：新增 {done.accepted}，合并 {done.merged}，未导入 {done.refused}，"
        f"疑似重复 {done.suspected} 对，用时 {seconds:.1f} 秒"
    )
    sys.stdout.flush()


def write_report(done: ImportReport, path: Path) -> None:
    """A line for each row of the file, as CSV that Excel opens; what begins like a formula is kept as text."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["行号", "结果", "企业名称", "企业编号", "原因", "说明", "备注"])
        for row in done.rows:
            cells = [
                row.name,
                str(row.enterprise_id or ""),
                row.reason or "",
                row.text or "",
                "；".join(row.notes),
            ]
            lines.writerow([row.line, row.outcome.value, *map(_as_text, cells)])


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")) else cell
