"""Accounts are opened, amended, moved, closed and reopened here, and every change ends what it must end at once."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts import lockout, passwords
from service.accounts.errors import (
    NotOneself,
    PersonClosed,
    PostingBeforeTheLast,
    UnknownPerson,
    UnknownUnit,
    UsernameTaken,
)
from service.accounts.hand_in import ACCOUNT_CLOSED
from service.accounts.models import EnrolmentPin, Posting, SignIn, Unit, User
from service.accounts.queries import posting_on, unit_in_force
from service.accounts.rules import refuse_unless_may_manage
from service.accounts.sessions import end_sign_ins
from service.accounts.sign_in import fold_username
from service.audit import commands as audit
from service.kernel.actor import Actor, Role
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.ids import uuid7

AMENDABLE: Final = frozenset({"name", "phone", "rank", "roles"})


@dataclass(frozen=True, slots=True)
class NewPerson:
    """An account to open; without a password the person enrols a phone by PIN."""

    username: str
    name: str
    unit_id: UUID
    roles: frozenset[Role]
    phone: str | None = None
    rank: str | None = None
    password: str | None = None
    must_change_password: bool = True
    posted_on: date | None = None


@dataclass(frozen=True, slots=True)
class PersonAmendment:
    """What changes in an account; a name that is not in `changes` stays as it is."""

    user_id: UUID
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Move:
    """A person belongs to another unit from a day on."""

    user_id: UUID
    unit_id: UUID
    from_on: date


def register_person(session: Session, actor: Actor, new: NewPerson) -> User:
    """Open an account.

    Raises:
        Forbidden, MayNotAdminister: the actor may not grant these roles.
        UsernameTaken: somebody has the name, in whatever case.
        UnknownUnit: the unit does not exist on the day.
        WeakPassword: the password given is easy to guess.
    """
    refuse_unless_may_manage(actor, new.roles)
    if new.password is not None:
        own = (new.username, new.name, new.phone)
        passwords.refuse_weak(new.password, pointer="/password", own_words=own)
    return _opened(session, actor, new)


def register_first_administrator(session: Session, new: NewPerson) -> User:
    """Open the account an installation begins with; its password is the operator's own decision."""
    return _opened(session, Actor.system(), new)


def amend_person(session: Session, actor: Actor, amendment: PersonAmendment) -> User:
    """Change a person's name, phone, rank or roles; new roles hold from the next request on.

    Raises:
        UnknownPerson: there is no such person.
        Forbidden, MayNotAdminister: the actor may not touch this account, or not grant these roles.
        NotOneself: administrators do not take administration from themselves.
    """
    user = _managed(session, actor, amendment.user_id)
    changes = {name: value for name, value in amendment.changes.items() if name in AMENDABLE}
    if "roles" in changes:
        changes["roles"] = sorted(changes["roles"])
        refuse_unless_may_manage(actor, changes["roles"])
        if (
            user.id == actor.user_id
            and Role.ADMINISTRATOR in user.roles
            and Role.ADMINISTRATOR not in changes["roles"]
        ):
            raise NotOneself
    before = {name: getattr(user, name) for name in changes}
    for name, value in changes.items():
        setattr(user, name, value)
    session.flush()
    audit.record(session, actor, "person.amend", "person", user.id, **_without_phones(before, changes))
    return user


def move_person(session: Session, actor: Actor, move: Move) -> User:
    """Post a person to another unit from a day on; records keep the unit of the day they are about.

    A move on the very day the present posting began corrects that posting.

    Raises:
        UnknownPerson, UnknownUnit: there is none, or the unit does not exist on that day.
        PostingBeforeTheLast: the day lies before the last posting began.
    """
    user = _managed(session, actor, move.user_id)
    _refuse_unit_out_of_force(session, move.unit_id, move.from_on)
    last = session.scalar(
        sa.select(Posting).where(Posting.user_id == user.id).order_by(Posting.from_on.desc()).limit(1)
    )
    if last is not None and move.from_on < last.from_on:
        raise PostingBeforeTheLast(from_on=last.from_on.isoformat())
    if last is not None and move.from_on == last.from_on:
        last.unit_id = move.unit_id
    else:
        if last is not None:
            last.until_on = move.from_on
        session.add(Posting(id=uuid7(), user_id=user.id, unit_id=move.unit_id, from_on=move.from_on))
    session.flush()
    settle_postings(session, user.id)
    audit.record(session, actor, "person.move", "person", user.id, unit_id=move.unit_id, from_on=move.from_on)
    return user


