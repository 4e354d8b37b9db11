"""Everything that leaves the house for an office is opened by LibreOffice, printed, and looked at."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
import time_machine

from service.boards import commands as boards
from service.boards.commands import NewBoard
from service.boards.rules import BoardRules, Measured, Source
from service.evidence import inspections
from service.evidence.inspections import NewInspection
from service.http.codes import SHEET_LABELS
from service.progress.visit_sheet import SheetOrder, write_visit_sheet
from service.reports import commands, events
from service.reports.assembly import document_of
from service.reports.chat_text import chat_text
from service.reports.commands import Order
from service.reports.document import tables_of
from service.reports.events import NewEvent
from service.reports.models import ReportKind
from service.reports.pdf import pdf_file
from service.reports.sheet import write_tables
from service.reports.trip_sheet import take_out_trip_sheet
from service.reports.word import word_file
from service.trips.queries import TripFilter
from service.visits.ledger import recount
from service.visits.queries import VisitFilter
from tests.factories.trips import add_trip
from tests.factories.visits import add_enterprise, add_visit
from tests.support.office import demand_office, printed, read_paper

pytestmark = pytest.mark.slow
OFFICE = "聊城市双招双引办公室"
LEAST_DARK, MOST_DARK = 0.002, 0.35
"""Of a page: the last one may hold a line or two, and none is ever black."""
THIRD = (date(2026, 7, 1), date(2026, 10, 1))


@pytest.fixture(autouse=True)
def clock():
    demand_office()
    with time_machine.travel("2026-11-21T04:00:00+00:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def year(session, world, clock):
    """A year with something for every kind of report to tell."""
    for place in range(12):
        person = (world.field1, world.field2)[place % 2]
        enterprise = add_enterprise(session, f"第{place}高端装备制造集团股份有限公司")
        made = add_visit(session, person, enterprise, date(2026, 1 + place % 11, 4 + place))
        recount(session, [made.id])
    add_trip(session, world.field1, date(2026, 5, 6), date(2026, 5, 8))
    inspections.draw_inspection(session, world.inspector1, NewInspection(date(2026, 10, 1), 3, 2))
    measured = tuple(
        Measured(f"i{place}", name, source, Decimal(25))
        for place, (name, source) in enumerate(
            (
                ("新增千家", Source.THOUSAND_NEW),
                ("新增百家", Source.HUNDRED_NEW),
                ("登门走访", Source.VISITS),
                ("实际到位资金", Source.MANUAL),
            )
        )
    )
    rules = BoardRules(measured, publicity_days=1)
    board = boards.make_board(
        session, world.hq1, NewBoard("综合榜", "综合榜", world.programme.id, *THIRD, rules)
    )
    for step in (boards.freeze, boards.post):
        step(session, world.hq1, board.id)
    clock.shift(2 * 86400)
    boards.publish(session, world.hq1, board.id)
    new = NewEvent(world.programme.id, "产业招商大会", date(2026, 11, 1), date(2026, 12, 20))
    return events.make_event(session, world.hq1, new)


@pytest.fixture
def documents(session, world, year):
    """One document of every kind of report; the monthly one with a red head."""
    on = {ReportKind.QUARTERLY_BOARD: date(2026, 9, 30), ReportKind.HALF_YEAR: date(2026, 6, 30)}
    made = {}
    for kind in ReportKind:
        event_id = year.id if kind is ReportKind.EVENT_COUNTDOWN else None
        order = Order(
            kind,
            on.get(kind, date(2026, 10, 31) if event_id is None else date(2026, 11, 22)),
            event_id=event_id,
        )
        report = commands.draft_report(session, world.hq1, order)
        made[kind] = document_of(report, office=OFFICE, red_head=kind is ReportKind.MONTHLY)
    return made


def workbook(write):
    file = BytesIO()
    write(file)
    return file.getvalue()


def without_blanks(text):
    return "".join(text.split())


def look(papers):
    """Which pages are blank, or black."""
    return {
        name: paper.dark
        for name, paper in papers.items()
        if not all(LEAST_DARK < share < MOST_DARK for share in paper.dark)
    }


def test_it_prints_every_kind_of_report_from_word(documents, tmp_path):
    papers = printed({f"{kind}.docx": word_file(one) for kind, one in documents.items()}, tmp_path)
    assert look(papers) == {}
    for kind, one in documents.items():
        paper = papers[f"{kind}.docx"]
        assert without_blanks(one.title) in paper.text
        assert all(without_blanks(table.title) in paper.text for table in tables_of(one))
        assert paper.pages <= 6


def test_it_prints_every_workbook_one_page_wide(session, world, documents, tmp_path):
    books = {
        f"{kind}.xlsx": workbook(lambda file, one=one: write_tables(one, file))
        for kind, one in documents.items()
    }
    trips = take_out_trip_sheet(
        session,
        world.hq1,
        TripFilter(from_on=date(2026, 1, 1), until_on=date(2027, 1, 1)),
        signer=OFFICE,
    )
    books["trips.xlsx"] = workbook(lambda file: write_tables(trips, file))
    order = SheetOrder(VisitFilter(), OFFICE, SHEET_LABELS)
    books["visits.xlsx"] = workbook(lambda file: write_visit_sheet(session, world.hq1, order, file))
    papers = printed(books, tmp_path)
    assert look(papers) == {}
    for kind, one in documents.items():
        paper = papers[f"{kind}.xlsx"]
        assert all(without_blanks(table.title) in paper.text for table in tables_of(one))
        assert paper.pages == len(tables_of(one))
    assert "外出招商统计表" in papers["trips.xlsx"].text
    assert "东昌府区" in papers["visits.xlsx"].text


def test_it_shows_every_character_as_pdf(documents, tmp_path):
    for kind, one in documents.items():
        file = tmp_path / f"{kind}.pdf"
        file.write_bytes(pdf_file(one))
        paper = read_paper(file)
        assert look({kind: paper}) == {}
        assert without_blanks(one.title) in paper.text
        assert set(without_blanks(chat_text(one))) - set("【】▍：；、（）.") <= set(paper.text)
