"""After any history the ledgers are what a rebuild finds and what the rules say, written down a second time."""

from contextlib import suppress
from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.orm import Session, sessionmaker

from service.enterprises.grouping import GroupLink
from service.enterprises.models import Enterprise, EnterpriseKind
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.errors import Refusal
from service.programmes.models import CountingPolicy, TargetList, TargetListEntry, ThousandScope
from service.progress.coverage import CoverageBy, coverage
from service.progress.queries import Question
from service.submissions.reviewing import Decision
from service.visits import consequences
from service.visits.chain_tallies import fold_chains, move_chains
from service.visits.ledger import recount
from service.visits.merging import merge_enterprises, unmerge_enterprises
from service.visits.models import ReviewChoice, ReviewState, VisitMode
from service.visits.recounting import rebuild, recount_enterprises, recount_programme, verify
from service.visits.review import decide
from service.visits.tallies import fold
from tests.factories.visits import add_edition, add_enterprise, add_group, add_membership, add_visit
from tests.support.counting_model import expected, held
from tests.support.world import build_world

FIRST = date(2026, 1, 1)
SOME = st.integers(0, 10_000)
DAYS = st.sampled_from(
    [FIRST - timedelta(1), *(FIRST + timedelta(n) for n in (0, 1, 40, 41, 200, 364)), date(2027, 1, 1)]
)
COVERED_ON = (FIRST, FIRST + timedelta(35), FIRST + timedelta(200), date(2030, 1, 1))
LISTS = ("fortune_global_500", "china_500")


def covered(session, question, by):
    """Subjects that count and wait by unit and chain, read from ledgers and register row by row."""
    of_city = by is CoverageBy.CHAIN and question.unit_id is None
    unit = "NULL" if of_city else "unit_id"
    rows = session.execute(
        sa.text(
            f"SELECT {unit} AS unit_id, e.chain, first_counted_on, first_pending_on"
            f" FROM {'city' if of_city else 'unit'}_ledger l JOIN enterprises e ON e.id = l.subject_id"
            " WHERE line = 'thousand' AND programme_id = :programme"
        ),
        {"programme": question.programme_id},
    )
    right_below = set(session.scalars(sa.text("SELECT id FROM units WHERE cardinality(lineage) = 2")))
    found, as_of = {}, min(question.as_of, local_date(now()))
    for row in rows:
        if question.unit_id not in {None, row.unit_id}:
            continue
        if by is CoverageBy.BOTH and row.unit_id not in right_below:
            continue
        counts = row.first_counted_on is not None and row.first_counted_on <= as_of
        waits = not counts and row.first_pending_on is not None and row.first_pending_on <= as_of
        key = (row.unit_id if by is CoverageBy.BOTH else None, row.chain or None)
        before = found.get(key, (0, 0))
        found[key] = (before[0] + counts, before[1] + waits)
    return {key: figures for key, figures in found.items() if any(figures)}