def settle_postings(session: Session, *user_ids: UUID) -> int:
    """Bring each person's unit of today in line with their postings; a move planned ahead takes effect so."""
    today = posting_on(local_date(now()))
    changed = session.scalars(
        sa.update(User)
        .where(Posting.user_id == User.id, today, User.unit_id != Posting.unit_id)
        .where(User.id.in_(user_ids) if user_ids else sa.true())
        .values(unit_id=Posting.unit_id)
        .returning(User.id),
        execution_options={"synchronize_session": "fetch"},
    )
    return len(changed.all())


def reset_password(session: Session, actor: Actor, user_id: UUID) -> str:
    """A new one-time password, to be shown once; every sign-in of the person ends, and the lockout with them.

    Raises:
        UnknownPerson: there is no such person.
        Forbidden, MayNotAdminister: the actor may not touch this account.
        PersonClosed: the account is closed.
    """
    user = _managed(session, actor, user_id)
    if user.closed_at is not None:
        raise PersonClosed
    password = passwords.one_time_password()
    _set_password(user, password, must_change=True)
    end_sign_ins(session, "password reset", SignIn.user_id == user.id)
    lockout.forgive_account(session, user.username)
    session.flush()
    audit.record(session, actor, "person.reset_password", "person", user.id)
    return password


def close_person(session: Session, actor: Actor, user_id: UUID) -> User:
    """Close an account: nobody is signed in by it from this moment on. Closing twice is closing once.

    Raises:
        UnknownPerson: there is no such person.
        Forbidden, MayNotAdminister: the actor may not touch this account.
        NotOneself: it is the actor's own.
    """
    user = _managed(session, actor, user_id)
    if user.id == actor.user_id:
        raise NotOneself
    if user.closed_at is None:
        user.closed_at = now()
        end_sign_ins(session, ACCOUNT_CLOSED, SignIn.user_id == user.id)
        cancel_pins(session, user.id)
        session.flush()
        audit.record(session, actor, "person.close", "person", user.id)
    return user


def reopen_person(session: Session, actor: Actor, user_id: UUID) -> User:
    """Open a closed account again, with the password it had.

    Raises:
        UnknownPerson: there is no such person.
        Forbidden, MayNotAdminister: the actor may not touch this account.
    """
    user = _managed(session, actor, user_id)
    if user.closed_at is not None:
        user.closed_at = None
        session.flush()
        audit.record(session, actor, "person.reopen", "person", user.id)
    return user


def cancel_pins(session: Session, user_id: UUID) -> None:
    """The person's unused enrolment PINs open nothing any more."""
    session.execute(
        sa.update(EnrolmentPin)
        .where(
            EnrolmentPin.user_id == user_id, EnrolmentPin.used_at.is_(None), EnrolmentPin.expires_at > now()
        )
        .values(expires_at=now()),
        execution_options={"synchronize_session": False},
    )


def _opened(session: Session, actor: Actor, new: NewPerson) -> User:
    moment = now()
    posted_on = new.posted_on or local_date(moment)
    username = fold_username(new.username)
    _refuse_unit_out_of_force(session, new.unit_id, posted_on)
    if session.scalar(sa.select(User.id).where(User.username == username)) is not None:
        raise UsernameTaken(username=username)
    user = User(
        id=uuid7(),
        username=username,
        name=new.name,
        phone=new.phone,
        rank=new.rank,
        unit_id=new.unit_id,
        roles=sorted(new.roles),
        created_at=moment,
    )
    if new.password is not None:
        _set_password(user, new.password, must_change=new.must_change_password)
    session.add(user)
    session.flush()
    session.add(Posting(id=uuid7(), user_id=user.id, unit_id=new.unit_id, from_on=posted_on))
    session.flush()
    audit.record(
        session,
        actor,
        "person.register",
        "person",
        user.id,
        username=username,
        unit_id=new.unit_id,
        roles=new.roles,
    )
    return user


def _managed(session: Session, actor: Actor, user_id: UUID) -> User:
    refuse_unless_may_manage(actor)
    user = session.get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise UnknownPerson
    refuse_unless_may_manage(actor, user.roles)
    return user


def _refuse_unit_out_of_force(session: Session, unit_id: UUID, day: date) -> None:
    found = session.scalar(sa.select(Unit.id).where(Unit.id == unit_id, unit_in_force(day)))
    if found is None:
        raise UnknownUnit


def _set_password(user: User, password: str, *, must_change: bool) -> None:
    user.password_hash = passwords.hash_password(password)
    user.password_set_at = now()
    user.must_change_password = must_change


def _without_phones(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Audit entries are kept for ever, and phone numbers are not."""
    hidden = {"phone": "…"}
    return {
        "before": before | (hidden if "phone" in before else {}),
        "after": after | (hidden if "phone" in after else {}),
    }
