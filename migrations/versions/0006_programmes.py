"""Programmes, targets and target lists."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "programmes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column(
            "counting_policy",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column(
            "thousand_scope",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("hundred_within_thousand", sa.Boolean(), nullable=False),
        sa.Column(
            "elapsed_by",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("counted_modes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("top500_lists", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_programmes_ends_after_it_starts")),
        sa.PrimaryKeyConstraint("id", name="pk_programmes"),
    )
    op.create_table(
        "target_lists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_target_lists_programme_id_programmes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_target_lists"),
        sa.UniqueConstraint("programme_id", "name", name="uq_target_lists_programme_id_name"),
    )
    op.create_table(
        "targets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column(
            "level",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("subjects", sa.Integer(), nullable=False),
        sa.CheckConstraint("subjects >= 0", name=op.f("ck_targets_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_targets_programme_id_programmes"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_targets_unit_id_units"),
        sa.PrimaryKeyConstraint("id", name="pk_targets"),
        sa.UniqueConstraint(
            "programme_id",
            "line",
            "unit_id",
            "level",
            name="uq_targets_programme_id_line_unit_id_level",
        ),
    )
    op.create_index(
        "uq_targets_city",
        "targets",
        ["programme_id", "line", "level"],
        unique=True,
        postgresql_where=sa.text("unit_id IS NULL"),
    )
    op.create_table(
        "target_list_entries",
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
            name="fk_target_list_entries_enterprise_id_enterprises",
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["target_lists.id"], name="fk_target_list_entries_list_id_target_lists"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_target_list_entries_unit_id_units"),
        sa.PrimaryKeyConstraint("list_id", "enterprise_id", name="pk_target_list_entries"),
    )
    op.create_index(
        "ix_target_list_entries_enterprise_id", "target_list_entries", ["enterprise_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("target_list_entries")
    op.drop_table("targets")
    op.drop_table("target_lists")
    op.drop_table("programmes")
