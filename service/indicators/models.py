"""Tables of indicators that are entered by hand, and of the amounts that are to be reached."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.calendar import PeriodKind
from service.kernel.db import Base


class AmountLevel(StrEnum):
    """三套目标, and what was reached where nobody can count it from records."""

    BASELINE = "baseline"
    WORKING = "working"
    STRIVING = "striving"
    ACTUAL = "actual"


TARGETS = (AmountLevel.BASELINE, AmountLevel.WORKING, AmountLevel.STRIVING)


class Indicator(Base):
    """An indicator that is entered by hand, such as 到位资金; what is counted from records needs no row."""

    __tablename__ = "indicators"

    code: Mapped[str] = mapped_column(primary_key=True)
    zh: Mapped[str]
    en: Mapped[str]
    counted_in: Mapped[str]
    """Its unit of count, such as 亿元."""
    created_at: Mapped[datetime]


class IndicatorAmount(Base):
    """What a unit (null: the city) is to reach in a period, or has reached."""

    __tablename__ = "indicator_amounts"
    __table_args__ = (
        sa.CheckConstraint("amount >= 0 OR level = 'actual'", name="is_not_negative"),
        sa.UniqueConstraint(
            "indicator",
            "period",
            "start_on",
            "unit_id",
            "level",
            name="uq_indicator_amounts_place",
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    indicator: Mapped[str]
    """The code of a measure, or of an indicator that is entered by hand."""
    unit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("units.id"), default=None)
    period: Mapped[PeriodKind]
    start_on: Mapped[date]
    level: Mapped[AmountLevel]
    amount: Mapped[Decimal] = mapped_column(sa.Numeric(20, 4))
    set_at: Mapped[datetime]
