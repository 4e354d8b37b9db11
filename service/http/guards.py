"""Who may come in: every blueprint names its guard, and there is no default."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import g, request
from sqlalchemy.orm import Session

from service.accounts import sessions
from service.accounts.hand_in import authenticate_cut_off
from service.http.browser_cookies import shown_token
from service.kernel.actor import Actor, Role
from service.kernel.errors import Forbidden, NotSignedIn


@dataclass(frozen=True, slots=True)
class Guard:
    """A named rule that finds the person behind a request, or refuses it."""

    name: str
    admit: Callable[[Session], Actor | None]


def _admit_signed_in(session: Session) -> Actor:
    return _admit(session)


def _admit_before_password_change(session: Session) -> Actor:
    return _admit(session, despite_one_time_password=True)


def _admit_to_hand_in(session: Session) -> Actor:
    try:
        return _admit(session)
    except NotSignedIn:
        shown = shown_token()
        actor = authenticate_cut_off(
            session, shown.token, request_id=g.get("request_id"), address=request.remote_addr
        )
        shown.demand_own_page(actor.sign_in_id)
        return actor


def _admit(session: Session, *, despite_one_time_password: bool = False) -> Actor:
    shown = shown_token()
    actor = sessions.authenticate(
        session,
        shown.token,
        request_id=g.get("request_id"),
        address=request.remote_addr,
        despite_one_time_password=despite_one_time_password,
    )
    shown.demand_own_page(actor.sign_in_id)
    return actor


def roles(*allowed: Role) -> Guard:
    """Lets in people who hold any of these roles."""

    def admit(session: Session) -> Actor:
        actor = _admit_signed_in(session)
        if not actor.has(*allowed):
            raise Forbidden
        return actor

    return Guard("roles:" + ",".join(allowed), admit)


public = Guard("public", lambda _session: None)
"""Lets everybody in: sign-in and operation pages only."""

signed_in = Guard("signed_in", _admit_signed_in)
"""Lets every signed-in person in; commands and row scope decide the rest."""

signed_in_or_password_due = Guard("signed_in_or_password_due", _admit_before_password_change)
"""Also lets people in who still have to change their one-time password: to do just that."""

signed_in_or_cut_off = Guard("signed_in_or_cut_off", _admit_to_hand_in)
"""Also lets people in whose device or account was cut off: such an actor holds no role and only hands in."""

office = roles(Role.UNIT_OFFICE, Role.HEADQUARTERS, Role.LEADER, Role.INSPECTOR, Role.ADMINISTRATOR)
"""Headquarters' doors that a unit's office may also use, within its own rows."""

office_or_department = roles(
    Role.DEPARTMENT_OFFICER,
    Role.UNIT_OFFICE,
    Role.HEADQUARTERS,
    Role.LEADER,
    Role.INSPECTOR,
    Role.ADMINISTRATOR,
)
"""The doors of problems that a department's officers share: they read and answer those that call their unit."""

helpers = roles(Role.UNIT_OFFICE, Role.HEADQUARTERS, Role.ADMINISTRATOR)
"""Those who help people in the field with their phones; nobody reads for other ends what a person has not sent."""

readers = roles(Role.HEADQUARTERS, Role.LEADER, Role.INSPECTOR, Role.ADMINISTRATOR)
"""City-wide reading."""

headquarters = roles(Role.HEADQUARTERS, Role.ADMINISTRATOR)
"""City-wide writing."""

reviewers = roles(Role.UNIT_OFFICE, Role.HEADQUARTERS)
"""Those who review records."""

administrators = roles(Role.ADMINISTRATOR)
"""Accounts, units and devices."""
