"""A row by its plan is the row that marshmallow shows."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import marshmallow as ma
import pytest

from hq_api.schemas.progress import CoverageOut, UnitProgressOut, WeekOut
from service.accounts.models import UnitKind
from service.programmes.models import Line
from service.programmes.queries import Levels
from service.progress.views import CoverageRow, UnitProgress, UnitShown, WeekProgress

UNIT = UnitShown(uuid4(), "东昌府区", UnitKind.COUNTY)
WEEK = WeekProgress(
    start_on=date(2026, 3, 2),
    end_on=date(2026, 3, 9),
    line=Line.THOUSAND,
    first_counted=3,
    visits=5,
    pending=0,
    complete=True,
    late=2,
    latest_at=datetime(2026, 3, 10, 1, 2, 3, 4, tzinfo=UTC),
    records_url="/a?b=1",
    pending_url="/b",
    visits_url="/c",
    late_url="/d",
)
OF_UNIT = UnitProgress(
    unit=UNIT,
    group="甲组",
    line=Line.HUNDRED,
    targets=Levels(1, None, 3),
    counted=7,
    pending=1,
    visits=9,
    rate="0.3333",
    gap="-12.50",
    rank=2,
    records_url="/a",
    pending_url="/b",
    visits_url="/c",
)
COVERED = CoverageRow(
    unit=UNIT,
    chain="绿色化工",
    label={"zh": "东昌府区 · 绿色化工", "en": "东昌府区 · 绿色化工"},
    listed=4,
    listed_counted=1,
    coverage="0.2500",
    counted=1,
    pending=0,
    records_url="/a",
    pending_url="/b",
)
ROWS = [
    (WeekOut, WEEK),
    (WeekOut, replace(WEEK, late=None, latest_at=None, known_at=WEEK.latest_at)),
    (UnitProgressOut, OF_UNIT),
    (UnitProgressOut, replace(OF_UNIT, group=None, targets=Levels(), rate=None, gap=None, rank=None)),
    (CoverageOut, COVERED),
    (CoverageOut, replace(COVERED, unit=None, chain=None, coverage=None)),
]


@pytest.mark.parametrize(("schema", "row"), ROWS)
def test_it_shows_a_row_as_marshmallow_does(schema, row):
    made = schema()
    assert made.dump(row) == ma.Schema.dump(made, row)
    assert list(made.dump(row)) == list(ma.Schema.dump(made, row))
    assert made.dump([row, row], many=True) == [made.dump(row)] * 2
