"""Passwords, PINs and sign-ins for the cast."""

from sqlalchemy.orm import Session

from service.accounts import passwords
from service.accounts.models import User
from service.kernel.actor import Actor
from service.kernel.clock import now

PASSWORD = "blue horse on tuesday"
PHONE = {"id": "phone-1", "platform": "android", "model": "Pixel 8", "app_version": "1.0"}


def give_password(
    session: Session, person: Actor, password: str = PASSWORD, *, must_change: bool = False
) -> None:
    """The person may sign in with this password from now on."""
    user = session.get_one(User, person.person_id)
    user.password_hash = passwords.hash_password(password)
    user.password_set_at = now()
    user.must_change_password = must_change
    session.commit()


def credentials(username: str, password: str = PASSWORD, **device: str) -> dict[str, object]:
    """The body of a sign-in from the usual phone, or another."""
    return {"username": username, "password": password, "device": PHONE | device}
