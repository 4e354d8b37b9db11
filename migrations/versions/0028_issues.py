"""Problems that are raised, whom they call, what was done about them, and the office's settings."""

import importlib

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

INDEXES = {
    "issues": {
        "ix_issues_on_day": ["on_day", "id"],
        "ix_issues_unit_id_on_day": ["unit_id", "on_day", "id"],
        "ix_issues_raised_by_on_day": ["raised_by", "on_day", "id"],
        "ix_issues_lead_unit_id": ["lead_unit_id"],
        "ix_issues_duplicate_of": ["duplicate_of"],
    },
    "issue_calls": {"ix_issue_calls_unit_id": ["unit_id", "issue_id"]},
    "issue_events": {
        "ix_issue_events_issue_id": ["issue_id", "received_at", "id"],
        "ix_issue_events_by_user": ["by_user"],
    },
}


# A photo of what somebody else did about a problem: its raiser's phone is told of the problem anew (0011, 0026).
OF_A_PHOTO = """
    UNION
    SELECT 'issue', i.id, i.raised_by
    FROM claimed r
    CROSS JOIN LATERAL (SELECT id, raised_by FROM issues WHERE id = r.record_id OFFSET 0) i
    WHERE i.raised_by <> r.owner_id"""


def upgrade() -> None:
    op.create_table("issues", *_record(), *_what(), *_how_far(), *_keys())
    _create_calls()
    _create_events()
    _create_settings()
    for table, indexes in INDEXES.items():
        for name, columns in indexes.items():
            op.create_index(name, table, columns)
    _create_partial_indexes()
    _listen()
    _mark_photos(OF_A_PHOTO)


def downgrade() -> None:
    _mark_photos("")
    for table in ("issue_clocks", "issue_routes", "issue_events", "issue_calls", "issues"):
        op.drop_table(table)
    op.execute("DROP FUNCTION sync_mark_issues()")


def _record() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("flags", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capture_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capture_earliest", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capture_latest", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capture_skew_s", sa.Double(), nullable=True),
        sa.Column("capture_basis", sa.String(length=40), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _what() -> list[sa.Column[object]]:
    return [
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("raised_by", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("checkin_id", sa.Uuid(), nullable=True),
        sa.Column("taken_from_checkin", sa.Boolean(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("photo_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=True),
    ]


def _how_far() -> list[sa.Column[object]]:
    return [
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("lead_unit_id", sa.Uuid(), nullable=True),
        sa.Column("assign_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("feedback_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_reply_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_working_on", sa.Date(), nullable=True),
        sa.Column("extended_because", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_try", sa.Boolean(), nullable=False),
        sa.Column("satisfied", sa.Boolean(), nullable=True),
        sa.Column("supervisions", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("duplicate_of", sa.Uuid(), nullable=True),
    ]


def _keys() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint(
            "site_id IS NOT NULL OR enterprise_id IS NOT NULL",
            name=op.f("ck_issues_is_at_a_site_or_of_an_enterprise"),
        ),
        sa.CheckConstraint("duplicate_of <> id", name=op.f("ck_issues_is_not_its_own_duplicate")),
        sa.PrimaryKeyConstraint("id", name="pk_issues"),
        sa.UniqueConstraint("number", name="uq_issues_number"),
        _to("issues", "unit_id", "units"),
        _to("issues", "raised_by", "users"),
        _to("issues", "site_id", "sites"),
        _to("issues", "enterprise_id", "enterprises"),
        _to("issues", "lead_unit_id", "units"),
        _to("issues", "duplicate_of", "issues"),
    ]


def _create_calls() -> None:
    op.create_table(
        "issue_calls",
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report_in_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("issue_id", "unit_id", name="pk_issue_calls"),
        _to("issue_calls", "issue_id", "issues"),
        _to("issue_calls", "unit_id", "units"),
    )


def _create_events() -> None:
    op.create_table(
        "issue_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("by_user", sa.Uuid(), nullable=False),
        sa.Column("by_unit", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("photo_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("facts", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=False),
        sa.Column("to_state", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_issue_events"),
        _to("issue_events", "issue_id", "issues"),
        _to("issue_events", "by_user", "users"),
        _to("issue_events", "by_unit", "units"),
    )


def _create_settings() -> None:
    op.create_table(
        "issue_routes",
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("lead_unit_id", sa.Uuid(), nullable=False),
        sa.Column("support_unit_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("category", name="pk_issue_routes"),
        _to("issue_routes", "lead_unit_id", "units"),
        _to("issue_routes", "set_by", "users"),
    )
    op.create_table(
        "issue_clocks",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("report_in_working_days", sa.Integer(), nullable=False),
        sa.Column("feedback_days", sa.Integer(), nullable=False),
        sa.Column("general_days", sa.Integer(), nullable=False),
        sa.Column("major_months", sa.Integer(), nullable=False),
        sa.Column("count_days", sa.String(length=40), nullable=False),
        sa.Column("yellow_days", sa.Integer(), nullable=False),
        sa.Column("escalate_after", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_issue_clocks"),
        _to("issue_clocks", "set_by", "users"),
    )


def _create_partial_indexes() -> None:
    for column in ("site_id", "enterprise_id", "checkin_id"):
        op.create_index(
            f"ix_issues_{column}", "issues", [column], postgresql_where=sa.text(f"{column} IS NOT NULL")
        )
    op.create_index(
        "uq_issues_taken_from_checkin",
        "issues",
        ["checkin_id"],
        unique=True,
        postgresql_where=sa.text("taken_from_checkin AND state NOT IN ('withdrawn', 'voided')"),
    )
    op.create_index(
        "ix_issues_open_due_at",
        "issues",
        ["due_at", "id"],
        postgresql_where=sa.text("state IN ('raised', 'called', 'in_progress')"),
    )


def _listen() -> None:
    """Who raised a problem hears of whatever becomes of it (0011); every event touches its row."""
    op.execute(
        "CREATE FUNCTION sync_mark_issues() RETURNS trigger LANGUAGE plpgsql AS $body$\n"
        "BEGIN\n"
        "INSERT INTO sync_marks (type, subject, audience) SELECT 'issue', r.id, r.raised_by FROM come r;\n"
        "RETURN NULL;\nEND\n$body$"
    )
    for operation in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER sync_mark_{operation.lower()} AFTER {operation} ON issues"
            " REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION sync_mark_issues()"
        )


def _mark_photos(also: str) -> None:
    """Let a photo mark what it marked before this, and this as well."""
    before = importlib.import_module("migrations.versions.0026_marks_in_bulk")
    bodies = {
        operation: f"{before.MARK} {query}{also};" for operation, query in before.MARKS["photos"].items()
    }
    before._replace("photos", bodies)


def _to(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=f"fk_{table}_{column}_{parent}")
