"""Bodies that came before what they name, and withdrawals as they were sent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waiting_submissions",
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("parent_type", sa.String(length=40), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["kept_id"],
            ["kept_submissions.id"],
            name="fk_waiting_submissions_kept_id_kept_submissions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("kept_id", name="pk_waiting_submissions"),
    )
    op.create_index(
        "ix_waiting_submissions_parent_id_parent_type", "waiting_submissions", ["parent_id", "parent_type"]
    )
    op.create_index("ix_waiting_submissions_until_at", "waiting_submissions", ["until_at"])
    op.create_table(
        "withdrawals",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_withdrawals_author_id_users"),
        sa.PrimaryKeyConstraint("record_id", "sha256", name="pk_withdrawals"),
    )


def downgrade() -> None:
    op.drop_table("withdrawals")
    op.drop_table("waiting_submissions")
