"""What the clock does to accounts, and that doing it twice changes nothing."""

from datetime import timedelta

import sqlalchemy as sa
import time_machine

from service.accounts import lockout, people
from service.accounts.jobs import tidy_accounts
from service.accounts.lockout import Guess
from service.accounts.models import SignInFailure, User
from service.accounts.people import Move
from service.jobs.workshop import Workshop
from service.kernel.calendar import local_date
from service.kernel.clock import now


def test_it_lets_planned_moves_happen_and_forgets_old_failures(session, sessions, world, settings, store):
    tomorrow = local_date(now()) + timedelta(days=1)
    people.move_person(session, world.admin, Move(world.field1.person_id, world.chiping.id, tomorrow))
    lockout.begin_guess(session, Guess("field1", "1.2.3.4"))
    session.commit()
    workshop = Workshop(settings, sessions, store)
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        tidy_accounts(workshop)
        tidy_accounts(workshop)
    session.expire_all()
    assert session.get_one(User, world.field1.user_id).unit_id == world.chiping.id
    assert session.scalar(sa.select(sa.func.count()).select_from(SignInFailure)) == 0
