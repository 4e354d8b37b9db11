import pytest
import sqlalchemy as sa

from service.cli.installation import opened
from service.kernel import migrate


@pytest.fixture(autouse=True)
def _own_database(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(migrate, "upgrade", lambda url: None)


def number(settings):
    engine = sa.create_engine(settings.database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return connection.execute(sa.text("SELECT pg_postmaster_start_time()::text")).scalar_one()


def test_it_starts_the_database_for_as_long_as_it_is_needed(tmp_path):
    with opened(tmp_path / "var") as settings:
        assert number(settings)
    assert not (tmp_path / "var" / "pg" / "postmaster.pid").exists()


def test_it_shares_the_database_of_a_server_beside_it(tmp_path):
    with opened(tmp_path / "var") as server, opened(tmp_path / "var") as command:
        assert number(command) == number(server)


def test_it_uses_a_database_that_was_given(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/else")
    with opened(tmp_path / "var") as settings:
        assert settings.database_url == "postgresql://somewhere/else"
    assert not (tmp_path / "var" / "pg").exists()
