"""Tables of units, people, their devices and sign-ins."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base


class UnitKind(StrEnum):
    """What kind of reporting unit it is; functional zones have no division code."""

    CITY = "city"
    COUNTY = "county"
    ZONE = "zone"
    DEPARTMENT = "department"
    TOWN = "town"
    COMPANY = "company"


class Unit(Base):
    """A reporting unit; the tree of units is not the tree of divisions.

    `lineage` lists the ids from the root down to the unit itself and never changes: a unit that moves
    in the tree is closed (`valid_until`) and a new one opened, so that old figures stay as they were.
    """

    __tablename__ = "units"
    __table_args__ = (
        sa.CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="ends_after_it_starts"),
        sa.Index("ix_units_lineage", "lineage", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    parent_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("units.id"), default=None)
    lineage: Mapped[list[UUID]]
    name: Mapped[str]
    short_name: Mapped[str]
    kind: Mapped[UnitKind]
    division_code: Mapped[str | None] = mapped_column(default=None)
    comparison_group: Mapped[str | None] = mapped_column(default=None)
    position: Mapped[int] = mapped_column(default=0)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None] = mapped_column(default=None)


class User(Base):
    """A person with an account. `unit_id` is today's unit; `postings` know the unit of any day."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    """Lower case; what the person types is folded before it is compared."""
    name: Mapped[str]
    phone: Mapped[str | None] = mapped_column(default=None)
    rank: Mapped[str | None] = mapped_column(default=None)
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"), index=True)
    roles: Mapped[list[str]]
    password_hash: Mapped[str | None] = mapped_column(default=None)
    password_set_at: Mapped[datetime | None] = mapped_column(default=None)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(default=None)


class Posting(Base):
    """A person belongs to a unit from a day until a day (exclusive)."""

    __tablename__ = "postings"
    __table_args__ = (
        sa.CheckConstraint("until_on IS NULL OR until_on > from_on", name="ends_after_it_starts"),
        sa.UniqueConstraint("user_id", "from_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    from_on: Mapped[date]
    until_on: Mapped[date | None] = mapped_column(default=None)


class Device(Base):
    """A phone or browser, by the id it made for itself."""

    __tablename__ = "devices"

    id: Mapped[str] = mapped_column(primary_key=True)
    platform: Mapped[str | None] = mapped_column(default=None)
    model: Mapped[str | None] = mapped_column(default=None)
    app_version: Mapped[str | None] = mapped_column(default=None)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    """A lost phone: nobody signs in from it any more, until it is enrolled anew."""


class DeviceHolder(Base):
    """A person who has signed in on a device; a known pair passes the lockout."""

    __tablename__ = "device_holders"

    device_id: Mapped[str] = mapped_column(sa.ForeignKey("devices.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"), primary_key=True, index=True)
    since_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)


class SignIn(Base):
    """One signed-in device of one person; only hashes of its tokens are here."""

    __tablename__ = "sign_ins"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"), index=True)
    device_id: Mapped[str | None] = mapped_column(sa.ForeignKey("devices.id"), index=True, default=None)
    access_hash: Mapped[bytes] = mapped_column(unique=True)
    access_expires_at: Mapped[datetime]
    refresh_hash: Mapped[bytes] = mapped_column(unique=True)
    refresh_expires_at: Mapped[datetime]
    previous_refresh_hash: Mapped[bytes | None] = mapped_column(unique=True, default=None)
    """The refresh token before the last rotation: honest for a short while, theft after it."""
    rotated_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    password_due: Mapped[bool] = mapped_column(default=False)
    """Opened with a one-time password: only the person's own page is open until it is changed."""
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_because: Mapped[str | None] = mapped_column(default=None)


class EnrolmentPin(Base):
    """A one-time PIN that signs a person's new phone in."""

    __tablename__ = "enrolment_pins"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"), index=True)
    pin_hash: Mapped[bytes] = mapped_column(index=True)
    created_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    used_on_device: Mapped[str | None] = mapped_column(default=None)


class SignInFailure(Base):
    """A failed sign-in, counted per account name and per address; a wrong PIN has no name.

    The row is written before the password is looked at and taken back when it was right, so that a thousand
    guesses at once do not all pass the count.
    """

    __tablename__ = "sign_in_failures"
    __table_args__ = (
        sa.Index("ix_sign_in_failures_username_failed_at", "username", "failed_at"),
        sa.Index("ix_sign_in_failures_address_failed_at", "address", "failed_at"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True, init=False)
    username: Mapped[str | None] = mapped_column(default=None)
    device_id: Mapped[str | None] = mapped_column(default=None)
    """Set for a device that the person has signed in on before: it is counted by itself."""
    address: Mapped[str | None] = mapped_column(default=None)
    failed_at: Mapped[datetime]
