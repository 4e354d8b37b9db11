"""Commands for whoever looks after an installation: migrate, rebuild, verify the audit log, check the store."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.installation import opened

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from service.audit.verification import Verification
    from service.settings import Settings

_data = click.option(
    "--data", type=click.Path(path_type=Path), default=None, help="数据目录 / data folder  [var]"
)


@click.command()
@_data
def migrate(data: Path | None) -> None:
    """更新数据表 / bring the tables up to date."""
    with opened(data):
        click.echo("数据表已是最新 / the tables are up to date")


@click.command()
@_data
def rebuild(data: Path | None) -> None:
    """由走访记录重算全部台账 / derive all ledgers anew from the visits."""
    from service.visits import recounting

    with opened(data) as settings, _sessions(settings) as sessions, sessions.begin() as session:
        report = recounting.rebuild(session)
    if report.clean:
        click.echo("台账与走访记录一致，无需修正 / the ledgers were right")
        return
    click.echo(
        f"已修正 mended: 计入 credits {report.credits}，市台账 city rows {report.city_rows}，"
        f"单位台账 unit rows {report.unit_rows}，合计 tallies {report.tallies}"
    )


@click.group()
def audit() -> None:
    """审计日志 / the audit log."""


@audit.command("verify")
@click.option(
    "--anchor", "noted", default=None, metavar="NO:HASH", help="另处记下的封条 / a seal noted elsewhere"
)
@_data
def verify_audit(noted: str | None, data: Path | None) -> None:
    """核验审计链，发现问题则以 1 退出 / verify the chain; exits with 1 when something is wrong."""
    from service.audit.chain import NotAnAnchorError, read_anchor
    from service.audit.verification import verify

    try:
        anchor = read_anchor(noted) if noted else None
    except NotAnAnchorError as error:
        raise click.BadParameter(
            "应为 编号:64位十六进制 / must be NUMBER:64 HEX DIGITS", param_hint="--anchor"
        ) from error
    with opened(data) as settings, _sessions(settings) as sessions, sessions() as session:
        found = verify(session, anchor=anchor)
    _tell(found, anchored=anchor is not None)
    sys.exit(0 if found.is_sound else 1)


@audit.command("seal")
@_data
def seal_audit(data: Path | None) -> None:
    """立即封存，并给出须另处记下的封条 / seal now, and show the seal to note elsewhere."""
    from service.audit.commands import latest_seal, seal

    with opened(data) as settings, _sessions(settings) as sessions:
        sealed = True
        while sealed:
            with sessions.begin() as session:
                sealed = seal(session) is not None
        with sessions() as session:
            newest = latest_seal(session)
    click.echo(newest or "尚无审计条目 / no audit entries yet")


@click.group()
def store() -> None:
    """照片库 / the photo store."""


@store.command("check")
@_data
def check_store(data: Path | None) -> None:
    """实测照片库，发现问题则以 1 退出 / try what the store promises; exits with 1 when something fails."""
    from media.stores.checkup import Verdict, examine
    from media.stores.opening import open_store

    with opened(data) as settings:
        report = examine(open_store(settings.store, os.environ), ca_bundle=os.environ.get("AWS_CA_BUNDLE"))
    words = {Verdict.PASS: "通过 pass", Verdict.FAIL: "失败 FAIL", Verdict.NOT_APPLICABLE: "不适用 n/a"}
    for check in report.checks:
        click.echo(f"{words[check.verdict]:　<10} {check.name} {check.seen}".rstrip())
    sys.exit(0 if report.passed else 1)


def _tell(found: "Verification", *, anchored: bool) -> None:
    click.echo(
        f"封条 seals: {found.seals}   条目 entries: {found.entries}   未封存 unsealed: {found.unsealed}"
    )
    for finding in found.findings:
        click.echo(f"发现 FOUND: {finding.zh} / {finding.en}")
    if found.more_findings:
        click.echo(f"另有 {found.more_findings} 处 / and {found.more_findings} more")
    if found.is_sound:
        click.echo("审计链完整 / the chain is whole")
    if not anchored:
        click.echo(
            "未给出 --anchor：截去尾部或整体重写无从发现 / "
            "without --anchor a cut tail or a rewritten chain cannot be seen"
        )
    click.echo(f"最新封条，请另处记下 / newest seal, note it elsewhere: {found.last or '-'}")


@contextmanager
def _sessions(settings: "Settings") -> "Iterator[sessionmaker[Session]]":
    from service.kernel.db import make_engine, make_sessions

    engine = make_engine(settings.database_url, pool_size=1)
    try:
        yield make_sessions(engine)
    finally:
        engine.dispose()
