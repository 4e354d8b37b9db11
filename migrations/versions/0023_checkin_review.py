"""Check-ins go through review too: their state, decisions and assessments; photos are listed by when they were taken."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_INDEXES = (
    (
        "ix_checkins_under_review",
        "checkins (received_at, id) WHERE review_state IN ('submitted', 'unit_approved') AND withdrawn_at IS NULL",
    ),
    ("ix_photos_taken_at", "photos (taken_at, id) WHERE received_at IS NOT NULL"),
)


def upgrade() -> None:
    # The default is the previous release's: it writes check-ins without a state, and none of them was reviewed.
    op.add_column(
        "checkins",
        sa.Column("review_state", sa.String(length=40), server_default="submitted", nullable=False),
    )
    op.add_column("checkins", sa.Column("review_reason", sa.Text(), nullable=True))
    _decisions()
    _assessments()
    with op.get_context().autocommit_block():
        for name, of in _INDEXES:
            # One that was broken off lies there invalid.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {of}")


def downgrade() -> None:
    op.drop_index("ix_photos_taken_at", table_name="photos")
    op.drop_index("ix_checkins_under_review", table_name="checkins")
    op.drop_table("checkin_assessments")
    op.drop_table("checkin_decisions")
    op.drop_column("checkins", "review_reason")
    op.drop_column("checkins", "review_state")


def _decisions() -> None:
    op.create_table(
        "checkin_decisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("checkin_id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=False),
        sa.Column("to_state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("remarks", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkin_id"], ["checkins.id"], name=op.f("fk_checkin_decisions_checkin_id_checkins")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_checkin_decisions_decided_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkin_decisions")),
    )
    op.create_index("ix_checkin_decisions_checkin_id", "checkin_decisions", ["checkin_id"])


def _assessments() -> None:
    op.create_table(
        "checkin_assessments",
        sa.Column("checkin_id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("doubts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkin_id"], ["checkins.id"], name=op.f("fk_checkin_assessments_checkin_id_checkins")
        ),
        sa.PrimaryKeyConstraint("checkin_id", name=op.f("pk_checkin_assessments")),
    )
