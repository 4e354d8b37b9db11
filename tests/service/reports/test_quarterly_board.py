from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine

from service.boards import commands as boards
from service.boards.commands import NewBoard
from service.boards.entries import NewEntry, enter
from service.boards.models import EntryKind
from service.boards.rules import BoardRules, Measured, Source
from service.jobs.workshop import Workshop
from service.reports import commands, issuing, queries
from service.reports.assembly import document_of
from service.reports.catalogue import filled
from service.reports.chat_text import chat_text
from service.reports.commands import Order
from service.reports.errors import BadText, NothingPublished
from service.reports.jobs import draft_what_is_due
from service.reports.models import ReportKind
from service.visits.ledger import recount
from tests.factories.visits import add_enterprise, add_visit

THIRD = (date(2026, 7, 1), date(2026, 10, 1))
ORDER = Order(ReportKind.QUARTERLY_BOARD, date(2026, 9, 30))
RULES = BoardRules(
    (
        Measured("new", "新增千家", Source.THOUSAND_NEW, Decimal(60)),
        Measured("funds", "到位资金", Source.MANUAL, Decimal(40)),
    ),
    publicity_days=1,
)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-10-20T04:00:00+00:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def visited(session, world):
    for person, name, on in (
        (world.field1, "浪潮集团有限公司", date(2026, 8, 3)),
        (world.field1, "时风集团有限公司", date(2026, 8, 4)),
        (world.field2, "鲁西集团有限公司", date(2026, 9, 3)),
    ):
        made = add_visit(session, person, add_enterprise(session, name), on)
        recount(session, [made.id])


def new_board(world, *, series="综合榜", days=THIRD):
    return NewBoard(series, f"{series}（第三季度）", world.programme.id, *days, RULES)


def published(session, world, clock, board):
    boards.freeze(session, world.hq1, board.id)
    boards.post(session, world.hq1, board.id)
    clock.shift(86400 * 2)
    return boards.publish(session, world.hq1, board.id)


@pytest.fixture
def board(session, world, visited, clock):
    made = boards.make_board(session, world.hq1, new_board(world))
    for unit, amount in ((world.dongchangfu, 90), (world.chiping, 100), (world.linqing, 0)):
        entry = NewEntry(unit.id, EntryKind.FIGURE, "财政局报表", Decimal(amount), "funds", Decimal(100))
        enter(session, world.hq1, made.id, entry)
    enter(session, world.hq1, made.id, NewEntry(world.zone.id, EntryKind.EXEMPT, "遭受洪灾"))
    return published(session, world, clock, made)


def fact(report, name):
    return report.figures["facts"][name]["shown"]


def rows(report, name="board1"):
    table = report.figures["tables"][name]
    heads = [f"{column.get('group') or ''}{column['label']}" for column in table["columns"]]
    return [dict(zip(heads, (cell["shown"] for cell in row), strict=True)) for row in table["rows"]]


def test_it_refuses_a_quarter_without_a_published_board(session, world, visited):
    boards.make_board(session, world.hq1, new_board(world))
    with pytest.raises(NothingPublished):
        commands.draft_report(session, world.hq1, ORDER)


def test_it_leaves_a_board_of_one_month_out(session, world, visited, clock):
    month = new_board(world, days=(date(2026, 9, 1), date(2026, 10, 1)))
    published(session, world, clock, boards.make_board(session, world.hq1, month))
    with pytest.raises(NothingPublished):
        commands.draft_report(session, world.hq1, ORDER)


def test_it_lists_groups_by_place_with_zeros_and_those_aside(session, world, board):
    report = commands.draft_report(session, world.hq1, ORDER)
    assert report.title == "关于2026年第三季度登门招商“千百工程”竞赛榜的通报"
    counties = [row for row in rows(report) if row["组别"] == "县市区"]
    frozen = {row["unit"]: row for row in board.results}
    assert [row["名次"] for row in counties] == sorted(
        (str(frozen[row["单位"]]["place"]) for row in counties if frozen[row["单位"]]["place"]), key=int
    )
    assert {row["单位"] for row in rows(report)} == set(frozen)
    linqing = next(row for row in counties if row["单位"] == world.linqing.name)
    assert (linqing["新增千家完成"], linqing["到位资金完成"]) == ("0", "0")
    assert world.linqing.name in fact(report, "board1.zero")
    zone = next(row for row in rows(report) if row["单位"] == world.zone.name)
    assert (zone["名次"], zone["备注"]) == ("—", "免予考核：遭受洪灾")
    assert fact(report, "board1.aside") == f"{world.zone.name}（免予考核：遭受洪灾）"


