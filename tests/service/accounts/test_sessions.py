"""A sign-in is recognised by one query, refreshed forgivingly, and ended at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import sessionmaker

from service.accounts import devices, people, sessions
from service.accounts.models import SignIn, User
from service.accounts.people import Move
from service.accounts.sessions import GRACE, LEEWAY
from service.kernel.actor import Role
from service.kernel.db import make_engine
from service.kernel.errors import NotSignedIn
from tests.support.postgres import migrated_database
from tests.support.world import build_world

SECRET = b"test secret"
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def opened(session, person, device_id="phone-1"):
    return sessions.open_sign_in(session, user_id=person.person_id, device_id=device_id, secret=SECRET)


def recognised(session, granted):
    return sessions.authenticate(session, granted.access_token, request_id="r", address="1.2.3.4")


def refreshed(session, granted):
    return sessions.refresh_sign_in(session, granted.refresh_token, secret=SECRET)


def test_it_refuses_a_token_it_never_gave_out(session, world):
    with pytest.raises(NotSignedIn):
        sessions.authenticate(session, "x" * 43, request_id=None, address=None)


def test_it_does_not_take_a_refresh_token_for_an_access_token(session, world):
    granted = opened(session, world.field1)
    with pytest.raises(NotSignedIn):
        sessions.authenticate(session, granted.refresh_token, request_id=None, address=None)


def test_it_keeps_no_token_in_clear(session, world):
    granted = opened(session, world.field1)
    row = session.get_one(SignIn, granted.sign_in_id)
    assert granted.access_token.encode() not in row.access_hash
    assert len(row.access_hash) == len(row.refresh_hash) == 32


def test_it_finds_the_person_with_unit_roles_and_device(session, world):
    actor = recognised(session, opened(session, world.field1))
    assert (actor.user_id, actor.unit_id) == (world.field1.user_id, world.dongchangfu.id)
    assert (actor.roles, actor.device_id) == (frozenset({Role.FIELD_STAFF}), "phone-1")
    assert (actor.request_id, actor.address) == ("r", "1.2.3.4")


def test_it_recognises_a_person_by_one_query(session, world):
    granted = opened(session, world.field1)
    session.flush()
    statements = []
    sa.event.listen(session.connection(), "before_cursor_execute", lambda *args: statements.append(args[2]))
    recognised(session, granted)
    assert len(statements) == 1


def test_it_refuses_an_access_token_after_half_an_hour(session, world, clock):
    granted = opened(session, world.field1)
    clock.shift(timedelta(minutes=29, seconds=59) + LEEWAY)
    recognised(session, granted)
    clock.shift(timedelta(seconds=1))
    with pytest.raises(NotSignedIn):
        recognised(session, granted)


def test_it_keeps_a_phone_for_months_and_a_shared_desk_for_half_a_day_after_its_last_use(
    session, world, clock
):
    phone, desk = opened(session, world.field1), opened(session, world.hq1, device_id=None)
    for _ in range(3):
        clock.shift(timedelta(hours=11, minutes=59))
        desk = refreshed(session, desk)
        assert recognised(session, desk).user_id == world.hq1.user_id
    clock.shift(timedelta(hours=12))
    assert refreshed(session, desk) is None
    clock.shift(timedelta(days=88))
    assert refreshed(session, phone) is not None


@pytest.mark.parametrize(
    "cut_off",
    [
        lambda session, world: people.close_person(session, world.admin, world.field1.person_id),
        lambda session, world: people.reset_password(session, world.admin, world.field1.person_id),
        lambda session, world: devices.revoke_device(session, world.admin, "phone-1"),
        lambda session, world: devices.release_device(
            session, world.admin, "phone-1", to_user_id=world.field2.person_id
        ),
        lambda session, world: session.execute(
            sa.update(User).where(User.id == world.field1.user_id).values(closed_at=NOON)
        ),
    ],
    ids=["closed", "reset", "revoked", "handed over", "closed by hand"],
)
def test_it_forgets_a_person_at_once_when(session, world, cut_off):
    granted = opened(session, world.field1)
    recognised(session, granted)
    cut_off(session, world)
    with pytest.raises(NotSignedIn):
        recognised(session, granted)
    assert refreshed(session, granted) is None


def test_it_leaves_other_devices_alone_when_one_is_lost(session, world):
    lost, kept = opened(session, world.field1, "lost"), opened(session, world.field1, "kept")
    devices.revoke_device(session, world.admin, "lost")
    assert recognised(session, kept).user_id == world.field1.user_id
    with pytest.raises(NotSignedIn):
        recognised(session, lost)


def test_it_ends_the_earlier_sign_in_on_the_same_device(session, world):
    earlier = opened(session, world.field1)
    opened(session, world.field1)
    with pytest.raises(NotSignedIn):
        recognised(session, earlier)


def test_it_knows_new_roles_from_the_next_request_on(session, world):
    granted = opened(session, world.field1)
    session.get_one(User, world.field1.user_id).roles = [Role.SITE_COMMISSIONER.value]
    session.flush()
    assert recognised(session, granted).roles == {Role.SITE_COMMISSIONER}


def test_it_knows_the_new_unit_from_the_day_of_the_move_on(session, world, clock):
    granted = opened(session, world.field1)
    tomorrow = NOON.date() + timedelta(days=1)
    people.move_person(session, world.admin, Move(world.field1.person_id, world.chiping.id, tomorrow))
    assert recognised(session, granted).unit_id == world.dongchangfu.id
    clock.move_to(datetime(2026, 6, 1, 16, 0, 1, tzinfo=UTC))  # one second into the day in Shanghai
    assert recognised(session, refreshed(session, granted)).unit_id == world.chiping.id


def test_it_gives_the_same_pair_to_a_repeated_refresh(session, world, clock):
    granted = opened(session, world.field1)
    first = refreshed(session, granted)
    clock.shift(timedelta(minutes=5))
    assert refreshed(session, granted) == first
    assert recognised(session, first).user_id == world.field1.user_id
    with pytest.raises(NotSignedIn):
        recognised(session, granted)


def test_it_forgives_a_cut_answer_days_later_while_nobody_used_the_new_pair(session, world, clock):
    granted = opened(session, world.field1)
    lost_answer = refreshed(session, granted)
    clock.shift(timedelta(days=3))
    again = refreshed(session, granted)
    assert (again.access_token, again.refresh_token) == (lost_answer.access_token, lost_answer.refresh_token)
    assert recognised(session, again).user_id == world.field1.user_id


def test_it_ends_the_sign_in_when_a_spent_refresh_token_comes_back(session, world, clock):
    stolen = opened(session, world.field1)
    current = refreshed(session, stolen)
    clock.shift(timedelta(minutes=1))
    recognised(session, current)
    clock.shift(GRACE)
    assert refreshed(session, stolen) is None
    with pytest.raises(NotSignedIn):
        recognised(session, current)
    assert refreshed(session, current) is None
    assert session.get_one(SignIn, stolen.sign_in_id).ended_because == "refresh token used twice"


def test_it_ends_the_sign_in_when_the_token_before_the_last_comes_back(session, world):
    first = opened(session, world.field1)
    second = refreshed(session, first)
    third = refreshed(session, second)
    assert refreshed(session, first) is None
    with pytest.raises(NotSignedIn):
        recognised(session, third)


def test_it_refuses_a_refresh_token_after_ninety_days(session, world, clock):
    granted = opened(session, world.field1)
    clock.shift(timedelta(days=90))
    assert refreshed(session, granted) is None


def test_it_does_not_end_a_sign_in_by_a_forged_refresh_token(session, world):
    granted = opened(session, world.field1)
    forged = granted.refresh_token[:-4] + ("AAAA" if not granted.refresh_token.endswith("AAAA") else "BBBB")
    assert sessions.refresh_sign_in(session, forged, secret=SECRET) is None
    assert recognised(session, granted).user_id == world.field1.user_id


def test_it_notes_use_no_more_often_than_needed(session, world, clock):
    granted = opened(session, world.field1)
    clock.shift(timedelta(minutes=4))
    recognised(session, granted)
    session.expire_all()
    assert session.get_one(SignIn, granted.sign_in_id).last_used_at == NOON
    clock.shift(timedelta(minutes=1))
    recognised(session, granted)
    session.expire_all()
    assert session.get_one(SignIn, granted.sign_in_id).last_used_at == NOON + timedelta(minutes=5)


def test_it_gives_twenty_refreshes_at_once_the_same_pair(postgres_url):
    with migrated_database(postgres_url) as url:
        engine = make_engine(url)
        opener = sessionmaker(engine, expire_on_commit=False)
        with opener.begin() as session:
            granted = opened(session, build_world(session).field1)

        def ask(_turn):
            with opener.begin() as session:
                return refreshed(session, granted)

        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(ask, range(20)))
        engine.dispose()
    assert len({(one.access_token, one.refresh_token) for one in answers}) == 1


def test_it_takes_the_next_token_of_its_own_after_its_rotations_were_forgotten(session, world):
    """A restored database knows an older token than the phone holds."""
    known = opened(session, world.field1)
    with session.begin_nested() as later:
        held = refreshed(session, refreshed(session, known))
        later.rollback()
    sessions.forget_rotations(session)
    session.expire_all()
    following = refreshed(session, held)
    assert following is not None
    assert refreshed(session, held).refresh_token == following.refresh_token
    assert recognised(session, following).user_id == world.field1.user_id


def test_it_forgets_no_rotation_of_a_sign_in_that_ended(session, world):
    ended = opened(session, world.field1)
    sessions.end_sign_ins(session, "signed out", SignIn.id == ended.sign_in_id)
    assert sessions.forget_rotations(session) == 0
    assert refreshed(session, ended) is None


def test_it_still_refuses_what_it_never_gave_out_after_its_rotations_were_forgotten(session, world):
    opened(session, world.field1)
    sessions.forget_rotations(session)
    assert sessions.refresh_sign_in(session, "x" * 86, secret=SECRET) is None
