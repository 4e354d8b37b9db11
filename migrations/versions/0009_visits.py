"""Visits, credits, ledgers and reviews."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("first_counted_on", sa.Date(), nullable=True),
        sa.Column("first_pending_on", sa.Date(), nullable=True),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_changes"),
    )
    op.create_index(
        "ix_ledger_changes_known", "ledger_changes", ["programme_id", "line", "known_at"], unique=False
    )
    op.create_table(
        "city_ledger",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("first_counted_on", sa.Date(), nullable=True),
        sa.Column("first_pending_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("programme_id", "line", "subject_id", name="pk_city_ledger"),
    )
    op.create_index(
        "ix_city_ledger_first",
        "city_ledger",
        ["programme_id", "line", "first_counted_on", "first_pending_on"],
        unique=False,
    )
    op.create_table(
        "unit_ledger",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("first_counted_on", sa.Date(), nullable=True),
        sa.Column("first_pending_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("programme_id", "line", "subject_id", "unit_id", name="pk_unit_ledger"),
    )
    op.create_index(
        "ix_unit_ledger_first",
        "unit_ledger",
        ["programme_id", "line", "unit_id", "first_counted_on", "first_pending_on"],
        unique=False,
    )
    op.create_table(
        "visits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("visitor_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("free_enterprise", postgresql.JSONB(), nullable=True),
        sa.Column("matched_by", sa.Uuid(), nullable=True),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("visited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "mode",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("location", postgresql.JSONB(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("led_by", postgresql.JSONB(), nullable=True),
        sa.Column("participants", postgresql.JSONB(), nullable=False),
        sa.Column("hosts", postgresql.JSONB(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column(
            "intention",
            sa.String(length=40),
            nullable=True,
        ),
        sa.Column("amount_wan", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("trip_id", sa.Uuid(), nullable=True),
        sa.Column("joint_unit_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("photo_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("flags", postgresql.JSONB(), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "review_state",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("review_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "ended_at IS NULL OR ended_at >= visited_at", name=op.f("ck_visits_ends_after_it_starts")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name="fk_visits_enterprise_id_enterprises"
        ),
        sa.ForeignKeyConstraint(["matched_by"], ["users.id"], name="fk_visits_matched_by_users"),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name="fk_visits_recorded_by_users"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_visits_unit_id_units"),
        sa.ForeignKeyConstraint(["visitor_id"], ["users.id"], name="fk_visits_visitor_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
        sa.UniqueConstraint("number", name="uq_visits_number"),
    )
    op.create_index("ix_visits_enterprise_id", "visits", ["enterprise_id", "visited_on"], unique=False)
    op.create_index("ix_visits_recorded_by", "visits", ["recorded_by"], unique=False)
    op.create_index(
        "ix_visits_under_review",
        "visits",
        ["received_at", "id"],
        unique=False,
        postgresql_where=sa.text("review_state IN ('submitted', 'unit_approved')"),
    )
    op.create_index("ix_visits_unit_id_visited_at", "visits", ["unit_id", "visited_at", "id"], unique=False)
    op.create_index(
        "ix_visits_unmatched",
        "visits",
        ["received_at", "id"],
        unique=False,
        postgresql_where=sa.text("enterprise_id IS NULL AND review_state NOT IN ('voided', 'withdrawn')"),
    )
    op.create_index("ix_visits_visited_at", "visits", ["visited_at", "id"], unique=False)
    op.create_index(
        "ix_visits_visitor_id_visited_at", "visits", ["visitor_id", "visited_at", "id"], unique=False
    )
    op.create_table(
        "review_decisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column(
            "decision",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column(
            "from_state",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column(
            "to_state",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name="fk_review_decisions_decided_by_users"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_review_decisions_visit_id_visits"),
        sa.PrimaryKeyConstraint("id", name="pk_review_decisions"),
    )
    op.create_index("ix_review_decisions_visit_id", "review_decisions", ["visit_id"], unique=False)
    op.create_table(
        "visit_credits",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id", "programme_id", "line", "unit_id", name="pk_visit_credits"),
    )
    op.create_index(
        "ix_visit_credits_day",
        "visit_credits",
        ["programme_id", "line", "visited_on", "status", "visit_id"],
        unique=False,
    )
    op.create_index(
        "ix_visit_credits_key",
        "visit_credits",
        ["programme_id", "line", "subject_id", "unit_id", "status", "visited_on", "visit_id", "own"],
        unique=False,
    )
    op.create_index("ix_visit_credits_enterprise_id", "visit_credits", ["enterprise_id"], unique=False)
    op.create_table(
        "ledger_tallies",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("monthly", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("visits_pending", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_tallies"),
    )
    op.create_index(
        "ix_ledger_tallies_city",
        "ledger_tallies",
        ["programme_id", "line", "day"],
        unique=False,
        postgresql_include=["counted", "pending", "visits", "visits_pending"],
        postgresql_where=sa.text("unit_id IS NULL"),
    )
    op.create_index(
        "ix_ledger_tallies_unit",
        "ledger_tallies",
        ["programme_id", "unit_id", "line", "day"],
        unique=False,
        postgresql_include=["counted", "pending", "visits", "visits_pending"],
        postgresql_where=sa.text("unit_id IS NOT NULL AND NOT monthly"),
    )
    op.create_index(
        "ix_ledger_tallies_units",
        "ledger_tallies",
        ["programme_id", "line", "monthly", "day", "unit_id"],
        unique=False,
        postgresql_include=["counted", "pending", "visits", "visits_pending"],
        postgresql_where=sa.text("unit_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("ledger_tallies")
    op.drop_table("visit_credits")
    op.drop_table("review_decisions")
    op.drop_table("visits")
    op.drop_table("unit_ledger")
    op.drop_table("city_ledger")
    op.drop_table("ledger_changes")
