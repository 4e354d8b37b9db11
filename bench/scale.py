"""What every dashboard question costs at scale: three years of visits with their ledgers, database and door.

    python -m bench.scale --visits 1000000                      about five minutes
    python -m bench.scale --visits 10000000 --folder /tmp/large    an hour, 20 GB; a folder that is given is kept

The visits are those of `bench/scale_fill.py`. Each question is asked several times: what is printed is its statements'
time in the database, and the whole door in this process, best and median.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from bench.scale_fill import THIS_YEAR, facts, fill, where
from service.accounts import sessions as accounts
from service.app import create_app
from service.boards import commands as boards
from service.boards.rules import BoardRules, Measured, Source
from service.boards.scoring import Method
from service.indicators.measures import MEASURES
from service.kernel.actor import Actor, Role
from service.kernel.db import make_engine, make_sessions
from service.kernel.migrate import upgrade
from service.settings import Settings


def main() -> None:
    """Fill if there is nothing yet, then ask."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--units", type=int, default=200)
    parser.add_argument("--enterprises", type=int, default=50_000)
    parser.add_argument("--folder", type=Path, help="keep the database there for another run")
    parser.add_argument("--url", help="a database that runs already, empty or filled by this script")
    parser.add_argument("--only", default="", help="ask only what has one of these, parted by |, in its name")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long one question is asked")
    asked = parser.parse_args()
    with where(asked) as url:
        upgrade(url)
        engine = make_engine(url)
        made = make_sessions(engine)
        with made() as session:
            is_empty = session.scalar(sa.text("SELECT count(*) FROM programmes")) == 0
        if is_empty:
            fill(engine, made, asked)
        facts(made)
        engine.dispose()
        ask(url, asked)


@dataclass
class Watch:
    """Adds up how long statements take in the database."""

    seconds: float = 0.0
    statements: int = 0

    def on(self, engine: sa.Engine) -> None:
        """Watch this engine's statements, from sending each to its first row."""

        @sa.event.listens_for(engine, "before_cursor_execute")
        def began(connection: sa.Connection, *_: Any) -> None:
            connection.info["began"] = time.perf_counter()

        @sa.event.listens_for(engine, "after_cursor_execute")
        def ended(connection: sa.Connection, *_: Any) -> None:
            self.seconds += time.perf_counter() - connection.info["began"]
            self.statements += 1


def ask(url: str, asked: argparse.Namespace) -> None:
    """Every door as headquarters, in this process."""
    with tempfile.TemporaryDirectory(prefix="qb-scale-") as folder:
        settings = Settings(database_url=url, store=folder, secret=b"scale", data=Path(folder))
        engine = make_engine(url, pool_size=4)
        sessions, watch = make_sessions(engine), Watch()
        app = create_app(settings, sessions=sessions)
        with sessions.begin() as session:
            person = session.scalar(sa.text("SELECT id FROM users WHERE username = 'bench'"))
            field = session.scalar(
                sa.text("SELECT visitor_id FROM visits ORDER BY visited_at DESC, id LIMIT 1")
            )
            programme = session.scalar(sa.text("SELECT id FROM programmes ORDER BY year DESC LIMIT 1"))
            headers = signed_in(session, person)
            of_field = signed_in(session, field)
            unit = session.scalar(sa.text("SELECT unit_id FROM users WHERE id = :id"), {"id": field})
            addresses = questions(programme, unit)
            addresses["board of a quarter, drafted"] = (
                f"/api/hq/v1/boards/{draft(session, person, programme)}"
            )
        watch.on(engine)
        client = app.test_client()
        print(f"  {'door':<44}{'statements':>10}   database best / median   door best / median")
        for name, address in addresses.items():
            if not any(part in name for part in asked.only.split("|")):
                continue
            who = of_field if address.startswith("/api/v1/") else headers
            try:
                several(name, watch, asked.seconds, partial(get, client, address, who))
            except TimeoutError:
                print(f"  {name:<44} was not answered in the time a statement may take", flush=True)
        if any(part in "report drafted" for part in asked.only.split("|")):
            times = [once_drafted(client, headers, watch, on) for on in ("01-05", "02-02", "03-02")]
            print_row("report drafted (month)", watch, times)
        engine.dispose()


