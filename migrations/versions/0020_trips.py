"""Trips: outings, receptions, online meetings and events, and the visits that name them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_VISITS_OF_TRIPS = "ix_visits_trip_id"


def upgrade() -> None:
    op.create_table("trips", *_what(), *_when(), *_keys())
    op.create_index("ix_trips_unit_id_departs_on", "trips", ["unit_id", "departs_on", "id"])
    op.create_index("ix_trips_departs_on", "trips", ["departs_on", "id"])
    op.create_index("ix_trips_filed_by_departs_on", "trips", ["filed_by", "departs_on", "id"])
    _listen()
    with op.get_context().autocommit_block():
        # One that was broken off lies there invalid.
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_VISITS_OF_TRIPS}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY {_VISITS_OF_TRIPS} ON visits (trip_id) WHERE trip_id IS NOT NULL"
        )


def downgrade() -> None:
    op.drop_index(_VISITS_OF_TRIPS, table_name="visits")
    op.drop_table("trips")
    op.execute("DROP FUNCTION sync_mark_trips()")


def _what() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("filed_by", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("leader_name", sa.Text(), nullable=False),
        sa.Column("leader_rank", sa.Text(), nullable=True),
        sa.Column("leader_id", sa.Uuid(), nullable=True),
        sa.Column("participants", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("destinations", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.Column("organisations", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("projects", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("project_count", sa.Integer(), nullable=False),
        sa.Column("intention_count", sa.Integer(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("filed", sa.String(length=40), nullable=False),
        sa.Column("filed_because", sa.Text(), nullable=True),
        sa.Column("flags", postgresql.JSONB(none_as_null=True), nullable=False),
    ]


def _when() -> list[sa.Column[object]]:
    return [
        sa.Column("departs_on", sa.Date(), nullable=False),
        sa.Column("departs_half", sa.String(length=40), nullable=False),
        sa.Column("returns_on", sa.Date(), nullable=False),
        sa.Column("returns_half", sa.String(length=40), nullable=False),
        sa.Column("halves", sa.Integer(), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capture_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capture_earliest", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capture_latest", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capture_skew_s", sa.Double(), nullable=True),
        sa.Column("capture_basis", sa.String(length=40), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=True),
    ]


def _keys() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint("returns_on >= departs_on", name=op.f("ck_trips_returns_after_it_departs")),
        sa.CheckConstraint("halves > 0", name=op.f("ck_trips_lasts_half_a_day_at_least")),
        sa.PrimaryKeyConstraint("id", name="pk_trips"),
        sa.UniqueConstraint("number", name="uq_trips_number"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_trips_unit_id_units"),
        sa.ForeignKeyConstraint(["filed_by"], ["users.id"], name="fk_trips_filed_by_users"),
        sa.ForeignKeyConstraint(["leader_id"], ["users.id"], name="fk_trips_leader_id_users"),
    ]


def _listen() -> None:
    """Who filed a trip hears of whatever becomes of it (0011)."""
    op.execute(
        "CREATE FUNCTION sync_mark_trips() RETURNS trigger LANGUAGE plpgsql AS $body$\n"
        "BEGIN\n"
        "INSERT INTO sync_marks (type, subject, audience) SELECT 'trip', r.id, r.filed_by FROM come r;\n"
        "RETURN NULL;\nEND\n$body$"
    )
    for operation in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER sync_mark_{operation.lower()} AFTER {operation} ON trips"
            " REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION sync_mark_trips()"
        )
