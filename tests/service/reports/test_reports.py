from datetime import date

import pytest
import sqlalchemy as sa
import time_machine

from service.audit.models import AuditEntry
from service.kernel.errors import Forbidden
from service.programmes.models import CountingPolicy
from service.reports import commands, issuing, queries
from service.reports.catalogue import filled
from service.reports.commands import Edit, Order
from service.reports.errors import (
    BadText,
    DraftExists,
    EditedMeanwhile,
    NotADraft,
    NotSigned,
    OutsideProgramme,
)
from service.reports.figures import gap_words
from service.reports.models import ReportKind, ReportState
from service.visits.ledger import recount
from tests.factories.visits import add_enterprise, add_visit

HALF = Order(ReportKind.HALF_MONTH, date(2026, 11, 10))


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-21T04:00:00+00:00", tick=False):
        yield


def visit(session, person, name, on):
    made = add_visit(session, person, add_enterprise(session, name), on)
    recount(session, [made.id])
    return made


@pytest.fixture
def visited(session, world):
    visit(session, world.field1, "浪潮集团有限公司", date(2026, 3, 2))
    visit(session, world.field2, "鲁西集团有限公司", date(2026, 11, 3))


@pytest.fixture
def draft(session, world, visited):
    return commands.draft_report(session, world.hq1, HALF)


def fact(report, name):
    return report.figures["facts"][name]


def sign(session, actor, report):
    return issuing.sign_report(session, actor, report.id, report.rev, office="双招双引办")


def test_it_takes_the_figures_of_the_period_and_of_the_year(draft):
    assert (draft.start_on, draft.end_on, draft.as_of) == (
        date(2026, 11, 1),
        date(2026, 11, 16),
        date(2026, 11, 15),
    )
    assert fact(draft, "thousand.counted")["shown"] == "2"
    assert fact(draft, "thousand.new")["shown"] == "1"
    assert "from=2026-11-01" in fact(draft, "thousand.new")["url"]
    assert draft.title == "关于2026年11月上半月登门招商“千百工程”进展情况的通报"


def test_it_lists_the_units_with_nothing(draft, world):
    assert world.linqing.name in fact(draft, "thousand.zero_units")["shown"]
    rows = draft.figures["tables"]["units"]["rows"]
    assert [row[1]["shown"] for row in rows].count(world.linqing.name) == 1


def test_it_takes_a_period_that_is_not_over_as_of_today(session, world, visited):
    report = commands.draft_report(session, world.hq1, Order(ReportKind.HALF_MONTH, date(2026, 11, 20)))
    assert report.as_of == date(2026, 11, 21)


@pytest.mark.parametrize("on", [date(2025, 12, 20), date(2026, 12, 3)])
def test_it_refuses_a_period_without_a_day_of_the_programme_so_far(session, world, visited, on):
    with pytest.raises(OutsideProgramme):
        commands.draft_report(session, world.hq1, Order(ReportKind.HALF_MONTH, on, world.programme.id))


def test_it_names_the_draft_that_is_there_already(session, world, draft):
    with pytest.raises(DraftExists) as refusal:
        commands.draft_report(session, world.hq1, HALF)
    assert refusal.value.extra == {"draft": str(draft.id)}


def test_it_keeps_words_apart_from_figures(session, world, draft):
    text = [{"kind": "paragraph", "text": "经核实，累计{thousand.counted}家。"}]
    edited = commands.edit_report(
        session, world.hq1, draft.id, Edit(draft.rev, text=text, recipient="各单位")
    )
    visit(session, world.field1, "时风集团有限公司", date(2026, 11, 4))
    before = filled(edited.text[0]["text"], edited.figures["facts"])
    anew = commands.take_anew(session, world.hq1, draft.id)
    assert before == "经核实，累计2家。"
    assert filled(anew.text[0]["text"], anew.figures["facts"]) == "经核实，累计3家。"


@pytest.mark.parametrize(
    "block", [{"kind": "paragraph", "text": "共{thousand.invented}家"}, {"kind": "table", "table": "persons"}]
)
def test_it_refuses_words_that_name_what_is_not_there(session, world, draft, block):
    with pytest.raises(BadText) as refusal:
        commands.edit_report(session, world.hq1, draft.id, Edit(draft.rev, text=[block]))
    assert [one.pointer for one in refusal.value.faults] == ["/text/0"]


