"""A figure that was asked for a moment never changes afterwards, whoever commits late."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.progress import comparison, ledgers, queries
from service.progress.coverage import CoverageBy, coverage
from service.progress.queries import Question
from service.visits import known
from service.visits.ledger import recount
from service.visits.models import KnownMoment, ReviewState, Visit
from service.visits.tallies import fold
from tests.factories.visits import add_enterprise, add_visit
from tests.support.committed import committed_house

WRITERS = range(3)
FIRST = date(2026, 2, 2)
HEADQUARTERS = Actor(None, "hq", None, frozenset({Role.HEADQUARTERS}))
FIGURES = ("counted", "pending", "visits", "visits_pending")


def figures(session, world, at):
    """Every figure of the two lines, as of three days, as it was known at a time."""
    told = []
    for as_of in (FIRST + timedelta(days=3), FIRST + timedelta(days=9), FIRST + timedelta(days=300)):
        for unit_id in (None, world.dongchangfu.id):
            what = Question(world.programme.id, as_of, unit_id, at)
            whole = queries.overview(session, HEADQUARTERS, what)
            told += [getattr(line, name) for line in whole.lines for name in FIGURES]
            told += [
                (one.first_counted, one.visits, one.pending)
                for one in queries.weekly(session, HEADQUARTERS, what)
                if one.start_on < FIRST + timedelta(days=40)
            ]
            told += [
                (one.unit.name, one.line, one.counted, one.pending, one.visits)
                for one in comparison.units(session, HEADQUARTERS, what)
                if one.counted or one.pending or one.visits
            ]
            told += [
                (one.label["zh"], one.listed_counted, one.counted, one.pending)
                for by in CoverageBy
                for one in coverage(session, HEADQUARTERS, what, by)
                if one.counted or one.pending
            ]
    return told


class Histories(RuleBasedStateMachine):
    """Writers that begin, write, and end in any order, while moments are taken and figures are asked for."""

    def __init__(self, sessions, world):
        super().__init__()
        self.sessions, self.world = sessions, world
        self.open, self.asked, self.busy = {}, {}, {}

    @initialize()
    def begin_anew(self):
        with self.sessions.begin() as session:
            session.execute(sa.update(Visit).values(review_state=ReviewState.VOIDED))
            self.enterprises = [add_enterprise(session, f"企业{n}").id for n in range(4)]
            recount(session, list(session.scalars(sa.select(Visit.id))))

    @rule(
        writer=st.sampled_from(WRITERS),
        on=st.integers(0, 12),
        state=st.sampled_from(["submitted", "approved"]),
    )
    def write(self, writer, on, state):
        """Each writer has an enterprise of its own while it is open: others would wait for it."""
        session = self.open.setdefault(writer, self.sessions())
        by = (self.world.field1, self.world.field2)[writer % 2]
        visit = add_visit(
            session,
            by,
            self.enterprises[writer],
            FIRST + timedelta(days=on),
            review_state=ReviewState(state),
        )
        recount(session, [visit.id])

    @rule(writer=st.sampled_from(WRITERS), on=st.integers(0, 12))
    def approve_or_void(self, writer, on):
        session = self.open.setdefault(writer, self.sessions())
        visits = session.scalars(
            sa.select(Visit).where(
                Visit.enterprise_id == self.enterprises[writer], Visit.review_state != ReviewState.VOIDED
            )
        ).all()
        if visits:
            one = visits[on % len(visits)]
            submitted = one.review_state is ReviewState.SUBMITTED
            one.review_state = ReviewState.APPROVED if submitted else ReviewState.VOIDED
            recount(session, [one.id])

    @rule(writer=st.sampled_from(WRITERS), keep=st.booleans())
    def end(self, writer, keep):
        session = self.open.pop(writer, None)
        if session is not None:
            (session.commit if keep else session.rollback)()
            session.close()

    @rule()
    def fold(self):
        with self.sessions.begin() as session:
            fold(session)

    @rule()
    def ask(self):
        """What is asked for the first time is what is known now, without anything that has not been committed."""
        with self.sessions.begin() as session:
            moment = known.take_moment(session).taken_at
        with self.sessions() as session:
            told = figures(session, self.world, moment)
            assert told == figures(session, self.world, None)
            self.asked[moment] = told

    @rule()
    def look_back(self):
        with self.sessions() as session:
            for moment, told in self.asked.items():
                assert figures(session, self.world, moment) == told, moment

    def teardown(self):
        for session in self.open.values():
            session.commit()
            session.close()
        if self.asked:
            self.look_back()


FEW = settings(
    max_examples=12,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),
    derandomize=True,
)


@pytest.fixture(scope="module")
def house(quiet_postgres_url, tmp_path_factory):
    with committed_house(quiet_postgres_url, tmp_path_factory.mktemp("known")) as made:
        yield made


def run(house):
    run_state_machine_as_test(lambda: Histories(house.sessions, house.world), settings=FEW)


def test_it_never_changes_a_figure_that_was_asked_for_a_moment(house):
    run(house)


def late_commit(house):
    """What is told of a moment before and after a transaction ends that had written first."""
    with house.sessions.begin() as session:
        enterprises = [add_enterprise(session, name) for name in ("先写后交", "后写先交")]
    late, early = house.sessions(), house.sessions()
    for session, enterprise in zip((late, early), enterprises, strict=True):
        recount(session, [add_visit(session, house.world.field1, enterprise, FIRST).id])
    early.commit()
    with house.sessions.begin() as session:
        moment = known.take_moment(session).taken_at
    told = []
    for session in (late, early):
        with house.sessions() as reading:
            told.append(figures(reading, house.world, moment))
        session.commit()
        session.close()
    return told


def test_it_does_not_know_what_was_written_before_and_committed_after(house):
    before, after = late_commit(house)
    assert before == after


def test_it_would_notice_if_the_clock_or_the_order_of_writing_decided(house, monkeypatch):
    """The planted fault: a row is known when its own time, or its number, is at or before the moment's."""
    monkeypatch.setattr(ledgers, "change_not_known", by_clock)
    monkeypatch.setattr(known, "not_known", by_number)
    before, after = late_commit(house)
    assert before != after