class Histories(RuleBasedStateMachine):
    """A small city in which everything that counting depends on may change."""

    engine: sa.Engine
    asked = 0

    @initialize(scope=st.sampled_from(ThousandScope), policy=st.sampled_from(CountingPolicy))
    def begin(self, scope, policy):
        self.connection = self.engine.connect()
        self.outer = self.connection.begin()
        made = sessionmaker(self.connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        self.session: Session = made()
        self.world = world = build_world(self.session)
        self.people = [world.field1, world.field2, world.commissioner1, world.department1, world.hq1]
        self.units = [world.dongchangfu, world.chiping, world.zone, world.town, world.city]
        self.programme = world.programme
        self.programme.year, self.programme.starts_on, self.programme.ends_on = (
            2026,
            FIRST,
            date(2026, 12, 31),
        )
        self.programme.thousand_scope, self.programme.counting_policy = scope, policy
        self.groups = [add_group(self.session, f"集团{n}") for n in range(2)]
        self.enterprises = [add_enterprise(self.session, f"企业{n}", well_known=n % 2 == 0) for n in range(5)]
        self.editions = [
            add_edition(self.session, FIRST - timedelta(100 * n), list_code=LISTS[n % 2]) for n in range(2)
        ]
        self.targets = TargetList(
            id=uuid4(), programme_id=self.programme.id, name="目标企业", created_at=now()
        )
        self.session.add(self.targets)
        self.session.flush()
        add_membership(self.session, self.editions[0], group_id=self.groups[0].id)
        for enterprise in self.enterprises[:2]:
            enterprise.group_id, enterprise.group_confirmed_at = self.groups[0].id, now()
        self.merges = []
        # A history that begins with nothing spends most of its steps on nothing.
        self.visits = [
            add_visit(
                self.session,
                self.people[n % 5],
                self.enterprises[n % 4],
                FIRST + timedelta(n * 30),
                review_state=list(ReviewState)[n % 3],
                joint_unit_ids=[self.units[n % 4].id] if n % 2 else [],
            )
            for n in range(8)
        ]
        recount(self.session, [visit.id for visit in self.visits])

    def teardown(self):
        if hasattr(self, "session"):
            try:
                assert rebuild(self.session).clean
            finally:
                self.session.close()
                self.outer.rollback()
                self.connection.close()

    def _one(self, of, some):
        return of[some % len(of)] if of else None

    @rule(
        some=SOME,
        where=SOME,
        on=DAYS,
        mode=st.sampled_from(VisitMode),
        joint=st.lists(SOME, max_size=2),
        free=st.booleans(),
    )
    def submit(self, *, some, where, on, mode, joint, free):
        visit = add_visit(
            self.session,
            self._one(self.people, some),
            None if free else self._one(self.enterprises, where),
            on,
            mode=mode,
            review_state=ReviewState.SUBMITTED,
            joint_unit_ids=[self._one(self.units, n).id for n in joint],
        )
        self.visits.append(visit)
        recount(self.session, [visit.id])

    @rule(some=SOME, where=SOME, on=DAYS, joint=st.lists(SOME, max_size=2))
    def edit_or_match(self, some, where, on, joint):
        if visit := self._one(self.visits, some):
            visit.enterprise_id, visit.visited_on = self._one(self.enterprises, where).id, on
            visit.joint_unit_ids = [self._one(self.units, n).id for n in joint]
            visit.unit_id = self._one(self.units, where).id
            if visit.review_state is ReviewState.APPROVED:
                visit.review_state = ReviewState.SUBMITTED
            visit.rev += 1
            recount(self.session, [visit.id])

    @rule(some=SOME)
    def withdraw(self, some):
        if visit := self._one(self.visits, some):
            visit.review_state = ReviewState.WITHDRAWN
            recount(self.session, [visit.id])

    @rule(
        chosen=st.lists(SOME, min_size=1, max_size=3),
        choice=st.sampled_from([*ReviewChoice, *[ReviewChoice.APPROVE] * 4]),
    )
    def review(self, chosen, choice):
        visits = {visit.id: visit for some in chosen if (visit := self._one(self.visits, some))}.values()
        decisions = [Decision("visit", visit.id, visit.rev, choice, "原因") for visit in visits]
        decide(self.session, self.world.admin, decisions)

    @rule(some=SOME, kind=st.sampled_from(EnterpriseKind), well_known=st.booleans())
    def change_kind(self, some, kind, well_known):
        enterprise = self._one(self.enterprises, some)
        enterprise.kind, enterprise.well_known = kind, well_known
        recount_enterprises(self.session, [enterprise.id])

    @rule(some=SOME, group=SOME, confirmed=st.booleans(), none=st.booleans())
    def change_group(self, some, group, confirmed, none):
        enterprise = self._one(self.enterprises, some)
        enterprise.group_id = None if none else self._one(self.groups, group).id
        enterprise.group_confirmed_at = now() if confirmed and not none else None
        recount_enterprises(self.session, [enterprise.id])

    @rule(some=SOME, edition=SOME, of_group=st.booleans(), confirmed=st.booleans())
    def list_membership(self, some, edition, of_group, confirmed):
        member = (
            {"group_id": self._one(self.groups, some).id}
            if of_group
            else {"enterprise_id": self._one(self.enterprises, some).id}
        )
        edition = self._one(self.editions, edition)
        column, value = next(iter(member.items()))
        self.session.execute(
            sa.text(f"DELETE FROM list_memberships WHERE edition_id = :edition AND {column} = :value"),
            {"edition": edition.id, "value": value},
        )
        add_membership(self.session, edition, **member, confirmed_at=now() if confirmed else None)
        recount_programme(self.session, self.programme.id)

    @rule(on=DAYS, code=st.sampled_from(LISTS))
    def new_edition(self, on, code):
        if all((one.list_code, one.in_force_from) != (code, on) for one in self.editions):
            self.editions.append(
                add_edition(self.session, on, list_code=code, year=3000 + len(self.editions))
            )
            recount_programme(self.session, self.programme.id)

    @rule(some=SOME)
    def put_on_or_take_off_target_list(self, some):
        enterprise = self._one(self.enterprises, some)
        entry = self.session.get(TargetListEntry, (self.targets.id, enterprise.id))
        if entry:
            self.session.delete(entry)
        else:
            self.session.add(
                TargetListEntry(list_id=self.targets.id, enterprise_id=enterprise.id, added_at=now())
            )
        recount_enterprises(self.session, [enterprise.id])

    @rule(
        policy=st.sampled_from(CountingPolicy),
        scope=st.sampled_from(ThousandScope),
        within=st.booleans(),
        starts=st.sampled_from([FIRST, FIRST + timedelta(40)]),
        modes=st.sets(st.sampled_from(VisitMode), min_size=2),
    )
    def change_rules(self, policy, scope, within, starts, modes):
        self.programme.counting_policy, self.programme.thousand_scope = policy, scope
        self.programme.hundred_within_thousand, self.programme.starts_on = within, starts
        self.programme.counted_modes = sorted(modes)
        recount_programme(self.session, self.programme.id)

    @rule(some=SOME, other=SOME)
    def merge_in_the_register_alone(self, some, other):
        kept, merged = self._one(self.enterprises, some), self._one(self.enterprises, other)
        if kept is not merged and not kept.merged_into_id and not merged.merged_into_id:
            merged.merged_into_id = kept.id
            recount_enterprises(self.session, [kept.id, merged.id])

    @rule(some=SOME)
    def unmerge_in_the_register_alone(self, some):
        enterprise = self._one(self.enterprises, some)
        if enterprise.merged_into_id:
            kept, enterprise.merged_into_id = enterprise.merged_into_id, None
            recount_enterprises(self.session, [enterprise.id, kept, *self._standing(kept)])

    def _standing(self, kept):
        while above := self.session.get(Enterprise, kept).merged_into_id:
            yield above
            kept = above

    @rule(some=SOME, other=SOME)
    def merge(self, some, other):
        kept, merged = self._one(self.enterprises, some), self._one(self.enterprises, other)
        with suppress(Refusal):
            self.merges.append(merge_enterprises(self.session, self.world.hq1, kept.id, merged.id).id)
        self.session.expire_all()

    @rule(some=SOME)
    def unmerge(self, some):
        if merge := self._one(self.merges, some):
            with suppress(Refusal):
                unmerge_enterprises(self.session, self.world.hq1, merge)
            self.session.expire_all()

    @rule(some=SOME, group=SOME)
    def confirm_the_group(self, some, group):
        link = GroupLink(self._one(self.enterprises, some).id, self._one(self.groups, group).id)
        with suppress(Refusal):
            consequences.confirm_group(self.session, self.world.hq1, link)

    @rule(some=SOME, chain=st.sampled_from(["", "绿色化工", "有色金属", None]))
    def change_the_chain(self, some, chain):
        self._one(self.enterprises, some).chain = chain
        self.session.flush()

    @rule(step=st.sampled_from([fold, fold_chains, move_chains]))
    def fold_and_move(self, step):
        step(self.session)

    @invariant()
    def ledgers_are_what_the_rules_say(self):
        if hasattr(self, "session"):
            assert held(self.session) == expected(self.session)

    @invariant()
    def coverage_is_what_the_ledgers_say(self):
        if hasattr(self, "session"):
            self.asked += 1
            as_of = COVERED_ON[self.asked % len(COVERED_ON)]
            unit_id = self.units[0].id if self.asked % 3 else None
            question = Question(programme_id=self.programme.id, as_of=as_of, unit_id=unit_id)
            for by in (CoverageBy.CHAIN, CoverageBy.BOTH):
                shown = {
                    (one.unit and one.unit.id, one.chain): (one.counted, one.pending)
                    for one in coverage(self.session, self.world.hq1, question, by)
                    if by is CoverageBy.CHAIN or one.unit
                }
                # A row of target enterprises that nobody visited has noughts.
                assert {key: one for key, one in shown.items() if any(one)} == covered(
                    self.session, question, by
                )

    @invariant()
    def a_rebuild_finds_nothing(self):
        if hasattr(self, "session"):
            assert verify(self.session).clean


@pytest.mark.slow
def test_it_keeps_ledgers_equal_to_the_rebuild_and_the_rules_after_any_history(engine):
    machine = type("HistoriesHere", (Histories,), {"engine": engine})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
