"""Tables of the enterprise register: who may be visited, under which names, on which lists."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base


class EnterpriseKind(StrEnum):
    """A firm, or a chamber of commerce or trade association (商协会)."""

    ENTERPRISE = "enterprise"
    ASSOCIATION = "association"


class EnterpriseGroup(Base):
    """A business group (集团): Top-500 lists name groups, field staff visit their members."""

    __tablename__ = "enterprise_groups"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class Enterprise(Base):
    """An organisation in the register. One that was merged points at the one that stands for it."""

    __tablename__ = "enterprises"
    __table_args__ = (
        sa.Index("ix_enterprises_grams", "grams", postgresql_using="gin"),
        sa.Index(
            "uq_enterprises_credit_code",
            "credit_code",
            unique=True,
            postgresql_where=sa.text("credit_code IS NOT NULL AND merged_into_id IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(index=True)
    short_name: Mapped[str | None] = mapped_column(default=None)
    credit_code: Mapped[str | None] = mapped_column(default=None)
    kind: Mapped[EnterpriseKind]
    well_known: Mapped[bool] = mapped_column(default=False)
    group_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("enterprise_groups.id"), index=True, default=None
    )
    group_confirmed_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    group_confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    """Until a person confirms it, a group link is a suggestion and counts for nothing."""
    industry: Mapped[str | None] = mapped_column(default=None)
    chain: Mapped[str | None] = mapped_column(default=None)
    """Industry chain (产业链) by the office's own taxonomy."""
    country: Mapped[str | None] = mapped_column(default=None)
    province: Mapped[str | None] = mapped_column(default=None)
    city: Mapped[str | None] = mapped_column(default=None)
    address: Mapped[str | None] = mapped_column(default=None)
    website: Mapped[str | None] = mapped_column(default=None)
    latitude: Mapped[float | None] = mapped_column(default=None)
    longitude: Mapped[float | None] = mapped_column(default=None)
    responsible_unit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("units.id"), default=None)
    tags: Mapped[list[str]] = mapped_column(default_factory=list)
    initials: Mapped[str]
    """Pinyin initials of the name, upper case, for search."""
    grams: Mapped[list[str]]
    """Pieces of everything the enterprise is searched by: see `names.py`."""
    search_text: Mapped[str] = mapped_column(default="")
    """Every name, alias and initials it is searched by, each between two line feeds."""
    facts: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    """What lists said about it beyond the columns here, such as `revenue`."""
    merged_into_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("enterprises.id"), index=True, default=None
    )
    source: Mapped[str | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    rev: Mapped[int] = mapped_column(default=1)


class EnterpriseAlias(Base):
    """Another name of an enterprise: brand, short, former or foreign."""

    __tablename__ = "enterprise_aliases"
    __table_args__ = (sa.UniqueConstraint("enterprise_id", "name_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(sa.ForeignKey("enterprises.id"), index=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(index=True)
    initials: Mapped[str]


class ListEdition(Base):
    """One year's edition of a Top-500 list, in force from a day until the next edition's."""

    __tablename__ = "list_editions"
    __table_args__ = (
        sa.UniqueConstraint("list_code", "year"),
        sa.UniqueConstraint("list_code", "in_force_from"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    list_code: Mapped[str]
    """`fortune_global_500`, `china_500`, `china_private_500`, or another the office names."""
    title: Mapped[str]
    year: Mapped[int]
    in_force_from: Mapped[date]


class ListMembership(Base):
    """A group or an enterprise on an edition; it counts once a person has confirmed who is meant."""

    __tablename__ = "list_memberships"
    __table_args__ = (
        sa.CheckConstraint(
            "num_nonnulls(group_id, enterprise_id) = 1", name="belongs_to_a_group_or_an_enterprise"
        ),
        sa.UniqueConstraint("edition_id", "group_id"),
        sa.UniqueConstraint("edition_id", "enterprise_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    edition_id: Mapped[UUID] = mapped_column(sa.ForeignKey("list_editions.id"))
    group_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("enterprise_groups.id"), index=True, default=None
    )
    enterprise_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("enterprises.id"), index=True, default=None
    )
    rank: Mapped[int | None] = mapped_column(default=None)
    listed_name: Mapped[str]
    confirmed_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    confirmed_at: Mapped[datetime | None] = mapped_column(default=None)


class SuspicionState(StrEnum):
    """What a person decided about two enterprises that look alike."""

    OPEN = "open"
    MERGED = "merged"
    DISTINCT = "distinct"


class DuplicateSuspicion(Base):
    """Two enterprises that may be one; `first_id < second_id`."""

    __tablename__ = "duplicate_suspicions"
    __table_args__ = (
        sa.UniqueConstraint("first_id", "second_id"),
        sa.CheckConstraint("first_id < second_id", name="pair_is_ordered"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    first_id: Mapped[UUID] = mapped_column(sa.ForeignKey("enterprises.id"))
    second_id: Mapped[UUID] = mapped_column(sa.ForeignKey("enterprises.id"), index=True)
    likeness: Mapped[float]
    """0 to 1."""
    reasons: Mapped[list[str]]
    state: Mapped[SuspicionState]
    suspected_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)


class EnterpriseMerge(Base):
    """One enterprise stands for another from now on; `moved` holds what it takes to undo that."""

    __tablename__ = "enterprise_merges"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kept_id: Mapped[UUID] = mapped_column(sa.ForeignKey("enterprises.id"), index=True)
    merged_id: Mapped[UUID] = mapped_column(sa.ForeignKey("enterprises.id"), index=True)
    moved: Mapped[dict[str, Any]]
    merged_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    merged_at: Mapped[datetime]
    undone_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    undone_at: Mapped[datetime | None] = mapped_column(default=None)


class EnterpriseImport(Base):
    """A file that was read into the register, with what became of each row."""

    __tablename__ = "enterprise_imports"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    filename: Mapped[str]
    sha256: Mapped[str]
    imported_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    imported_at: Mapped[datetime]
    report: Mapped[dict[str, Any]]