def test_it_gives_every_number_an_address(session, world, board):
    report = commands.draft_report(session, world.hq1, ORDER)
    table = report.figures["tables"]["board1"]
    numbers = [place for place, column in enumerate(table["columns"]) if column["number"]]
    assert all(row[place]["url"] for row in table["rows"] for place in numbers)


def test_it_says_why_a_board_was_restated_and_how_places_moved(session, world, board, clock):
    signed = commands.draft_report(session, world.hq1, ORDER)
    again = boards.restate(session, world.hq1, board.id, "茌平区到位资金误录")
    for entry in (
        NewEntry(world.chiping.id, EntryKind.FIGURE, "更正", Decimal(1), "funds", Decimal(100)),
        NewEntry(world.dongchangfu.id, EntryKind.BONUS, "承办活动", Decimal(1)),
    ):
        enter(session, world.hq1, again.id, entry)
    published(session, world, clock, again)
    commands.discard_report(session, world.hq1, signed.id)
    report = commands.draft_report(session, world.hq1, ORDER)
    assert fact(report, "boards.count") == "1"
    assert "更正说明：茌平区到位资金误录" in chat_text(document_of(report, office="办公室"))


def test_it_tells_changes_of_place_against_the_issue_before(session, world, board, clock):
    fourth = new_board(world, days=(date(2026, 10, 1), date(2027, 1, 1)))
    clock.move_to("2027-01-04T04:00:00+00:00")
    made = boards.make_board(session, world.hq1, fourth)
    for unit, amount in ((world.dongchangfu, 1), (world.chiping, 2), (world.linqing, 100)):
        entry = NewEntry(unit.id, EntryKind.FIGURE, "报表", Decimal(amount), "funds", Decimal(100))
        enter(session, world.hq1, made.id, entry)
    after = published(session, world, clock, made)
    report = commands.draft_report(session, world.hq1, Order(ORDER.kind, date(2026, 12, 31)))
    moved = {row["单位"]: row["升降"] for row in rows(report)}
    for row in after.results:
        if row["place"] and row["place_before"]:
            by = row["place_before"] - row["place"]
            assert moved[row["unit"]] == ("持平" if not by else f"{'升' if by > 0 else '降'}{abs(by)}位")
    assert any(text.startswith("升") for text in moved.values())


def test_it_lays_every_board_into_the_text_in_the_order_they_were_begun(session, world, board, clock):
    single = boards.make_board(session, world.hq1, new_board(world, series="外资榜"))
    published(session, world, clock, single)
    report = commands.draft_report(session, world.hq1, ORDER)
    headings = [
        filled(block["text"], report.figures["facts"]) for block in report.text if block["kind"] == "heading"
    ]
    assert headings == ["（一）综合榜（第三季度）", "（二）外资榜（第三季度）"]


def test_it_keeps_the_words_when_a_board_they_name_is_gone(session, world, board, clock):
    draft = commands.draft_report(session, world.hq1, ORDER)
    again = boards.restate(session, world.hq1, board.id, "重新核算")
    commands.take_anew(session, world.hq1, draft.id)
    single = boards.make_board(session, world.hq1, new_board(world, series="外资榜"))
    published(session, world, clock, single)
    two = commands.take_anew(session, world.hq1, draft.id)
    commands.edit_report(
        session, world.hq1, draft.id, commands.Edit(two.rev, text=[{"kind": "table", "table": "board2"}])
    )
    single.state = board.state.__class__.RESTATED
    session.flush()
    with pytest.raises(BadText):
        commands.take_anew(session, world.hq1, draft.id)
    assert again.restates_id == board.id


def test_an_issue_of_one_programme_does_not_stand_for_another_s(session, world, board):
    draft = commands.draft_report(session, world.hq1, ORDER)
    issuing.sign_report(session, world.hq1, draft.id, draft.rev, office="聊招")
    quarter = (ReportKind.QUARTERLY_BOARD, THIRD[0])
    assert queries.is_issued(session, *quarter)
    assert queries.is_issued(session, *quarter, programme_id=world.programme.id)
    assert not queries.is_issued(session, *quarter, programme_id=uuid4())


def test_it_is_drafted_the_morning_after_a_board_is_published(
    session, world, board, clock, settings, sessions, store
):
    clock.shift(86400)
    draft_what_is_due(Workshop(settings, sessions, store))
    found = queries.reports(
        session, queries.ReportFilter(ReportKind.QUARTERLY_BOARD), queries.PageRequest()
    ).items
    assert [(one.start_on, one.end_on) for one in found] == [THIRD]