def test_it_does_not_let_two_editors_overwrite_each_other(session, world, draft):
    read = draft.rev
    commands.edit_report(session, world.hq1, draft.id, Edit(read, title="甲"))
    with pytest.raises(EditedMeanwhile):
        commands.edit_report(session, world.admin, draft.id, Edit(read, title="乙"))


def test_it_numbers_what_is_signed_through_the_year(session, world, draft):
    first = sign(session, world.hq1, draft)
    weekly = commands.draft_report(session, world.hq1, Order(ReportKind.WEEKLY, date(2026, 11, 10)))
    second = sign(session, world.hq1, weekly)
    assert [first.reference, second.reference] == ["双招双引办〔2026〕1号", "双招双引办〔2026〕2号"]


def test_it_answers_a_second_signature_as_the_first(session, world, draft):
    first = sign(session, world.hq1, draft)
    assert sign(session, world.hq1, draft).reference == first.reference == "双招双引办〔2026〕1号"


def test_it_signs_only_the_revision_that_was_read(session, world, draft):
    read = draft.rev
    commands.edit_report(session, world.hq1, draft.id, Edit(read, title="甲"))
    with pytest.raises(EditedMeanwhile):
        issuing.sign_report(session, world.hq1, draft.id, read, office="双招双引办")


@pytest.mark.parametrize("change", ["edit", "anew", "discard"])
def test_it_never_changes_what_was_signed(session, world, draft, change):
    sign(session, world.hq1, draft)
    attempts = {
        "edit": lambda: commands.edit_report(session, world.hq1, draft.id, Edit(draft.rev, title="改")),
        "anew": lambda: commands.take_anew(session, world.hq1, draft.id),
        "discard": lambda: commands.discard_report(session, world.hq1, draft.id),
    }
    with pytest.raises(NotADraft):
        attempts[change]()


def test_it_corrects_a_signed_issue_by_a_later_one(session, world, draft):
    signed = sign(session, world.hq1, draft)
    visit(session, world.field1, "时风集团有限公司", date(2026, 11, 4))
    correction = issuing.correct_report(session, world.hq1, signed.id, "补录一家企业")
    compared = queries.compared(session, correction)
    assert compared.against == signed.id
    assert ("thousand.counted", "2", "3") in [(one.name, one.before, one.now) for one in compared.changes]
    assert signed.state is ReportState.SIGNED
    sign(session, world.hq1, correction)
    session.refresh(signed)
    assert signed.state is ReportState.SUPERSEDED
    assert fact(signed, "thousand.counted")["shown"] == "2"
    assert correction.title.endswith("（更正）")


def test_it_corrects_nothing_that_was_not_sent_out(session, world, draft):
    with pytest.raises(NotSigned):
        issuing.correct_report(session, world.hq1, draft.id, "早了")


def test_it_compares_an_issue_with_the_one_before(session, world, draft):
    sign(session, world.hq1, draft)
    later = commands.draft_report(session, world.hq1, Order(ReportKind.HALF_MONTH, date(2026, 11, 20)))
    compared = queries.compared(session, later)
    assert compared.reference == "双招双引办〔2026〕1号"
    assert "thousand.counted" not in [one.name for one in compared.changes]
    assert ("thousand.new", "1", "0") in [(one.name, one.before, one.now) for one in compared.changes]


def test_it_counts_what_the_programme_counts(session, world, visited):
    world.programme.counting_policy = CountingPolicy.APPROVED
    add_visit(
        session,
        world.field1,
        add_enterprise(session, "待核公司"),
        date(2026, 11, 5),
        review_state="submitted",
    )
    report = commands.draft_report(session, world.hq1, HALF)
    assert fact(report, "thousand.counted")["shown"] == "2"


@pytest.mark.parametrize("who", ["leader1", "inspector1", "unit1", "field1"])
def test_it_lets_nobody_but_headquarters_write(session, world, visited, who):
    with pytest.raises(Forbidden):
        commands.draft_report(session, getattr(world, who), HALF)


def test_it_notes_each_step(session, world, draft):
    sign(session, world.hq1, draft)
    commands.take_out(session, world.leader1, draft.id, "docx")
    actions = session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.subject_id == str(draft.id)).order_by(AuditEntry.id)
    ).all()
    assert actions == ["report.draft", "report.sign", "report.export"]


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        ("-46.20", "落后序时进度46.20个百分点"),
        ("3.10", "超序时进度3.10个百分点"),
        ("0.00", "与序时进度持平"),
        (None, "未设目标"),
    ],
)
def test_it_says_a_gap_in_words(gap, words):
    assert gap_words(gap) == words
