"""Projects, sites, stations and assignments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column(
            "stage",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("total_investment_wan", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name="fk_projects_enterprise_id_enterprises"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_projects_unit_id_units"),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
    )
    op.create_index("ix_projects_enterprise_id", "projects", ["enterprise_id"], unique=False)
    op.create_index("ix_projects_unit_id", "projects", ["unit_id"], unique=False)
    op.create_table(
        "sites",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column(
            "fence_kind",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("fence_as_given", postgresql.JSONB(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("radius_m", sa.Double(), nullable=True),
        sa.Column("ring", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_sites_project_id_projects"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_sites_unit_id_units"),
        sa.PrimaryKeyConstraint("id", name="pk_sites"),
    )
    op.create_index("ix_sites_project_id", "sites", ["project_id"], unique=False)
    op.create_index("ix_sites_unit_id", "sites", ["unit_id"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column(
            "duty",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on > from_on", name=op.f("ck_assignments_ends_after_it_starts")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_assignments_site_id_sites"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_assignments_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_assignments"),
        sa.UniqueConstraint(
            "user_id", "site_id", "duty", "from_on", name="uq_assignments_user_id_site_id_duty_from_on"
        ),
    )
    op.create_index("ix_assignments_site_id", "assignments", ["site_id"], unique=False)
    op.create_table(
        "stations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_stations_site_id_sites"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_stations_unit_id_units"),
        sa.PrimaryKeyConstraint("id", name="pk_stations"),
    )
    op.create_index("ix_stations_site_id", "stations", ["site_id"], unique=False)
    op.create_index("ix_stations_unit_id", "stations", ["unit_id"], unique=False)


def downgrade() -> None:
    op.drop_table("stations")
    op.drop_table("assignments")
    op.drop_table("sites")
    op.drop_table("projects")
