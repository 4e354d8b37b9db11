"""Who looked at what, and what is forgotten when."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# By age, and nearly free for those who write: rows come in the order of these times, so a BRIN index is a few pages.
INDEXES = {
    "ix_record_revisions_received_at": "record_revisions USING brin (received_at)",
    "ix_photos_shaped_at": "photos USING brin ((coalesce(developed_at, expected_at)))",
    "ix_kept_submissions_settled_at": (
        "kept_submissions (settled_at, id) WHERE settled_at IS NOT NULL AND raw_gone_at IS NULL"
    ),
}


def upgrade() -> None:
    op.add_column("kept_submissions", sa.Column("raw_gone_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "position_views",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("viewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("viewer_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("door", sa.String(length=40), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position_views")),
    )
    op.create_index("ix_position_views_person_id", "position_views", ["person_id", "id"])
    op.create_index("ix_position_views_viewer_id", "position_views", ["viewer_id", "id"])
    op.create_table(
        "privacy_reaches",
        sa.Column("walk", sa.Text(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reached_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("walk", name=op.f("pk_privacy_reaches")),
    )
    _create_requests()
    with op.get_context().autocommit_block():
        for name, what in INDEXES.items():
            # One that was broken off half way lies there, unusable.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {what}")


def _create_requests() -> None:
    op.create_table(
        "privacy_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("record_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("searched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_because", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.CheckConstraint(
            "phone IS NOT NULL OR user_id IS NOT NULL OR cardinality(record_ids) > 0",
            name=op.f("ck_privacy_requests_says_where_to_look"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_privacy_requests_user_id_users")),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_privacy_requests_asked_by_users")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_privacy_requests_decided_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_requests")),
    )
    op.create_index("ix_privacy_requests_asked_at", "privacy_requests", ["asked_at", "id"])


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.drop_table("privacy_requests")
    op.drop_table("privacy_reaches")
    op.drop_table("position_views")
    op.drop_column("kept_submissions", "raw_gone_at")
