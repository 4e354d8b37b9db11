"""Targets of any indicator, and figures as they were known."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

WRITER = "(pg_current_xact_id()::text::bigint)"
INDEXES = {
    "ix_ledger_changes_written_by": ("ledger_changes", "written_by IS NOT NULL"),
    "ix_ledger_tallies_written_by": ("ledger_tallies", "NOT folded AND NOT monthly"),
}


def upgrade() -> None:
    # A default that is set after the column leaves the rows that are there alone: they are of no known transaction.
    for table in ("ledger_changes", "ledger_tallies"):
        op.add_column(table, sa.Column("written_by", sa.BigInteger(), nullable=True))
        op.alter_column(table, "written_by", server_default=sa.text(WRITER))
    op.add_column(
        "ledger_tallies", sa.Column("folded", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_table(
        "ledger_tally_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("visits_pending", sa.Integer(), nullable=False),
        sa.Column("written_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_tally_history"),
    )
    op.create_index("ix_ledger_tally_history_written_by", "ledger_tally_history", ["written_by"])
    op.create_table(
        "known_eras",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("cluster", sa.Text(), nullable=False),
        sa.Column("after_change", sa.BigInteger(), nullable=False),
        sa.Column("after_tally", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_known_eras"),
    )
    op.execute(
        """INSERT INTO known_eras (cluster, after_change, after_tally, began_at)
           SELECT system_identifier::text, (SELECT coalesce(max(id), 0) FROM ledger_changes),
                  (SELECT coalesce(max(id), 0) FROM ledger_tallies), now()
           FROM pg_control_system()"""
    )
    op.create_table(
        "known_moments",
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("era", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.BigInteger(), nullable=False),
        sa.Column("last_change", sa.BigInteger(), nullable=False),
        sa.Column("last_tally", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("taken_at", name="pk_known_moments"),
    )
    op.create_table(
        "indicators",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("counted_in", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_indicators"),
    )
    op.create_table(
        "indicator_amounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount >= 0 OR level = 'actual'", name="is_not_negative"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_indicator_amounts_unit_id_units"),
        sa.PrimaryKeyConstraint("id", name="pk_indicator_amounts"),
        sa.UniqueConstraint(
            "indicator",
            "period",
            "start_on",
            "unit_id",
            "level",
            name="uq_indicator_amounts_place",
            postgresql_nulls_not_distinct=True,
        ),
    )
    with op.get_context().autocommit_block():
        for name, (table, where) in INDEXES.items():
            # One that was left half made has its name taken, and serves nobody.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.create_index(
                name, table, ["written_by"], postgresql_where=sa.text(where), postgresql_concurrently=True
            )


def downgrade() -> None:
    op.drop_table("indicator_amounts")
    op.drop_table("indicators")
    op.drop_table("known_moments")
    op.drop_table("known_eras")
    op.drop_table("ledger_tally_history")
    op.drop_column("ledger_tallies", "folded")
    op.drop_column("ledger_tallies", "written_by")
    op.drop_column("ledger_changes", "written_by")
