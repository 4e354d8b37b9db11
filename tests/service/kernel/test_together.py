"""Statements that travel together are statements of their own, in their order, with their errors."""

from decimal import Decimal
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from service.kernel.together import Question, together

MAKE = sa.text("CREATE TEMPORARY TABLE parcels (id uuid PRIMARY KEY, facts jsonb) ON COMMIT DROP")
PUT = sa.text("INSERT INTO parcels VALUES (:id, :facts)").bindparams(
    sa.bindparam("id", type_=sa.Uuid()), sa.bindparam("facts", type_=JSONB())
)
ALL = sa.text("SELECT id, facts FROM parcels")
HALF = sa.select(sa.literal(1) / sa.bindparam("parts", type_=sa.Numeric()))


def test_it_answers_each_question_and_later_ones_see_what_earlier_ones_wrote(session):
    session.execute(MAKE)
    one = uuid4()
    written, rows = together(session, Question(PUT, {"id": one, "facts": {"a": [1]}}), Question(ALL, {}))
    assert list(written) == []
    assert [(row.id, row.facts) for row in rows] == [(one, {"a": [1]})]


def test_it_carries_more_than_a_socket_takes_at_once(session):
    session.execute(MAKE)
    long = {"text": "长" * 1_000_000}
    questions = [Question(PUT, {"id": uuid4(), "facts": long}) for _ in range(4)]
    *_, rows = together(session, *questions, Question(ALL, {}))
    assert [row.facts for row in rows] == [long] * 4


def test_it_raises_the_first_error_as_sqlalchemy_would_and_the_savepoint_undoes_it(session):
    session.execute(MAKE)
    one = uuid4()
    twice = Question(PUT, {"id": one, "facts": None})
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        together(session, twice, twice, Question(HALF, {"parts": Decimal(0)}))
    (rows,) = together(session, Question(ALL, {}))
    assert list(rows) == []


def test_it_never_says_what_was_bound(session):
    with pytest.raises(sa.exc.DataError) as error:
        together(session, Question(HALF, {"parts": Decimal(0)}))
    assert "parameters" not in str(error.value)
