"""Connections keep what they have prepared, whatever becomes of a transaction."""

import pytest
import sqlalchemy as sa

from service.kernel.db import make_engine
from service.kernel.together import Question, together

PREPARED = sa.text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%AS asked_again%'")
ASKED = Question(sa.text("SELECT 1 AS asked_again"), {})


@pytest.fixture
def sessions(database_url):
    engine = make_engine(database_url, pool_size=1)
    with sa.orm.Session(engine) as session:
        together(session, ASKED)
        session.rollback()  # the first one of a connection still costs it its plans
    yield sa.orm.sessionmaker(engine)
    engine.dispose()


def test_it_is_prepared_after_a_transaction_was_undone(sessions):
    with sessions() as session:
        together(session, ASKED)
        session.rollback()
        assert session.scalar(PREPARED) == 1


def test_it_is_prepared_after_a_statement_failed(sessions):
    with sessions() as session:
        together(session, ASKED)
        with pytest.raises(sa.exc.DBAPIError):
            together(session, Question(sa.text("SELECT 1 / 0"), {}))
        session.rollback()
        assert session.scalar(PREPARED) == 1
        assert together(session, ASKED)[0][0].asked_again == 1


def test_an_undone_transaction_leaves_nothing(sessions):
    with sessions() as session:
        session.execute(sa.text("CREATE TEMPORARY TABLE undone (id integer)"))
        session.rollback()
        assert session.scalar(sa.text("SELECT to_regclass('undone')")) is None
