"""The job queue's own schema, as procrastinate 3.10 has it; docs/adr/0008-job-queue-schema.md says why it is a copy."""

from importlib import resources

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_DROP = """
DO $$
DECLARE
    thing record;
BEGIN
    DROP TABLE procrastinate_periodic_defers, procrastinate_events, procrastinate_jobs, procrastinate_workers CASCADE;
    FOR thing IN
        SELECT oid::regprocedure AS signature FROM pg_proc
        WHERE proname LIKE 'procrastinate\\_%' AND pronamespace = current_schema()::regnamespace
    LOOP
        EXECUTE 'DROP FUNCTION ' || thing.signature;
    END LOOP;
    DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_status, procrastinate_job_event_type;
END;
$$
"""


def upgrade() -> None:
    schema = resources.files("migrations") / "queue" / "procrastinate-3.10.sql"
    _run(schema.read_text(encoding="utf-8"))


def downgrade() -> None:
    _run(_DROP)


def _run(statements: str) -> None:
    # On the driver's cursor, without parameters: many statements at once, and a percent sign is one.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(statements)
