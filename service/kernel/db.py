"""Tables are typed dataclasses on PostgreSQL; an engine is made once a process."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, dataclass_transform
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass, Session, mapped_column, sessionmaker

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def _values(enum: type[StrEnum]) -> list[str]:
    return [member.value for member in enum]


@dataclass_transform(kw_only_default=True, field_specifiers=(mapped_column,))
class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """Parent of every table; enums are stored as their values in plain text columns."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 SQLAlchemy reads this class attribute as it stands
        datetime: sa.DateTime(timezone=True),
        str: sa.Text(),
        UUID: sa.Uuid(),
        Decimal: sa.Numeric(16, 4),
        float: sa.Double(),
        bytes: sa.LargeBinary(),
        dict[str, Any]: JSONB(none_as_null=True),
        list[dict[str, Any]]: JSONB(none_as_null=True),
        list[str]: ARRAY(sa.Text()),
        list[UUID]: ARRAY(sa.Uuid()),
        StrEnum: sa.Enum(
            StrEnum, native_enum=False, create_constraint=False, length=40, values_callable=_values
        ),
    }


class _Connection(psycopg.Connection[Any]):
    """Keeps its prepared statements when a transaction is undone.

    psycopg's own `rollback` drops them all, and every refusal ends in one: whatever comes next on that connection is
    read and planned anew, which for a visit costs the database several times its work. Plans outlive a rollback in
    PostgreSQL, which itself plans anew when a table has changed.
    """

    def rollback(self) -> None:
        """Undo what the transaction has done; nothing where there is none."""
        if self.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
            self.execute("ROLLBACK", prepare=False)


def _connect(_dialect: sa.Dialect, _record: object, words: list[Any], named: dict[str, Any]) -> Any:
    return _Connection.connect(*words, **named)


def make_engine(url: str, *, pool_size: int = 10) -> sa.Engine:
    """An engine with guards against hanging writers; error texts never carry bound values.

    Call it after a worker has forked: connections cannot be shared between processes.
    """
    options = "-c timezone=UTC -c idle_in_transaction_session_timeout=30s -c lock_timeout=10s -c statement_timeout=60s"
    engine = sa.create_engine(
        normal_url(url),
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_use_lifo=True,  # few connections with their plans at hand rather than all in turn without
        pool_timeout=10,
        pool_recycle=1800,
        connect_args={
            "options": options,
            "connect_timeout": 5,
            # A network that swallows packets is found out in half a minute; a socket on this machine ignores these.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
        },
    )
    sa.event.listen(engine, "do_connect", _connect)
    return engine


def is_lost(error: BaseException) -> bool:
    """Whether the connection is gone: ended by the database, cut on the way, or never made."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if not isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError)):
        return False
    return cause.sqlstate is None or cause.sqlstate.startswith("57P")


def normal_url(url: str) -> str:
    """The address with the driver named, whichever of the usual spellings was given."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def make_sessions(engine: sa.Engine | sa.Connection) -> sessionmaker[Session]:
    """Sessions whose objects stay readable after commit."""
    return sessionmaker(engine, expire_on_commit=False)


def among(ids: Collection[UUID]) -> sa.ColumnElement[Any]:
    """What a column equals when it is one of these ids; they travel as one text: 500 parameters cost more than the answer."""
    text = "{" + ",".join(map(str, ids)) + "}"
    return sa.any_(sa.cast(sa.literal(text), ARRAY(sa.Uuid())))
