"""Guesses at passwords and PINs are counted in the database, per account, per address and per known device.

A person's own phone is counted by itself: nobody locks a field worker out by guessing from somewhere else. A guess
is written down before it is looked at and taken back when it was right, so that many at once are all counted.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.errors import TooManyFailures
from service.accounts.models import SignInFailure
from service.kernel.clock import now

_SHORT, _DAY = timedelta(minutes=15), timedelta(days=1)
_LOCK_SPACE = 5_190_221


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures within a time lock; the lock ends when the oldest of them is that old."""

    failures: int
    within: timedelta


ACCOUNT = (Limit(5, _SHORT), Limit(50, _DAY))
"""NIST SP 800-63B allows 100 failures in a row; a day's 50 stay below the hundred that reach a hash."""
KNOWN_DEVICE = (Limit(10, _SHORT), Limit(50, _DAY))
ADDRESS = (Limit(50, _SHORT), Limit(500, _DAY))
"""A whole office, or a city behind one carrier's address, shares it."""
PINS_OF_ADDRESS = (Limit(10, _SHORT), Limit(50, _DAY))


@dataclass(frozen=True, slots=True)
class Guess:
    """Who is tried, and from where. A PIN has no name; a device is named only when the person has used it before."""

    username: str | None
    address: str | None
    known_device_id: str | None = None


def begin_guess(session: Session, guess: Guess) -> int:
    """Count the guess as failed until it is taken back; commit before it is looked at.

    Raises:
        TooManyFailures: one of its counters is full; then it is not counted.
    """
    moment = now()
    for counter, condition, limits in _counters(guess):
        _one_at_a_time(session, counter)
        _refuse_if_full(session, condition, limits, moment)
    row = SignInFailure(
        username=guess.username,
        device_id=guess.known_device_id,
        address=None if guess.known_device_id else guess.address,
        failed_at=moment,
    )
    session.add(row)
    session.flush()
    return row.id


def take_back(session: Session, guess: Guess, failure_id: int) -> None:
    """The guess was right: it does not count, nor do this account's earlier ones from the same kind of place."""
    right = SignInFailure.id == failure_id
    if guess.username is not None:
        right = sa.or_(right, _same_place(guess))
    session.execute(sa.delete(SignInFailure).where(right), execution_options={"synchronize_session": False})


def forgive_account(session: Session, username: str) -> None:
    """Forget every failure of an account: an administrator has set it right."""
    session.execute(sa.delete(SignInFailure).where(SignInFailure.username == username))


def forget_old_failures(session: Session) -> None:
    """Remove failures that no counter looks at any more."""
    session.execute(sa.delete(SignInFailure).where(SignInFailure.failed_at < now() - _DAY))


def _counters(guess: Guess) -> list[tuple[str, sa.ColumnElement[bool], tuple[Limit, ...]]]:
    """Always in this order, so that two guesses never wait for each other in a ring."""
    if guess.known_device_id is not None:
        return [(f"device {guess.known_device_id} {guess.username}", _same_place(guess), KNOWN_DEVICE)]
    of_address = SignInFailure.address == guess.address
    if guess.username is None:
        return [
            (
                f"address {guess.address}",
                sa.and_(of_address, SignInFailure.username.is_(None)),
                PINS_OF_ADDRESS,
            )
        ]
    return [
        (f"account {guess.username}", _same_place(guess), ACCOUNT),
        (f"address {guess.address}", of_address, ADDRESS),
    ]


def _same_place(guess: Guess) -> sa.ColumnElement[bool]:
    return sa.and_(
        SignInFailure.username == guess.username,
        SignInFailure.device_id.is_not_distinct_from(guess.known_device_id),
    )


def _refuse_if_full(
    session: Session, condition: sa.ColumnElement[bool], limits: tuple[Limit, ...], moment: datetime
) -> None:
    for limit in limits:
        recent = (
            sa.select(SignInFailure.failed_at)
            .where(condition, SignInFailure.failed_at > moment - limit.within)
            .order_by(SignInFailure.failed_at.desc())
            .limit(limit.failures)
        )
        times = session.scalars(recent).all()
        if len(times) >= limit.failures:
            raise TooManyFailures(wait_s=max(1, int((times[-1] + limit.within - moment).total_seconds())))


def _one_at_a_time(session: Session, counter: str) -> None:
    """Until this transaction ends nobody else counts here; strangers that share the lock's number only wait."""
    number = int.from_bytes(hashlib.sha256(counter.encode()).digest()[:4], "big", signed=True)
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_SPACE, number)))
