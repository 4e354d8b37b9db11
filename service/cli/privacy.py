"""Commands about personal information: what is forgotten by age, now or in rehearsal."""

from pathlib import Path

import click

from service.cli.installation import opened

_NAMES = {
    "revisions": "已提交版本 revisions",
    "visits": "拜访 visits",
    "checkins": "签到 check-ins",
    "photos": "照片 photos",
    "kept_bodies": "保留的提交（位置） kept bodies, positions",
    "kept_bytes": "保留的提交（清除原文） kept bodies, bytes gone",
    "views": "位置查看日志 log of views",
}


@click.group()
def privacy() -> None:
    """个人信息 / personal information."""


@privacy.command("retention")
@click.option("--dry-run", is_flag=True, help="只统计，不改动 / only count, change nothing")
@click.option("--data", type=click.Path(path_type=Path), default=None, help="数据目录 / data folder  [var]")
def retention(dry_run: bool, data: Path | None) -> None:  # noqa: FBT001 click hands flags over so
    """按保存期限降低位置精度、清除原文 / let old positions grow coarse and old bytes go."""
    from service.kernel.db import make_engine, make_sessions
    from service.privacy.retention import Policy, rehearse, retain

    with opened(data) as settings:
        engine = make_engine(settings.database_url, pool_size=1)
        try:
            policy = Policy.of(settings)
            done = (rehearse if dry_run else retain)(make_sessions(engine), policy)
        finally:
            engine.dispose()
    click.echo(
        f"位置 positions: {policy.position_days} 天 days → {policy.decimals} 位小数 decimals；"
        f"原文 bytes: {policy.kept_days} 天 days；日志 log: {policy.view_days} 天 days"
    )
    for name, words in _NAMES.items():
        click.echo(f"{words}: {done[name]}")
    if dry_run:
        click.echo("演练：没有改动任何数据 / a rehearsal: nothing was changed")
