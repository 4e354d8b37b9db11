"""Models and migrations tell the same story, both ways."""

import importlib
import re
from hashlib import sha256
from importlib import resources

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from procrastinate.schema import SchemaManager

from service.kernel.db import Base
from service.kernel.migrate import alembic_config, downgrade, upgrade
from tests.house.walls import ROOT
from tests.support.postgres import fresh_database

ROOMS = tuple(path.parent.name for path in sorted((ROOT / "service").glob("*/models.py")))


@pytest.fixture
def empty_url(postgres_url):
    with fresh_database(postgres_url) as url:
        yield url


def test_models_and_migrations_agree(engine):
    for room in ROOMS:
        importlib.import_module(f"service.{room}.models")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _ours, "compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_check_constraints_agree(engine):
    """Alembic compares no checks, so this does: every check of a model is in the database, by name."""
    with engine.connect() as connection:
        there = set(connection.scalars(sa.text("SELECT conname FROM pg_constraint WHERE contype = 'c'")))
    named = {
        constraint.name
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, sa.CheckConstraint) and constraint.name is not None
    }
    assert named <= there


def test_every_room_with_tables_takes_part():
    environment = (ROOT / "migrations" / "env.py").read_text(encoding="utf-8")
    assert [room for room in ROOMS if f'"{room}"' not in environment] == []


def test_they_go_up_and_down_and_up_again_and_leave_nothing_behind(empty_url):
    upgrade(empty_url)
    first = _everything(empty_url)
    downgrade(empty_url, "base")
    assert _everything(empty_url) == {("r", "alembic_version")}
    upgrade(empty_url)
    assert _everything(empty_url) == first


def test_each_one_can_be_taken_back_by_itself(empty_url):
    upgrade(empty_url)
    revisions = [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()]
    for revision, below in zip(revisions, [*revisions[1:], "base"], strict=True):
        downgrade(empty_url, below)
        upgrade(empty_url, revision)
        downgrade(empty_url, below)


def test_there_is_one_line_of_numbered_migrations():
    scripts = list(ScriptDirectory.from_config(alembic_config()).walk_revisions())
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1
    for script in scripts:
        assert re.fullmatch(r"\d{4}", script.revision)
        assert script.path.rsplit("/", 1)[1].startswith(script.revision + "_")


def test_the_job_queue_has_the_schema_its_library_expects():
    """A newer procrastinate brings changes of its schema: write them as a new migration, then update this copy's name."""
    copy = (resources.files("migrations") / "queue" / "procrastinate-3.10.sql").read_text(encoding="utf-8")
    assert _digest(copy) == _digest(SchemaManager.get_schema())


def _digest(text):
    return sha256(text.encode()).hexdigest()


def _everything(url):
    """Every table, index, sequence, function, type and trigger of the schema, by kind and name."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    here = "(SELECT oid FROM pg_namespace WHERE nspname = 'public')"
    with engine.connect() as connection:
        found = {
            tuple(row)
            for statement in (
                f"SELECT relkind::text, relname FROM pg_class WHERE relnamespace = {here} AND relname <> 'alembic_version_pkc'",
                f"SELECT 'function', proname FROM pg_proc WHERE pronamespace = {here}",
                f"SELECT 'enum', typname FROM pg_type WHERE typnamespace = {here} AND typtype = 'e'",
                "SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal",
            )
            for row in connection.execute(sa.text(statement))
        }
    engine.dispose()
    return found


def _ours(thing, name, kind, reflected, compare_to):
    return not (kind == "table" and (name or "").startswith("procrastinate_"))
