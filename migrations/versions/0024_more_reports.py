"""Events that reports count down to."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_DRAFTS = {
    "uq_reports_draft": "(kind, programme_id, start_on) WHERE state = 'draft' AND event_id IS NULL",
    "uq_reports_event_draft": "(event_id, start_on) WHERE state = 'draft' AND event_id IS NOT NULL",
}


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prepares_on", sa.Date(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("held_on > prepares_on", name=op.f("ck_events_is_held_after_it_is_prepared")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_events_programme_id_programmes")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_events_made_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_held_on", "events", ["held_on", "id"])
    op.add_column("reports", sa.Column("event_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_reports_event_id_events"), "reports", "events", ["event_id"], ["id"])
    # An office has some hundred reports: both indexes are built faster than their locks are noticed, and with the
    # old one gone for a moment two drafts of one issue could meet.
    op.drop_index("uq_reports_draft", "reports")
    for name, what in _DRAFTS.items():
        op.execute(f"CREATE UNIQUE INDEX {name} ON reports {what}")


def downgrade() -> None:
    op.drop_index("uq_reports_event_draft", "reports")
    op.drop_index("uq_reports_draft", "reports")
    # Two events' count-downs of one day would be two drafts of one issue: the first stays.
    op.execute(
        "UPDATE reports AS one SET state = 'discarded' WHERE one.state = 'draft' AND one.event_id IS NOT NULL"
        " AND EXISTS (SELECT FROM reports AS other WHERE other.kind = one.kind AND other.state = 'draft'"
        " AND other.programme_id = one.programme_id AND other.start_on = one.start_on AND other.id < one.id)"
    )
    op.drop_column("reports", "event_id")
    op.create_index(
        "uq_reports_draft",
        "reports",
        ["kind", "programme_id", "start_on"],
        unique=True,
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.drop_table("events")
