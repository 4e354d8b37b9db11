"""Likeness of photos, review policies, assessments, explanations, inspections."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_QUARTERS = (
    "difference_hash & 65535",
    "(difference_hash >> 16) & 65535",
    "(difference_hash >> 32) & 65535",
    "(difference_hash >> 48) & 65535",
)
_TELLING = "bit_count(difference_hash::bit(64)) BETWEEN 8 AND 56"


def upgrade() -> None:
    op.add_column("review_decisions", sa.Column("reason_code", sa.Text(), nullable=True))
    op.add_column("review_decisions", sa.Column("remarks", postgresql.ARRAY(sa.Text()), nullable=True))
    _review_tables()
    _inspection_tables()
    with op.get_context().autocommit_block():
        for number, quarter in enumerate(_QUARTERS):
            # One that was broken off lies there invalid.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS ix_photos_likeness_{number}")
            op.execute(
                f"CREATE INDEX CONCURRENTLY ix_photos_likeness_{number} ON photos (({quarter})) WHERE {_TELLING}"
            )


def downgrade() -> None:
    for number, _ in enumerate(_QUARTERS):
        op.drop_index(f"ix_photos_likeness_{number}", table_name="photos")
    for table in (
        "inspected_visits",
        "inspections",
        "visit_explanations",
        "visit_assessments",
        "review_policies",
    ):
        op.drop_table(table)
    op.drop_column("review_decisions", "remarks")
    op.drop_column("review_decisions", "reason_code")


def _review_tables() -> None:
    op.create_table(
        "review_policies",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("wait_hours", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_review_policies_percent_is_a_share")),
        sa.CheckConstraint("wait_hours >= 0", name=op.f("ck_review_policies_wait_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_review_policies_programme_id_programmes")
        ),
        sa.ForeignKeyConstraint(["set_by"], ["users.id"], name=op.f("fk_review_policies_set_by_users")),
        sa.PrimaryKeyConstraint("programme_id", name=op.f("pk_review_policies")),
    )
    op.create_table(
        "visit_assessments",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("doubts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visit_assessments_visit_id_visits")
        ),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visit_assessments")),
    )
    op.create_table(
        "visit_explanations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visit_explanations_visit_id_visits")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_visit_explanations_author_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_explanations")),
    )
    op.create_index("ix_visit_explanations_visit_id", "visit_explanations", ["visit_id"])


def _inspection_tables() -> None:
    op.create_table(
        "inspections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("random_count", sa.Integer(), nullable=False),
        sa.Column("weighted_count", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("drawn_by", sa.Uuid(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["drawn_by"], ["users.id"], name=op.f("fk_inspections_drawn_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections")),
    )
    op.create_table(
        "inspected_visits",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("drawn_as", sa.String(length=40), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("inspected_by", sa.Uuid(), nullable=True),
        sa.Column("inspected_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_inspected_visits_inspection_id_inspections")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_inspected_visits_visit_id_visits")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_inspected_visits_unit_id_units")),
        sa.ForeignKeyConstraint(
            ["inspected_by"], ["users.id"], name=op.f("fk_inspected_visits_inspected_by_users")
        ),
        sa.PrimaryKeyConstraint("inspection_id", "visit_id", name=op.f("pk_inspected_visits")),
    )
