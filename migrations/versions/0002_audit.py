"""Audit entries and seals, which the database keeps from being changed.

A superuser can still switch triggers off: that is why the entries are chained, and seals noted elsewhere.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_REFUSE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: what is audited stays as it is', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END;
$$
"""

# `*=` compares the stored bytes, so that 1.0 is not taken for 1.00 inside details.
_SEAL_ONCE = """
CREATE FUNCTION audit_seal_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unsealed audit_entries := NEW;
BEGIN
    unsealed.seal_no := NULL;
    unsealed.place := NULL;
    IF unsealed *= OLD AND NEW.seal_no IS NOT NULL AND NEW.place IS NOT NULL THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'UPDATE of audit_entries is refused: an entry takes its seal once and nothing else'
        USING ERRCODE = 'insufficient_privilege';
END;
$$
"""

_TRIGGERS = {
    "audit_entries": {
        "audit_entries_begin_unsealed": (
            "BEFORE INSERT ON audit_entries FOR EACH ROW "
            "WHEN (NEW.seal_no IS NOT NULL OR NEW.place IS NOT NULL) EXECUTE FUNCTION audit_refuse()"
        ),
        "audit_entries_seal_once": (
            "BEFORE UPDATE ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_seal_once()"
        ),
        "audit_entries_stay": ("BEFORE DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_refuse()"),
        "audit_entries_stay_all": (
            "BEFORE TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
        ),
    },
    "audit_seals": {
        "audit_seals_stay": (
            "BEFORE UPDATE OR DELETE ON audit_seals FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
        ),
        "audit_seals_stay_all": (
            "BEFORE TRUNCATE ON audit_seals FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
        ),
    },
}


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("seal_no", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
    )
    op.create_index(
        "ix_audit_entries_sealed",
        "audit_entries",
        ["seal_no", "place"],
        unique=True,
        postgresql_where=sa.text("seal_no IS NOT NULL"),
    )
    op.create_index("ix_audit_entries_subject", "audit_entries", ["subject_type", "subject_id"], unique=False)
    op.create_index(
        "ix_audit_entries_unsealed",
        "audit_entries",
        ["id"],
        unique=False,
        postgresql_where=sa.text("seal_no IS NULL"),
    )
    op.create_table(
        "audit_seals",
        sa.Column("no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("no", name="pk_audit_seals"),
    )
    op.execute(_REFUSE)
    op.execute(_SEAL_ONCE)
    for table, triggers in _TRIGGERS.items():
        for name, body in triggers.items():
            op.execute(f"CREATE TRIGGER {name} {body}")
            # ALWAYS: also where session_replication_role would leave triggers out.
            op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def downgrade() -> None:
    op.drop_table("audit_seals")
    op.drop_table("audit_entries")
    op.execute("DROP FUNCTION audit_seal_once")
    op.execute("DROP FUNCTION audit_refuse")
