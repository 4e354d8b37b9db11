"""Projects tell month by month: dates and contracts, plans of a year, months, stages reached, and limits of lights."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

DATES = ("contract_signed_on", "planned_start_on", "planned_completion_on", "completed_on", "stat_entered_on")
# Named as the truth they keep; every row there is keeps them, for the columns are new.
CHECKS = {
    "is_to_be_completed_after_it_is_to_start": "planned_completion_on >= planned_start_on",
    "is_completed_after_it_started": "completed_on >= started_on",
}


def upgrade() -> None:
    for name in DATES:
        op.add_column("projects", sa.Column(name, sa.Date(), nullable=True))
    op.add_column("projects", sa.Column("contract_kind", sa.String(length=40), nullable=True))
    for name, truth in CHECKS.items():
        op.execute(f"ALTER TABLE projects ADD CONSTRAINT ck_projects_{name} CHECK ({truth}) NOT VALID")
        op.execute(f"ALTER TABLE projects VALIDATE CONSTRAINT ck_projects_{name}")
    op.create_table(
        "project_stage_changes",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stage_before", sa.String(length=40), nullable=True),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("reached_on", sa.Date(), nullable=False),
        *_setting("project_stage_changes"),
        sa.PrimaryKeyConstraint("project_id", "number", name="pk_project_stage_changes"),
    )
    op.create_table(
        "project_year_plans",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("planned_investment_wan", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        *_setting("project_year_plans"),
        sa.PrimaryKeyConstraint("project_id", "year", "number", name="pk_project_year_plans"),
    )
    op.create_table(
        "project_months",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("completed_investment_wan", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("funds_in_place_wan", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("visible_progress", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("not_started_because", sa.Text(), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        *_setting("project_months"),
        sa.CheckConstraint(
            "extract(day FROM month) = 1", name=op.f("ck_project_months_month_is_its_first_day")
        ),
        sa.PrimaryKeyConstraint("project_id", "month", "number", name="pk_project_months"),
    )
    for table, of in (("project_year_plans", "year"), ("project_months", "month")):
        op.create_index(
            f"uq_{table}_current",
            table,
            ["project_id", of],
            unique=True,
            postgresql_where=sa.text("replaced_at IS NULL"),
        )
    op.create_table(
        "project_light_limits",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("limits", postgresql.JSONB(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["set_by"], ["users.id"], name="fk_project_light_limits_set_by_users"),
        sa.PrimaryKeyConstraint("number", name="pk_project_light_limits"),
    )


def downgrade() -> None:
    for table in ("project_light_limits", "project_months", "project_year_plans", "project_stage_changes"):
        op.drop_table(table)
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_projects_{name}"), "projects", type_="check")
    for name in (*DATES, "contract_kind"):
        op.drop_column("projects", name)


def _setting(table: str) -> tuple[sa.Column[object] | sa.ForeignKeyConstraint, ...]:
    """Who set a row of a project, and when."""
    return (
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=f"fk_{table}_project_id_projects"),
        sa.ForeignKeyConstraint(["set_by"], ["users.id"], name=f"fk_{table}_set_by_users"),
    )
