"""Boards, what is entered on them by hand, and appeals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "boards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("rules", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("results", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("posted_from", sa.Date(), nullable=True),
        sa.Column("posted_until", sa.Date(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restates_id", sa.Uuid(), nullable=True),
        sa.Column("correction", sa.Text(), nullable=True),
        sa.CheckConstraint("end_on > start_on", name=op.f("ck_boards_ends_after_it_starts")),
        sa.CheckConstraint("(state = 'draft') = (frozen_at IS NULL)", name=op.f("ck_boards_is_frozen_once")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_boards_programme_id_programmes")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_boards_made_by_users")),
        sa.ForeignKeyConstraint(["restates_id"], ["boards.id"], name=op.f("fk_boards_restates_id_boards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boards")),
    )
    op.create_index("ix_boards_series", "boards", ["series", "start_on", "id"])
    op.create_table(
        "board_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("target", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name=op.f("fk_board_entries_board_id_boards")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_board_entries_unit_id_units")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_board_entries_entered_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_entries")),
    )
    op.create_index("ix_board_entries_board_id_unit_id", "board_entries", ["board_id", "unit_id"])
    op.create_table(
        "board_appeals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("raised_by", sa.Uuid(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name=op.f("fk_board_appeals_board_id_boards")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_board_appeals_unit_id_units")),
        sa.ForeignKeyConstraint(["raised_by"], ["users.id"], name=op.f("fk_board_appeals_raised_by_users")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_board_appeals_decided_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_appeals")),
    )
    op.create_index("ix_board_appeals_board_id", "board_appeals", ["board_id"])


def downgrade() -> None:
    op.drop_table("board_appeals")
    op.drop_table("board_entries")
    op.drop_table("boards")
