"""Statements of one transaction travel together: sent at once, run one after the other, answered at once.

::

    session.execute ×4     ─▶ ◀─ ─▶ ◀─ ─▶ ◀─ ─▶ ◀─
    together(…4…)          ─▶─▶─▶─▶ ◀─◀─◀─◀─

Each is still a statement of its own: it sees what those before it wrote and, after a lock, what others have
committed meanwhile (READ COMMITTED). It fits where no statement needs an answer of another of them.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import psycopg
import sqlalchemy as sa
from psycopg.rows import namedtuple_row
from sqlalchemy import exc
from sqlalchemy.orm import Session


class Question(NamedTuple):
    """A statement that is built once and kept, and the values it is asked with.

    Its text may not depend on the values: `= ANY (…)` rather than `IN (…)`.
    """

    statement: sa.Executable
    values: Mapping[str, Any]


class _Text(NamedTuple):
    sql: str
    fixed: Mapping[str, Any]
    """Every bound value that the statement carries itself."""
    processors: Mapping[str, Callable[[Any], Any]]


def together(session: Session, *questions: Question) -> list[Sequence[Any]]:
    """The rows of each question, in one round trip; one that returns none has an empty answer.

    Raises:
        sqlalchemy.exc.DBAPIError: the first that failed; those after it have not run.
    """
    session.flush()
    connection = session.connection()
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment] # psycopg is the only one
    bound = [_bound(question, connection.dialect) for question in questions]  # a fault here sends nothing
    for sql, values in bound:  # whoever counts statements counts these
        connection.dispatch.before_cursor_execute(connection, None, sql, values, None, False)
    try:
        with driver.pipeline():
            # What is built once is asked again: prepared at its first use, it is planned fewer times.
            cursors = [
                driver.cursor(row_factory=namedtuple_row).execute(*asked, prepare=True) for asked in bound
            ]
        return [cursor.fetchall() if _has_rows(cursor) else () for cursor in cursors]
    except psycopg.Error as error:
        raise exc.DBAPIError.instance(
            None, None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from error


def _has_rows(cursor: psycopg.Cursor[Any]) -> bool:
    # `cursor.description` says it as well, by describing every column.
    return cursor.pgresult is not None and cursor.pgresult.nfields > 0


def _bound(question: Question, dialect: sa.Dialect) -> tuple[str, dict[str, Any]]:
    text = _text(question.statement, dialect)
    bound = {**text.fixed, **question.values}
    for name, process in text.processors.items():
        bound[name] = process(bound[name])
    return text.sql, bound


@lru_cache(maxsize=256)
def _text(statement: sa.Executable, dialect: sa.Dialect) -> _Text:
    compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined] # whatever is executed compiles
    fixed: dict[str, Any] = {}
    processors: dict[str, Callable[[Any], Any]] = {}
    for name, parameter in compiled.binds.items():
        process = parameter.type.dialect_impl(dialect).bind_processor(dialect)
        if not parameter.required:
            fixed[name] = process(parameter.value) if process else parameter.value
        elif process is not None:
            processors[name] = process
    return _Text(compiled.string, fixed, processors)
