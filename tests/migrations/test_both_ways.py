"""Migrations run both ways, on an empty database and on a full one, and lose only what they say they lose."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy.orm import Session

from service.kernel.db import make_engine
from service.kernel.migrate import alembic_config, downgrade, upgrade
from tests.migrations.samples import fill, tables
from tests.support.postgres import fresh_database

# What taking a revision back drops: whole tables, and columns as `table.column`. Everything else must stay.
DROPPED_BY = {
    "0030": {
        "chain_differences",
        "chain_moves",
        "chain_tallies",
        "late_differences",
        "late_tallies",
        "review_places",
    },
    "0029": {
        "project_light_limits",
        "project_months",
        "project_stage_changes",
        "project_year_plans",
        *(
            f"projects.{column}"
            for column in (
                "completed_on",
                "contract_kind",
                "contract_signed_on",
                "planned_completion_on",
                "planned_start_on",
                "stat_entered_on",
            )
        ),
    },
    "0028": {"issue_calls", "issue_clocks", "issue_events", "issue_routes", "issues"},
    "0027": {"checkin_explanations"},
    "0026": set(),
    "0025": {"boards.known_at", "programme_thresholds"},
    "0024": {"events", "reports.event_id"},
    "0023": {
        "checkin_assessments",
        "checkin_decisions",
        "checkins.review_reason",
        "checkins.review_state",
    },
    "0022": {"kept_submissions.raw_gone_at", "position_views", "privacy_reaches", "privacy_requests"},
    "0021": {
        "indicator_amounts",
        "indicators",
        "known_eras",
        "known_moments",
        "ledger_changes.written_by",
        "ledger_tallies.folded",
        "ledger_tallies.written_by",
        "ledger_tally_history",
    },
    "0020": {"trips"},
    "0019": {
        "inspected_visits",
        "inspections",
        "review_decisions.reason_code",
        "review_decisions.remarks",
        "review_policies",
        "visit_assessments",
        "visit_explanations",
    },
    "0018": {"board_appeals", "board_entries", "boards"},
    "0017": {"exports"},
    "0016": {"reports"},
    "0015": {"waiting_submissions", "withdrawals"},
    "0014": {
        f"{table}.{column}"
        for table in ("visits", "checkins")
        for column in (
            "capture_at",
            "capture_earliest",
            "capture_latest",
            "capture_skew_s",
            "capture_basis",
        )
    },
    "0013": {"heartbeats", "recall_answers", "recalls"},
    "0012": {"photo_verifications", "upload_pieces", "uploads"},
    "0011": {"sync_epochs", "sync_marks"},
    "0010": {"checkins"},
    "0009": {
        "city_ledger",
        "ledger_changes",
        "ledger_tallies",
        "review_decisions",
        "unit_ledger",
        "visit_credits",
        "visits",
    },
    "0008": {"kept_submissions", "record_revisions"},
    "0007": {"assignments", "projects", "sites", "stations"},
    "0006": {"programmes", "target_list_entries", "target_lists", "targets"},
    "0005": {
        "duplicate_suspicions",
        "enterprise_aliases",
        "enterprise_groups",
        "enterprise_imports",
        "enterprise_merges",
        "enterprises",
        "list_editions",
        "list_memberships",
    },
    "0004": {"photo_claims", "photos"},
    "0003": {
        "procrastinate_events",
        "procrastinate_jobs",
        "procrastinate_periodic_defers",
        "procrastinate_workers",
    },
    "0002": {"audit_entries", "audit_seals"},
    "0001": {
        "device_holders",
        "devices",
        "enrolment_pins",
        "postings",
        "sign_in_failures",
        "sign_ins",
        "units",
        "users",
    },
}

ADDED = {one for dropped in DROPPED_BY.values() for one in dropped if "." in one}

pytestmark = pytest.mark.slow
SCRIPTS = ScriptDirectory.from_config(alembic_config())


@pytest.fixture
def empty_url(postgres_url):
    with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture
def filled_url(empty_url):
    upgrade(empty_url)
    engine = make_engine(empty_url, pool_size=1)
    with Session(engine) as session:
        fill(session)
    engine.dispose()
    return empty_url


def read(url, question):
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return question(connection)


def contents(url):
    """Each table with its columns, and a hash of all its rows."""

    def ask(connection):
        names = sorted(set(sa.inspect(connection).get_table_names()) - {"alembic_version"})
        return {name: tuple(connection.execute(_digest(name)).one()) for name in names}

    return read(url, ask)


def _digest(name):
    """Columns that a later revision added to the table are compared by name alone (`columns`)."""
    added = sorted(one.partition(".")[2] for one in ADDED if one.startswith(f"{name}."))
    row = f"(to_jsonb(row) - '{{{','.join(added)}}}'::text[])::text" if added else "row::text"
    return sa.text(f"SELECT count(*), md5(string_agg({row}, '|' ORDER BY {row})) FROM \"{name}\" row")


def columns(url):
    """Every column as `table.column`."""

    def ask(connection):
        inspector = sa.inspect(connection)
        names = inspector.get_table_names()
        return {f"{name}.{column['name']}" for name in names for column in inspector.get_columns(name)}

    return read(url, ask)


def leftovers(url):
    """Whatever a schema may hold beside tables."""
    return read(
        url,
        lambda connection: (
            connection.execute(
                sa.text(
                    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                    " AND relname NOT LIKE 'alembic_version%'"
                    " UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
                    " UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace"
                    " AND typname NOT LIKE '%alembic_version'"
                )
            )
            .scalars()
            .all()
        ),
    )


def revisions():
    """Every revision, the newest first."""
    return [one.revision for one in SCRIPTS.walk_revisions()]


def test_it_goes_up_down_and_up_again_on_an_empty_database(empty_url):
    upgrade(empty_url)
    first = set(contents(empty_url))
    downgrade(empty_url, "base")
    assert leftovers(empty_url) == []
    upgrade(empty_url)
    assert set(contents(empty_url)) == first


def test_it_has_a_sample_in_every_table(filled_url):
    rows = {name: count for name, (count, _hash) in contents(filled_url).items()}
    assert [table.name for table in tables() if not rows[table.name]] == []


def test_it_says_what_each_way_back_drops():
    assert sorted(DROPPED_BY) == sorted(revisions())


def test_it_takes_a_full_database_back_step_by_step_and_loses_only_what_it_says(filled_url):
    held, known = contents(filled_url), columns(filled_url)
    for revision in revisions():
        downgrade(filled_url, _before(revision))
        left, remaining = contents(filled_url), columns(filled_url)
        assert set(held) - set(left) == DROPPED_BY[revision] - ADDED, revision
        gone = {one for one in known - remaining if one.partition(".")[0] in left}
        assert gone == DROPPED_BY[revision] & ADDED, revision
        assert left == {name: held[name] for name in left}, revision
        held, known = left, remaining
    assert leftovers(filled_url) == []


@pytest.mark.parametrize("older", ["0009", "0007", "0004", "0002"])
def test_it_brings_an_older_full_database_up_to_date_and_keeps_its_rows(filled_url, older):
    downgrade(filled_url, older)
    held = {
        name: facts for name, facts in contents(filled_url).items() if not name.startswith("procrastinate")
    }
    upgrade(filled_url)
    now = contents(filled_url)
    assert {name: now[name] for name in held} == held
    assert set(now) >= {table.name for table in tables()}


def test_it_migrates_once_when_two_servers_start_together(empty_url):
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(upgrade, [empty_url, empty_url]))
    assert read(empty_url, lambda c: c.execute(sa.text("SELECT version_num FROM alembic_version")).all()) == [
        (revisions()[0],)
    ]


def test_no_migration_waits_long_for_a_lock(empty_url):
    """A migration that queues behind a long reader makes everybody else queue behind itself."""
    engine = sa.create_engine(empty_url, poolclass=sa.NullPool)
    limits = []

    def look(connection, _cursor, statement, *_):
        if "INTO alembic_version" in statement or "UPDATE alembic_version" in statement:
            limits.append(connection.connection.driver_connection.execute("SHOW lock_timeout").fetchone()[0])

    with engine.connect() as connection:
        sa.event.listen(connection, "after_cursor_execute", look)
        config = alembic_config(empty_url)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    assert limits == ["5s"] * len(revisions())


def _before(revision):
    return SCRIPTS.get_revision(revision).down_revision or "base"
