"""Limits the office sets, the moment a board was frozen at, and what statistics read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

READ_BY_STATISTICS = "(visited_at) INCLUDE (review_state, unit_id, enterprise_id, joint_unit_ids, mode, method, intention, amount_wan, id)"
INDEXES = {
    "ix_visits_statistics": f"visits {READ_BY_STATISTICS}",
    "ix_visits_joint": f"visits {READ_BY_STATISTICS} WHERE cardinality(joint_unit_ids) > 0",
    "ix_city_ledger_read": "city_ledger (programme_id, line, first_counted_on, first_pending_on) INCLUDE (subject_id)",
    "ix_unit_ledger_read": (
        "unit_ledger (programme_id, line, unit_id, first_counted_on, first_pending_on) INCLUDE (subject_id)"
    ),
}
# What the ones above say as well.
REPLACED = {
    "ix_city_ledger_first": "city_ledger (programme_id, line, first_counted_on, first_pending_on)",
    "ix_unit_ledger_first": "unit_ledger (programme_id, line, unit_id, first_counted_on, first_pending_on)",
}


def upgrade() -> None:
    op.create_table(
        "programme_thresholds",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("limits", postgresql.JSONB(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_programme_thresholds_programme_id_programmes"
        ),
        sa.ForeignKeyConstraint(["set_by"], ["users.id"], name="fk_programme_thresholds_set_by_users"),
        sa.PrimaryKeyConstraint("programme_id", "number", name="pk_programme_thresholds"),
    )
    op.add_column("boards", sa.Column("known_at", sa.DateTime(timezone=True), nullable=True))
    with op.get_context().autocommit_block():
        for name, what in INDEXES.items():
            # One that was broken off half way lies there, unusable.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {what}")
        for name in REPLACED:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def downgrade() -> None:
    for name, what in REPLACED.items():
        op.execute(f"CREATE INDEX {name} ON {what}")
    for name, what in INDEXES.items():
        op.drop_index(name, what.split()[0])
    op.drop_column("boards", "known_at")
    op.drop_table("programme_thresholds")
