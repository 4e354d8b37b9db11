"""``qianbai demo``: fills a recognisable city, in one transaction: all of it or nothing; its papers follow in a second."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import User
from service.cli.demo_city.filling import DemoCity
from service.cli.demo_city.papers import bring_out
from service.settings import Settings

Say = Callable[[str], None]
MARK = "hq1"
"""The account whose presence says that the city is filled."""


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=None, help="数据目录 / data folder  [var]")
def demo(data: Path | None) -> None:
    """填入示范城市 / fill a demonstration city."""
    from service.cli.installation import opened
    from service.cli.people import ensure_first_administrator

    with opened(data) as settings:
        if password := ensure_first_administrator(settings):
            click.echo(f"首位管理员 first administrator: admin / {password}   （仅显示一次 shown only once）")
        fill(settings, click.echo)


def fill(settings: Settings, say: Say) -> None:
    """Fill the city unless it is there; a second call changes nothing."""
    from media.stores.opening import open_store
    from service.kernel.db import make_engine, make_sessions

    engine = make_engine(settings.database_url, pool_size=1)
    try:
        with make_sessions(engine).begin() as session:
            is_new = not _is_filled(session)
            given = os.environ.get("QIANBAI_DEMO_PASSWORD")
            password = given or secrets.token_urlsafe(12)
            if is_new:
                DemoCity(session, open_store(settings.store, os.environ), settings, say).fill(password)
        if is_new:
            _tell_password(say, None if given else password)
        else:
            say(
                "示范城市已在，密码不变；忘记时 the demo city is there, its password unchanged; if lost: ./qianbai user reset-password"
            )
        # Of a first start that was cut short here, the next one brings them out.
        with make_sessions(engine).begin() as session:
            bring_out(session, MARK)
    finally:
        engine.dispose()


def _is_filled(session: Session) -> bool:
    return session.scalar(sa.select(sa.exists().where(User.username == MARK))) or False


def _tell_password(say: Say, made_up: str | None) -> None:
    people = "field1 field2 commissioner1 department1 unit1 hq1 leader1 inspector1 …"
    if made_up is None:
        say(f"示范人员 demo people: {people}   密码见 password: QIANBAI_DEMO_PASSWORD")
    else:
        say(f"示范人员 demo people: {people}   密码 password: {made_up}   （仅显示一次 shown only once）")
