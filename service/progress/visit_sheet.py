"""The 台账 of visits as a spreadsheet with the office's headings (拜访企业明细表), written as it is read.

Rows go to the file while the database still sends them, so that memory does not grow with the city. Contacts are
masked, codes are text, and nothing a person typed is ever a formula.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

import sqlalchemy as sa
import xlsxwriter
from sqlalchemy.orm import Session
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from service.accounts.models import Unit
from service.audit import commands as audit
from service.enterprises.models import Enterprise, EnterpriseKind
from service.kernel.actor import Actor
from service.kernel.calendar import chinese_date, local_date
from service.kernel.clock import now
from service.programmes.models import Line
from service.visits.contacts import masked_phone, masked_text
from service.visits.models import Intention, Visit, VisitCredit
from service.visits.queries import VisitFilter, conditions

TITLE = "拜访企业明细表"
HEADINGS = (
    "序号",
    "单位",
    "拜访日期",
    "企业（机构）名称",
    "统一社会信用代码",
    "类型",
    "所属行业",
    "所在地",
    "对方接待人及职务",
    "我方带队",
    "洽谈内容",
    "投资意向",
    "下一步",
    "联系人（脱敏）",
)
_WIDTHS = (6, 16, 12, 28, 21, 14, 14, 14, 20, 16, 40, 10, 24, 20)
_INTENTIONS = {
    Intention.NONE: "暂无意向",
    Intention.INTERESTED: "有意向",
    Intention.NEGOTIATING: "在谈",
    Intention.AGREED: "已达成",
}
_AT_ONCE = 2_000
_LONGEST_CELL = 32_767
_LOOKS_LIKE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class SheetOrder:
    """Which visits, and who fills the table in (填报单位)."""

    visits: VisitFilter
    reporting_unit: str


@dataclass(frozen=True, slots=True)
class _Styles:
    title: Format
    note: Format
    head: Format
    cell: Format
    quoted: Format
    """Keeps a text that begins like a formula a text even when its cell is edited."""


def write_visit_sheet(session: Session, actor: Actor, order: SheetOrder, file: IO[bytes]) -> int:
    """Write the visits asked for within the actor's scope, oldest first; answers how many there were.

    Taking the table out is noted: it leaves the house.
    """
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("拜访明细")
    styles = _styles(book)
    _head(sheet, styles, order)
    rows, enterprises = _body(sheet, styles, _rows(session, actor, order.visits))
    _foot(sheet, styles, rows, enterprises)
    book.close()
    audit.record(session, actor, "visit.export", "visit_sheet", "xlsx", rows=rows, asked=_asked(order.visits))
    return rows


def _rows(session: Session, actor: Actor, what: VisitFilter) -> Iterator[sa.Row[*tuple[Any, ...]]]:
    hundred = sa.exists().where(
        VisitCredit.visit_id == Visit.id, VisitCredit.line == Line.HUNDRED, VisitCredit.own
    )
    statement = (
        sa.select(
            Visit.visited_on,
            Visit.hosts,
            Visit.led_by,
            Visit.summary,
            Visit.intention,
            Visit.next_step,
            Visit.next_on,
            Visit.free_enterprise,
            Visit.enterprise_id,
            Unit.name.label("unit"),
            Enterprise.name.label("enterprise"),
            Enterprise.credit_code,
            Enterprise.kind,
            Enterprise.well_known,
            Enterprise.industry,
            Enterprise.province,
            Enterprise.city,
            hundred.label("top500"),
        )
        .join(Unit, Unit.id == Visit.unit_id)
        .outerjoin(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(*conditions(actor, what))
        .order_by(Visit.visited_at, Visit.id)
    )
    yield from session.execute(statement, execution_options={"yield_per": _AT_ONCE})


def _styles(book: xlsxwriter.Workbook) -> _Styles:
    cell = {"border": 1, "valign": "vcenter", "text_wrap": True, "num_format": "@", "font_name": "宋体"}
    return _Styles(
        title=book.add_format({"bold": True, "font_size": 18, "align": "center", "valign": "vcenter"}),
        note=book.add_format({"align": "left", "valign": "vcenter"}),
        head=book.add_format({**cell, "bold": True, "align": "center"}),
        cell=book.add_format(cell),
        quoted=book.add_format({**cell, "quote_prefix": True}),
    )


def _head(sheet: Worksheet, styles: _Styles, order: SheetOrder) -> None:
    last = len(HEADINGS) - 1
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    sheet.freeze_panes(3, 0)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 32)
    sheet.merge_range(0, 0, 0, last, TITLE, styles.title)
    today = chinese_date(local_date(now()))
    sheet.merge_range(1, 0, 1, 6, f"填报单位：{order.reporting_unit}", styles.note)
    sheet.merge_range(1, 7, 1, last, f"填报日期：{today}{_period(order.visits)}", styles.note)
    for column, heading in enumerate(HEADINGS):
        sheet.write_string(2, column, heading, styles.head)


def _period(what: VisitFilter) -> str:
    first = what.from_on.isoformat() if what.from_on else ""
    until = what.until_on.isoformat() if what.until_on else ""
    return f"　　拜访日期：{first or '……'} 起，{until or '……'} 前" if first or until else ""


def _body(sheet: Worksheet, styles: _Styles, rows: Iterator[sa.Row[*tuple[Any, ...]]]) -> tuple[int, int]:
    count, enterprises = 0, set()
    for row in rows:
        count += 1
        enterprises.add(row.enterprise_id)
        sheet.write_number(count + 2, 0, count, styles.cell)
        for column, text in enumerate(_cells(row), 1):
            quoted = text.startswith(_LOOKS_LIKE_A_FORMULA)
            sheet.write_string(
                count + 2, column, text[:_LONGEST_CELL], styles.quoted if quoted else styles.cell
            )
    return count, len(enterprises - {None})


def _foot(sheet: Worksheet, styles: _Styles, rows: int, enterprises: int) -> None:
    line = rows + 3
    sheet.write_string(line, 0, "合计", styles.head)
    for column in range(1, len(HEADINGS)):
        sheet.write_string(line, column, "", styles.head)
    sheet.write_string(line, 2, f"{rows} 家次", styles.head)
    sheet.write_string(line, 3, f"{enterprises} 家（已匹配企业）", styles.head)
    sheet.write_string(line + 1, 0, "填表人：", styles.note)
    sheet.write_string(line + 1, 4, "审核人：", styles.note)
    sheet.write_string(line + 1, 9, "联系电话：", styles.note)


def _cells(row: sa.Row[*tuple[Any, ...]]) -> Sequence[str]:
    free: Mapping[str, Any] = row.free_enterprise or {}
    visited_on: date = row.visited_on
    return (
        row.unit,
        visited_on.isoformat(),
        row.enterprise or str(free.get("name") or ""),
        row.credit_code or str(free.get("credit_code") or ""),
        _kind(row),
        row.industry or "",
        _place(row.province, row.city) or str(free.get("city") or ""),
        "；".join(_person(host, "title") for host in row.hosts),
        _person(row.led_by, "rank") if row.led_by else "",
        masked_text(row.summary or ""),
        _INTENTIONS[row.intention] if row.intention else "",
        _next(row.next_step, row.next_on),
        "；".join(_contact(host) for host in row.hosts),
    )


def _kind(row: sa.Row[*tuple[Any, ...]]) -> str:
    if row.top500:
        return "三类500强"
    if row.kind is EnterpriseKind.ASSOCIATION:
        return "商协会"
    if row.well_known:
        return "知名企业"
    return "企业" if row.enterprise_id else "未匹配"


def _place(province: str | None, city: str | None) -> str:
    return " ".join(dict.fromkeys(part for part in (province, city) if part))


def _person(person: Mapping[str, Any], post: str) -> str:
    return " ".join(str(part) for part in (person.get("name"), person.get(post)) if part)


def _next(step: str | None, on: date | None) -> str:
    return "，".join(part for part in (on.isoformat() if on else "", masked_text(step or "")) if part)


def _contact(host: Mapping[str, Any]) -> str:
    """The surname and the masked number: who may know the person recognises them."""
    name, phone = str(host.get("name") or ""), str(host.get("phone") or "")
    return " ".join(part for part in (name[:1] + "*" * (len(name) - 1), masked_phone(phone)) if part)


def _asked(what: VisitFilter) -> dict[str, str]:
    named = {
        name: getattr(what, name) for name in ("unit_id", "visitor_id", "enterprise_id", "chain", "state")
    }
    told = {name: str(value) for name, value in named.items() if value is not None}
    if what.from_on:
        told["from"] = what.from_on.isoformat()
    if what.until_on:
        told["until"] = what.until_on.isoformat()
    if what.records:
        told["records"] = repr(what.records)
    return told
