"""Photos and their claims."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photo_claims",
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamp", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["claimed_by"], ["users.id"], name="fk_photo_claims_claimed_by_users"),
        sa.PrimaryKeyConstraint("photo_id", "record_id", name="pk_photo_claims"),
    )
    op.create_index("ix_photo_claims_record_id", "photo_claims", ["record_id"], unique=False)
    op.create_table(
        "photos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column(
            "state",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("md5", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column(
            "source",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("location", postgresql.JSONB(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("developed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejected_because", sa.Text(), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=True),
        sa.Column("difference_hash", sa.BigInteger(), nullable=True),
        sa.Column("renditions", postgresql.JSONB(), nullable=True),
        sa.Column("stamp", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_photos_owner_id_users"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_photos_unit_id_units"),
        sa.PrimaryKeyConstraint("id", name="pk_photos"),
    )
    op.create_index("ix_photos_owner_id_sha256", "photos", ["owner_id", "sha256"], unique=False)
    op.create_index("ix_photos_sha256", "photos", ["sha256"], unique=False)
    op.create_index("ix_photos_unit_id", "photos", ["unit_id"], unique=False)


def downgrade() -> None:
    op.drop_table("photos")
    op.drop_table("photo_claims")
