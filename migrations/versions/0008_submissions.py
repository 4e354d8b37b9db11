"""Accepted revisions and kept submissions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SEQUENCE record_numbers")
    op.create_table(
        "kept_submissions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "record_type",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column(
            "because",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("faults", postgresql.JSONB(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("base_rev", sa.Integer(), nullable=True),
        sa.Column("server_rev", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column(
            "settlement",
            sa.String(length=40),
            nullable=True,
        ),
        sa.Column("settlement_note", sa.Text(), nullable=True),
        sa.Column("became_record_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_kept_submissions_author_id_users"),
        sa.ForeignKeyConstraint(["settled_by"], ["users.id"], name="fk_kept_submissions_settled_by_users"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_kept_submissions_unit_id_units"),
        sa.PrimaryKeyConstraint("id", name="pk_kept_submissions"),
        sa.UniqueConstraint(
            "author_id",
            "record_type",
            "record_id",
            "sha256",
            "because",
            name="uq_kept_submissions_body",
        ),
    )
    op.create_index(
        "ix_kept_submissions_open",
        "kept_submissions",
        ["received_at", "id"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_index("ix_kept_submissions_record_id", "kept_submissions", ["record_id"], unique=False)
    op.create_index("ix_kept_submissions_unit_id", "kept_submissions", ["unit_id"], unique=False)
    op.create_table(
        "record_revisions",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column(
            "record_type",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_record_revisions_author_id_users"),
        sa.PrimaryKeyConstraint("record_id", "rev", name="pk_record_revisions"),
    )
    op.create_index(
        "ix_record_revisions_record_id_sha256", "record_revisions", ["record_id", "sha256"], unique=False
    )


def downgrade() -> None:
    op.drop_table("record_revisions")
    op.drop_table("kept_submissions")
    op.execute("DROP SEQUENCE record_numbers")
