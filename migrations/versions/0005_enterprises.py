"""The enterprise register."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enterprise_groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_enterprise_groups"),
        sa.UniqueConstraint("name_key", name="uq_enterprise_groups_name_key"),
    )
    op.create_table(
        "list_editions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_list_editions"),
        sa.UniqueConstraint("list_code", "in_force_from", name="uq_list_editions_list_code_in_force_from"),
        sa.UniqueConstraint("list_code", "year", name="uq_list_editions_list_code_year"),
    )
    op.create_table(
        "enterprise_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("imported_by", sa.Uuid(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["imported_by"], ["users.id"], name="fk_enterprise_imports_imported_by_users"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_enterprise_imports"),
    )
    op.create_table(
        "enterprises",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=True),
        sa.Column("credit_code", sa.Text(), nullable=True),
        sa.Column(
            "kind",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("well_known", sa.Boolean(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("group_confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("group_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("chain", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("province", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("responsible_unit_id", sa.Uuid(), nullable=True),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column("grams", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_confirmed_by"], ["users.id"], name="fk_enterprises_group_confirmed_by_users"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["enterprise_groups.id"], name="fk_enterprises_group_id_enterprise_groups"
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["enterprises.id"], name="fk_enterprises_merged_into_id_enterprises"
        ),
        sa.ForeignKeyConstraint(
            ["responsible_unit_id"], ["units.id"], name="fk_enterprises_responsible_unit_id_units"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_enterprises"),
    )
    op.create_index("ix_enterprises_grams", "enterprises", ["grams"], unique=False, postgresql_using="gin")
    op.create_index("ix_enterprises_group_id", "enterprises", ["group_id"], unique=False)
    op.create_index("ix_enterprises_merged_into_id", "enterprises", ["merged_into_id"], unique=False)
    op.create_index("ix_enterprises_name_key", "enterprises", ["name_key"], unique=False)
    op.create_index(
        "uq_enterprises_credit_code",
        "enterprises",
        ["credit_code"],
        unique=True,
        postgresql_where=sa.text("credit_code IS NOT NULL AND merged_into_id IS NULL"),
    )
    op.create_table(
        "duplicate_suspicions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("likeness", sa.Double(), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.String(length=40),
            nullable=False,
        ),
        sa.Column("suspected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_duplicate_suspicions_pair_is_ordered")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name="fk_duplicate_suspicions_decided_by_users"
        ),
        sa.ForeignKeyConstraint(
            ["first_id"], ["enterprises.id"], name="fk_duplicate_suspicions_first_id_enterprises"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["enterprises.id"], name="fk_duplicate_suspicions_second_id_enterprises"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_duplicate_suspicions"),
        sa.UniqueConstraint("first_id", "second_id", name="uq_duplicate_suspicions_first_id_second_id"),
    )
    op.create_index("ix_duplicate_suspicions_second_id", "duplicate_suspicions", ["second_id"], unique=False)
    op.create_table(
        "enterprise_aliases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
            name="fk_enterprise_aliases_enterprise_id_enterprises",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_enterprise_aliases"),
        sa.UniqueConstraint("enterprise_id", "name_key", name="uq_enterprise_aliases_enterprise_id_name_key"),
    )
    op.create_index(
        "ix_enterprise_aliases_enterprise_id", "enterprise_aliases", ["enterprise_id"], unique=False
    )
    op.create_index("ix_enterprise_aliases_name_key", "enterprise_aliases", ["name_key"], unique=False)
    op.create_table(
        "enterprise_merges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("moved", postgresql.JSONB(), nullable=False),
        sa.Column("merged_by", sa.Uuid(), nullable=True),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["kept_id"], ["enterprises.id"], name="fk_enterprise_merges_kept_id_enterprises"
        ),
        sa.ForeignKeyConstraint(["merged_by"], ["users.id"], name="fk_enterprise_merges_merged_by_users"),
        sa.ForeignKeyConstraint(
            ["merged_id"], ["enterprises.id"], name="fk_enterprise_merges_merged_id_enterprises"
        ),
        sa.ForeignKeyConstraint(["undone_by"], ["users.id"], name="fk_enterprise_merges_undone_by_users"),
        sa.PrimaryKeyConstraint("id", name="pk_enterprise_merges"),
    )
    op.create_index("ix_enterprise_merges_kept_id", "enterprise_merges", ["kept_id"], unique=False)
    op.create_index("ix_enterprise_merges_merged_id", "enterprise_merges", ["merged_id"], unique=False)
    op.create_table(
        "list_memberships",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("listed_name", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(group_id, enterprise_id) = 1",
            name=op.f("ck_list_memberships_belongs_to_a_group_or_an_enterprise"),
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["users.id"], name="fk_list_memberships_confirmed_by_users"
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["list_editions.id"], name="fk_list_memberships_edition_id_list_editions"
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name="fk_list_memberships_enterprise_id_enterprises"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["enterprise_groups.id"],
            name="fk_list_memberships_group_id_enterprise_groups",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_list_memberships"),
        sa.UniqueConstraint(
            "edition_id", "enterprise_id", name="uq_list_memberships_edition_id_enterprise_id"
        ),
        sa.UniqueConstraint("edition_id", "group_id", name="uq_list_memberships_edition_id_group_id"),
    )
    op.create_index("ix_list_memberships_enterprise_id", "list_memberships", ["enterprise_id"], unique=False)
    op.create_index("ix_list_memberships_group_id", "list_memberships", ["group_id"], unique=False)


def downgrade() -> None:
    op.drop_table("list_memberships")
    op.drop_table("enterprise_merges")
    op.drop_table("enterprise_aliases")
    op.drop_table("duplicate_suspicions")
    op.drop_table("enterprises")
    op.drop_table("enterprise_imports")
    op.drop_table("list_editions")
    op.drop_table("enterprise_groups")
