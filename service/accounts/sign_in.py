"""People come in by password or by a one-time PIN.

Both run in two short transactions with the slow hash between them: the first counts the guess and is committed
whatever comes of it, the second lets the person in.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts import lockout, passwords, sessions, tokens
from service.accounts.devices import DeviceFacts, is_known_pair, is_revoked, reinstate_device, remember_device
from service.accounts.errors import CutOff, DeviceRevoked, OneTimePasswordTooOld, WrongPassword, WrongPin
from service.accounts.hand_in import may_hand_in
from service.accounts.models import EnrolmentPin, SignIn, User
from service.accounts.queries import UnitBrief, unit_briefs, unit_on
from service.accounts.sessions import Granted
from service.audit import commands as audit
from service.kernel.actor import Actor, Role
from service.kernel.calendar import local_date
from service.kernel.clock import now

Transaction = Callable[[], AbstractContextManager[Session]]
"""Opens a transaction that is committed when its block ends."""

_NOBODY = UUID(int=0)
ONE_TIME_PASSWORD_LIVES = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Terms:
    """The installation's secret and how long tokens live."""

    secret: bytes
    lifetimes: sessions.Lifetimes = sessions.USUAL


@dataclass(frozen=True, slots=True)
class PasswordAttempt:
    """A name and a password, from a device at an address; a browser need not say which device it is."""

    username: str
    password: str
    device: DeviceFacts | None
    address: str | None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class PinAttempt:
    """A PIN, from a device at an address."""

    pin: str
    device: DeviceFacts
    address: str | None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class SignedInPerson:
    """The person as a phone shows them."""

    id: UUID
    username: str
    name: str
    unit: UnitBrief
    roles: tuple[Role, ...]
    must_change_password: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The answer to a sign-in."""

    sign_in_id: UUID
    access_token: str
    expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime
    user: SignedInPerson


@dataclass(frozen=True, slots=True)
class _Candidate:
    guess: lockout.Guess
    failure_id: int
    user_id: UUID | None
    password_hash: str | None


def fold_username(username: str) -> str:
    """User names are compared without regard to case."""
    return username.strip().casefold()


def sign_in(transaction: Transaction, attempt: PasswordAttempt, terms: Terms) -> SignedIn:
    """Let a person in by password.

    Raises:
        TooManyFailures: the account or the address is locked for a while; a known device has a counter of its own.
        WrongPassword: name and password do not belong together, or the account is closed.
        OneTimePasswordTooOld: the password was handed out more than three days ago.
        DeviceRevoked: the device was reported lost.
    """
    with transaction() as session:
        candidate = _candidate(session, attempt)
    if not passwords.matches(candidate.password_hash, attempt.password) or candidate.user_id is None:
        raise WrongPassword
    fresh = _fresh_hash(candidate.password_hash, attempt.password)
    with transaction() as session:
        user = _still_open(session, candidate)
        lockout.take_back(session, candidate.guess, candidate.failure_id)
        if fresh is not None:
            user.password_hash = fresh
        if attempt.device is not None and is_revoked(session, attempt.device.id):
            raise DeviceRevoked
        return _let_in(session, user, attempt, terms, password_due=user.must_change_password)


def enrol(transaction: Transaction, attempt: PinAttempt, terms: Terms) -> SignedIn:
    """Let a person in by the PIN an administrator gave them; the device counts as theirs again even if it was lost.

    Raises:
        TooManyFailures: too many wrong PINs came from this address.
        WrongPin: it is unknown, used or too old.
    """
    guess = lockout.Guess(username=None, address=attempt.address)
    with transaction() as session:
        failure_id = lockout.begin_guess(session, guess)
    with transaction() as session:
        user = _claim_pin(session, attempt, terms.secret)
        lockout.take_back(session, guess, failure_id)
        reinstate_device(session, attempt.device.id)
        return _let_in(session, user, attempt, terms, password_due=False)


def refresh(transaction: Transaction, refresh_token: str, terms: Terms) -> Granted | None:
    """The next pair of tokens, or None; a token that was spent before has ended its sign-in by then.

    Raises:
        CutOff: the sign-in was ended by others' hand, and the phone may still hand in what it holds.
    """
    with transaction() as session:
        granted = sessions.refresh_sign_in(
            session, refresh_token, secret=terms.secret, lifetimes=terms.lifetimes
        )
        is_cut_off = granted is None and may_hand_in(session, refresh_token)
    if is_cut_off:
        raise CutOff
    return granted


def sign_out(session: Session, actor: Actor) -> None:
    """End the sign-in that the request came with."""
    sessions.end_sign_ins(session, "signed out", SignIn.id == actor.sign_in_id)
    audit.record(session, actor, "session.close", "session", str(actor.sign_in_id))


def own_page(session: Session, actor: Actor) -> SignedInPerson:
    """The actor as they see themselves."""
    return person_shown(session, session.get_one(User, actor.person_id))


def person_shown(session: Session, user: User) -> SignedInPerson:
    """A person with the unit of today."""
    unit_id = unit_on(session, user.id, local_date(now()))
    return SignedInPerson(
        id=user.id,
        username=user.username,
        name=user.name,
        unit=unit_briefs(session, [unit_id])[unit_id],
        roles=tuple(Role(role) for role in user.roles),
        must_change_password=user.must_change_password,
    )


def _candidate(session: Session, attempt: PasswordAttempt) -> _Candidate:
    username = fold_username(attempt.username)
    user = session.scalar(sa.select(User).where(User.username == username, User.closed_at.is_(None)))
    device_id = attempt.device.id if attempt.device else None
    # Asked for nobody as well, so that an unknown name takes as long.
    known = is_known_pair(session, device_id, user.id if user else _NOBODY)
    guess = lockout.Guess(username, attempt.address, device_id if known else None)
    failure_id = lockout.begin_guess(session, guess)
    return _Candidate(guess, failure_id, user.id if user else None, user.password_hash if user else None)


def _fresh_hash(password_hash: str | None, password: str) -> str | None:
    if password_hash is None or not passwords.is_outdated(password_hash):
        return None
    return passwords.hash_password(password)


def _still_open(session: Session, candidate: _Candidate) -> User:
    """The person, unless the account was closed or the password changed while the hash was computed."""
    user = session.get_one(User, candidate.user_id, with_for_update=True, populate_existing=True)
    if user.closed_at is not None or user.password_hash != candidate.password_hash:
        raise WrongPassword
    set_at = user.password_set_at
    if user.must_change_password and set_at is not None and now() - set_at > ONE_TIME_PASSWORD_LIVES:
        raise OneTimePasswordTooOld
    return user


def _claim_pin(session: Session, attempt: PinAttempt, secret: bytes) -> User:
    """Whoever updates the row first has the PIN; everybody else finds it used."""
    moment = now()
    claimed = session.scalars(
        sa.update(EnrolmentPin)
        .where(
            EnrolmentPin.pin_hash == tokens.pin_hash(attempt.pin, secret),
            EnrolmentPin.used_at.is_(None),
            EnrolmentPin.expires_at > moment,
        )
        .values(used_at=moment, used_on_device=attempt.device.id)
        .returning(EnrolmentPin.user_id),
        execution_options={"synchronize_session": False},
    ).all()
    user = session.get_one(User, claimed[0], populate_existing=True) if len(claimed) == 1 else None
    if user is None or user.closed_at is not None:
        raise WrongPin
    return user


def _let_in(
    session: Session, user: User, attempt: PasswordAttempt | PinAttempt, terms: Terms, *, password_due: bool
) -> SignedIn:
    device_id = attempt.device.id if attempt.device else None
    if attempt.device is not None:
        remember_device(session, attempt.device)
    granted = sessions.open_sign_in(
        session,
        user_id=user.id,
        device_id=device_id,
        secret=terms.secret,
        lifetimes=terms.lifetimes,
        password_due=password_due,
    )
    person = person_shown(session, user)
    actor = Actor(
        user_id=user.id,
        name=user.name,
        unit_id=person.unit.id,
        roles=frozenset(person.roles),
        device_id=device_id,
        sign_in_id=granted.sign_in_id,
        request_id=attempt.request_id,
        address=attempt.address,
    )
    way = "pin" if isinstance(attempt, PinAttempt) else "password"
    audit.record(session, actor, "session.open", "session", granted.sign_in_id, way=way)
    return SignedIn(
        granted.sign_in_id,
        granted.access_token,
        granted.access_expires_at,
        granted.refresh_token,
        granted.refresh_expires_at,
        person,
    )
