"""Check-ins."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checkins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("location", postgresql.JSONB(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("inside", sa.Boolean(), nullable=True),
        sa.Column("clock_skew_s", sa.Double(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("progress_percent", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("progress_text", sa.Text(), nullable=True),
        sa.Column("photo_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("flags", postgresql.JSONB(), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_checkins_site_id_sites"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_checkins_unit_id_units"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_checkins_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_checkins"),
        sa.UniqueConstraint("number", name="uq_checkins_number"),
    )
    op.create_index("ix_checkins_site_id_at", "checkins", ["site_id", "at", "id"], unique=False)
    op.create_index("ix_checkins_unit_id_at", "checkins", ["unit_id", "at", "id"], unique=False)
    op.create_index("ix_checkins_user_id_at", "checkins", ["user_id", "at", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("checkins")
