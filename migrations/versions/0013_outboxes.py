"""What phones still hold, and what they were asked to send again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_photos_awaited": "photos (owner_id, expected_at) WHERE received_at IS NULL",
    "ix_photo_claims_claimed_at": "photo_claims (claimed_at)",
    # Sunday 24:00 in Shanghai of the week the visit belongs to; every function here is immutable.
    "ix_visits_late": (
        "visits (visited_on, unit_id, received_at)"
        " WHERE received_at >= timezone('Asia/Shanghai', date_trunc('week', visited_on::timestamp) + interval '7 days')"
        " AND review_state NOT IN ('voided', 'withdrawn')"
    ),
}

_MARKS = {
    "recalls": "SELECT 'recall', r.id, r.user_id FROM come r",
    "recall_answers": (
        "SELECT DISTINCT 'recall', asked.id, asked.user_id FROM come r JOIN recalls asked ON asked.id = r.recall_id"
    ),
}


def upgrade() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pending_records", sa.Integer(), nullable=False),
        sa.Column("pending_photos", sa.Integer(), nullable=False),
        sa.Column("oldest_pending_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pending_since_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("app_version", sa.Text(), nullable=True),
        sa.Column("platform", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("background_restricted", sa.Boolean(), nullable=True),
        sa.Column("battery_restricted", sa.Boolean(), nullable=True),
        sa.Column("free_disk_bytes", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_heartbeats_user_id_users"),
        sa.PrimaryKeyConstraint("user_id", "device_id", name="pk_heartbeats"),
    )
    op.create_table(
        "recalls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("record_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("photo_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("intact_photo_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_recalls_user_id_users"),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name="fk_recalls_asked_by_users"),
        sa.ForeignKeyConstraint(["cancelled_by"], ["users.id"], name="fk_recalls_cancelled_by_users"),
        sa.PrimaryKeyConstraint("id", name="pk_recalls"),
    )
    op.create_index("ix_recalls_user_id", "recalls", ["user_id"])
    op.create_table(
        "recall_answers",
        sa.Column("recall_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("missing_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.ForeignKeyConstraint(["recall_id"], ["recalls.id"], name="fk_recall_answers_recall_id_recalls"),
        sa.PrimaryKeyConstraint("recall_id", "device_id", name="pk_recall_answers"),
    )
    for table, marks in _MARKS.items():
        _listen(table, marks)
    with op.get_context().autocommit_block():
        for name, what in _INDEXES.items():
            # One that was broken off is there and not valid: it is made anew.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {what}")


def _listen(table: str, marks: str) -> None:
    """Whoever the rows are for is to look at their recalls again (0011)."""
    op.execute(
        sa.text(
            f"CREATE FUNCTION sync_mark_{table}() RETURNS trigger LANGUAGE plpgsql AS $body$\n"
            f"BEGIN\nINSERT INTO sync_marks (type, subject, audience) {marks};\nRETURN NULL;\nEND\n$body$"
        )
    )
    for operation in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER sync_mark_{operation.lower()} AFTER {operation} ON {table}"
            f" REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION sync_mark_{table}()"
        )


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name)
    op.drop_table("recall_answers")
    op.drop_table("recalls")
    op.drop_table("heartbeats")
    for table in _MARKS:
        op.execute(f"DROP FUNCTION sync_mark_{table}()")