def by_clock(moment):
    return known.LedgerChange.known_at > moment.taken_at


def by_number(table, _moment, last, _before, _until):
    return table.id > last


def test_it_refuses_what_is_not_settled_and_what_was_before(house):
    with house.sessions.begin() as session:
        session.execute(sa.delete(KnownMoment))
        with pytest.raises(known.NotYetKnown):
            known.moment_at(session, now())
        taken = known.take_moment(session)
        with pytest.raises(known.NotYetKnown):
            known.moment_at(session, taken.taken_at + timedelta(microseconds=1))
        with pytest.raises(known.NotKnown):
            known.moment_at(session, taken.taken_at - timedelta(microseconds=1))
        assert known.moment_at(session, taken.taken_at) == taken


def test_it_answers_a_time_between_two_moments_by_the_earlier(house):
    with house.sessions.begin() as session:
        first, second = known.take_moment(session), known.take_moment(session)
        between = first.taken_at + (second.taken_at - first.taken_at) / 2
        assert known.moment_at(session, between).taken_at == first.taken_at
        assert second.taken_at > first.taken_at


def test_it_keeps_the_past_when_transactions_are_numbered_anew(house):
    """After a restore the new rows bear small numbers, which an old snapshot would take for long ended."""
    with house.sessions.begin() as session:
        visit = add_visit(session, house.world.field1, add_enterprise(session, "旧"), FIRST)
        recount(session, [visit.id])
        moment = known.take_moment(session).taken_at
    with house.sessions() as session:
        before = figures(session, house.world, moment)
    with house.sessions.begin() as session:
        known.begin_era(session)
        later = add_visit(session, house.world.field1, add_enterprise(session, "新"), FIRST)
        recount(session, [later.id])
        for table in ("ledger_changes", "ledger_tallies"):
            session.execute(
                sa.text(
                    f"UPDATE {table} SET written_by = 5 WHERE written_by = pg_current_xact_id()::text::bigint"
                )
            )
        fresh = known.take_moment(session).taken_at
    with house.sessions.begin() as session:
        fold(session)
    with house.sessions() as session:
        assert figures(session, house.world, moment) == before
        assert figures(session, house.world, fresh) == figures(session, house.world, None) != before
