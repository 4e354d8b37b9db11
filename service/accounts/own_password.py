"""A person changes their own password; guesses at the old one are counted like guesses at the door."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from service.accounts import lockout, passwords
from service.accounts.devices import is_known_pair
from service.accounts.errors import WrongOldPassword
from service.accounts.models import SignIn, User
from service.accounts.sessions import end_sign_ins, lift_password_due
from service.accounts.sign_in import Transaction
from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.clock import now


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """The old password and the new one."""

    old_password: str
    new_password: str


def change_own_password(transaction: Transaction, actor: Actor, change: PasswordChange) -> None:
    """Replace the actor's password; their sign-ins on other devices end, the present one stays.

    Raises:
        WeakPassword: the new password is easy to guess, or the old one again.
        TooManyFailures: too many wrong old passwords.
        WrongOldPassword: the old password is not the actor's.
    """
    with transaction() as session:
        user = session.get_one(User, actor.person_id)
        own = (user.username, user.name, user.phone, change.old_password)
        passwords.refuse_weak(change.new_password, pointer="/new_password", own_words=own)
        guess = _guess(session, actor, user)
        failure_id = lockout.begin_guess(session, guess)
        old_hash = user.password_hash
    if not passwords.matches(old_hash, change.old_password):
        raise WrongOldPassword
    new_hash = passwords.hash_password(change.new_password)
    with transaction() as session:
        user = session.get_one(User, actor.person_id, with_for_update=True, populate_existing=True)
        if user.password_hash != old_hash:
            raise WrongOldPassword
        lockout.take_back(session, guess, failure_id)
        user.password_hash, user.password_set_at, user.must_change_password = new_hash, now(), False
        end_sign_ins(session, "password changed", SignIn.user_id == user.id, SignIn.id != actor.sign_in_id)
        lift_password_due(session, user.id)
        audit.record(session, actor, "person.change_password", "person", user.id)


def _guess(session: Session, actor: Actor, user: User) -> lockout.Guess:
    known = is_known_pair(session, actor.device_id, user.id)
    return lockout.Guess(user.username, actor.address, actor.device_id if known else None)
