"""Authors of check-ins may say why something looks odd, as those of visits may."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checkin_explanations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("checkin_id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkin_id"], ["checkins.id"], name=op.f("fk_checkin_explanations_checkin_id_checkins")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_checkin_explanations_author_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkin_explanations")),
    )
    op.create_index("ix_checkin_explanations_checkin_id", "checkin_explanations", ["checkin_id"])


def downgrade() -> None:
    op.drop_table("checkin_explanations")