def questions(programme: UUID, unit: UUID) -> dict[str, str]:
    """Every dashboard question by its name."""
    hq, this = "/api/hq/v1", THIS_YEAR
    found = {
        "overview": f"{hq}/progress/overview",
        "overview, mid-year": f"{hq}/progress/overview?as_of={this}-07-01",
        "weekly": f"{hq}/progress/weekly",
        "units": f"{hq}/progress/units",
        "units, mid-year": f"{hq}/progress/units?as_of={this}-07-15",
        "coverage by county": f"{hq}/progress/coverage?by=county",
        "coverage by chain": f"{hq}/progress/coverage?by=chain",
        "coverage by both": f"{hq}/progress/coverage?by=both",
        "review queue": f"{hq}/reviews/queue?limit=50",
        "visits": f"{hq}/visits?limit=100",
        "visits of a unit": f"{hq}/visits?limit=100&unit={unit}",
        "visits of a unit, a month": f"{hq}/visits?limit=100&unit={unit}&from={this}-03-01&until={this}-04-01",
        "visits behind a unit's figure": f"{hq}/visits?limit=100&programme={programme}&line=thousand&counted=true"
        f"&first=true&unit={unit}&until={this}-10-01",
        "visits of a well-known enterprise, a month": f"{hq}/visits?limit=100&standing=true&well_known=true"
        f"&from={this}-03-01&until={this}-04-01",
    }
    for measure, one in MEASURES.items():
        stretches = {"year": "period=year", "month": f"period=month&on={this}-03-05"}
        for stretch, days in stretches.items():
            found[f"{measure}: {stretch}"] = f"{hq}/statistics?measure={measure}&{days}"
            found[f"{measure}: {stretch} by unit"] = f"{hq}/statistics?measure={measure}&by=unit&{days}"
        if not one.is_of_target_lists:
            found[f"{measure}: months of the year"] = (
                f"{hq}/statistics?measure={measure}&by=period&period=month"
            )
    found["organisations: year, in the programme"] = (
        f"{hq}/statistics?measure=organisations&programme={programme}"
    )
    found["organisations: year by industry"] = f"{hq}/statistics?measure=organisations&by=industry"
    found["organisations: year of one unit"] = f"{hq}/statistics?measure=organisations&unit={unit}"
    found["my organisations: year"] = "/api/v1/statistics?measure=organisations"
    found["my organisations: months"] = "/api/v1/statistics?measure=organisations&by=period&period=month"
    return found


def signed_in(session: Session, person: UUID | None) -> dict[str, str]:
    assert person is not None
    granted = accounts.open_sign_in(session, user_id=person, device_id=None, secret=b"scale")
    return {"Authorization": f"Bearer {granted.access_token}"}


def draft(session: Session, person: UUID, programme: UUID) -> UUID:
    """A board of the year's second quarter, not frozen: it is computed whenever it is read."""
    unit = session.scalar(sa.text("SELECT unit_id FROM users WHERE id = :id"), {"id": person})
    actor = Actor(person, "bench", unit, frozenset({Role.HEADQUARTERS}))
    rules = BoardRules(
        (
            Measured("thousand", "千家", Source.THOUSAND_COUNTED, Decimal(60)),
            Measured("new", "新增", Source.THOUSAND_NEW, Decimal(40), Method.EFFICACY),
        )
    )
    quarter = (date(THIS_YEAR, 4, 1), date(THIS_YEAR, 7, 1))
    return boards.make_board(
        session, actor, boards.NewBoard("scale", "第二季度", programme, *quarter, rules)
    ).id


def get(client: FlaskClient, address: str, headers: dict[str, str]) -> None:
    answer = client.get(address, headers=headers)
    if answer.status_code == 503:
        raise TimeoutError  # the statement took longer than any may
    assert answer.status_code == 200, (address, answer.get_data()[:300])


def once_drafted(client: FlaskClient, headers: dict[str, str], watch: Watch, on: str) -> tuple[float, float]:
    body = {"kind": "monthly", "on": f"{THIS_YEAR}-{on}"}

    def make() -> None:
        answer = client.post("/api/hq/v1/reports", json=body, headers=headers)
        assert answer.status_code in {201, 409}, answer.get_data()[:300]

    return measured(watch, make)


def measured(watch: Watch, do_it: Callable[[], None]) -> tuple[float, float]:
    watch.seconds, watch.statements = 0.0, 0
    began = time.perf_counter()
    do_it()
    return watch.seconds, time.perf_counter() - began


def several(name: str, watch: Watch, seconds: float, do_it: Callable[[], None]) -> None:
    """Once to warm up, then for some seconds: three times at least if that can be waited for, thirty at most."""
    measured(watch, do_it)
    began, times = time.perf_counter(), list[tuple[float, float]]()
    while not times or (
        len(times) < 30 and time.perf_counter() < began + seconds * (3 if len(times) < 3 else 1)
    ):
        times.append(measured(watch, do_it))
    print_row(name, watch, times)


def print_row(name: str, watch: Watch, times: list[tuple[float, float]]) -> None:
    shown = [
        f"{min(column) * 1000:8.1f} / {statistics.median(column) * 1000:8.1f} ms"
        for column in zip(*times, strict=True)
    ]
    print(f"  {name:<44}{watch.statements:>10}   {shown[0]}   {shown[1]}", flush=True)


if __name__ == "__main__":
    main()
