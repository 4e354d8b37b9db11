"""Resumable uploads."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("offset_bytes", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=True),
        sa.Column("described_as", sa.Text(), nullable=True),
        sa.Column("parts_id", sa.Text(), nullable=True),
        sa.Column("part_bytes", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("offset_bytes >= 0", name=op.f("ck_uploads_offset_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photos.id"], name="fk_uploads_photo_id_photos", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_uploads_owner_id_users"),
        sa.PrimaryKeyConstraint("photo_id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_owner_id", "uploads", ["owner_id"], unique=False)
    op.create_index("ix_uploads_expires_at", "uploads", ["expires_at"], unique=False)
    op.create_table(
        "upload_pieces",
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("first_byte", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["uploads.photo_id"], name="fk_upload_pieces_photo_id_uploads", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("photo_id", "first_byte", name="pk_upload_pieces"),
    )
    op.create_table(
        "photo_verifications",
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photos.id"], name="fk_photo_verifications_photo_id_photos", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("photo_id", name="pk_photo_verifications"),
    )


def downgrade() -> None:
    op.drop_table("photo_verifications")
    op.drop_table("upload_pieces")
    op.drop_table("uploads")
