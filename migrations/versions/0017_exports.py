"""Exports: asked for, written by a job, fetched, forgotten."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("what", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("labels", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows_expected", sa.Integer(), nullable=True),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("files", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("failed_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_exports_asked_by_users")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_exports_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index("ix_exports_asked_by", "exports", ["asked_by"])
    op.create_index("ix_exports_asked_at", "exports", ["asked_at", "id"])
    op.create_index(
        "ix_exports_expires_at", "exports", ["expires_at"], postgresql_where=sa.text("state = 'succeeded'")
    )


def downgrade() -> None:
    op.drop_table("exports")
