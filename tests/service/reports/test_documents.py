import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from math import ceil
from zipfile import ZipFile

import docx
import pytest
import python_calamine
from docx.oxml.ns import qn

from service.reports.chat_text import chat_text
from service.reports.document import Column, Document, Heading, Paragraph, RedHead, Table
from service.reports.sheet import write_tables
from service.reports.word import word_file

TABLE = Table(
    "各单位完成情况表",
    (
        Column("序号", is_number=True),
        Column("单位", width=4),
        Column("工作目标", is_number=True, group="千家", width=2),
        Column("完成率", is_number=True, group="千家", width=2),
    ),
    (("1", "东昌府区", "85", "49.41%"), ("2", "=莘县", "—", "—")),
    note="单位：家",
    total=("", "合计", "85", "49.41%"),
)
NOTICE = Document(
    "关于2026年11月上半月登门招商“千百工程”进展情况的通报",
    (Heading("一、总体情况"), Paragraph("累计走访412家。"), Heading("（一）分单位", 2), TABLE),
    recipient="各县（市、区）人民政府",
    signer="聊城市双招双引办公室",
    dated=date(2026, 11, 16),
    number="聊双招双引办〔2026〕22号",
)


def word_of(document):
    return docx.Document(BytesIO(word_file(document)))


def sheet_of(document):
    file = BytesIO()
    write_tables(document, file)
    return python_calamine.CalamineWorkbook.from_filelike(BytesIO(file.getvalue()))


def test_it_keeps_the_margins_and_the_grid_of_the_standard():
    section = word_of(NOTICE).sections[0]
    sides = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(side.mm) for side in sides] == [37, 35, 28, 26]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    grids = section._sectPr.findall(qn("w:docGrid"))
    assert [
        (grid.get(qn("w:type")), grid.get(qn("w:linePitch")), grid.get(qn("w:charSpace"))) for grid in grids
    ] == [("linesAndChars", "580", "-848")]


def test_it_names_its_fonts_for_latin_and_chinese_alike():
    runs = [run for paragraph in word_of(NOTICE).paragraphs for run in paragraph.runs if run.text.strip()]
    fonts = {
        run.text: {run._r.rPr.rFonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "eastAsia")}
        for run in runs
    }
    assert fonts[NOTICE.title] == {"方正小标宋简体"}
    assert fonts["一、总体情况"] == {"黑体"}
    assert fonts["（一）分单位"] == {"楷体_GB2312"}
    assert fonts["累计走访412家。"] == {"仿宋_GB2312"}
    assert all(len(names) == 1 and None not in names for names in fonts.values())


def test_it_says_everything_in_the_order_of_a_notice():
    texts = [paragraph.text for paragraph in word_of(NOTICE).paragraphs if paragraph.text]
    assert texts == [
        NOTICE.title,
        "聊双招双引办〔2026〕22号",
        "各县（市、区）人民政府：",
        "一、总体情况",
        "累计走访412家。",
        "（一）分单位",
        "各单位完成情况表",
        "单位：家",
        "聊城市双招双引办公室",
        "2026年11月16日",
    ]


def test_it_shares_the_heads_of_a_group_and_repeats_them_on_each_page():
    grid = word_of(NOTICE).tables[0]
    assert [cell.text for cell in grid.rows[0].cells] == ["序号", "单位", "千家", "千家"]
    assert [cell.text for cell in grid.rows[1].cells] == ["序号", "单位", "工作目标", "完成率"]
    assert [cell.text for cell in grid.rows[-1].cells] == list(TABLE.total)
    repeated = [
        row._tr.trPr is not None and row._tr.trPr.find(qn("w:tblHeader")) is not None for row in grid.rows
    ]
    assert repeated == [True, True, False, False, False]


def test_it_numbers_pages_outside():
    word = word_of(NOTICE)
    section = word.sections[0]
    assert word.settings.odd_and_even_pages_header_footer is True
    assert [foot.paragraphs[0].alignment.name for foot in (section.footer, section.even_page_footer)] == [
        "RIGHT",
        "LEFT",
    ]
    assert " PAGE " in section.footer._element.xml


@pytest.mark.parametrize(
    ("issuer", "points"), [("双招双引办公室文件", 36), ("聊城市双招双引工作领导小组办公室文件", 24)]
)
def test_it_fits_a_red_head_into_one_line(issuer, points):
    word = word_of(Document("标题", (), red_head=RedHead(issuer, "双招双引办〔2026〕1号")))
    run = word.paragraphs[0].runs[0]
    assert run.text == issuer
    assert str(run.font.color.rgb) == "C00000"
    assert run.font.size.pt == points


def test_it_has_no_red_head_unless_one_is_asked_for():
    assert "C00000" not in word_of(NOTICE).element.xml


def test_it_writes_figures_as_numbers_and_texts_as_texts():
    rows = sheet_of(NOTICE).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "各单位完成情况表"
    assert rows[2][:4] == ["序号", "单位", "千家", ""]
    assert rows[4] == [1.0, "东昌府区", 85.0, 0.4941]
    assert rows[5] == [2.0, "=莘县", "—", "—"]
    assert rows[7][0] == "填表人："


@pytest.mark.parametrize("characters", [2, 100, 300])
def test_it_gives_the_lines_above_a_table_the_height_they_need(characters):
    """A landscape A4 page holds at most 78 Chinese characters of 10 points in a line, 43 of 18."""
    table = replace(TABLE, note="注" * characters, title="题" * characters)
    file = BytesIO()
    write_tables(replace(NOTICE, blocks=(table,), mark="（草稿，未经签发）"), file)
    with ZipFile(file) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    title, note = (float(height) for height in re.findall(r'<row r="[12]" .*?ht="([\d.]+)"', sheet))
    assert title >= 18 * 1.2 * ceil(characters / 43)
    assert note >= 10 * 1.2 * (1 + ceil(characters / 78))


def test_a_line_of_a_chat_names_each_group_once_and_puts_remarks_last():
    table = Table(
        "表",
        (
            Column("序号", is_number=True),
            Column("组别"),
            Column("单位"),
            Column("走访家次", is_number=True, group="走访"),
            Column("近七日", is_number=True, group="走访"),
            Column("外出", is_number=True, group="活动"),
            Column("备注"),
        ),
        (("1", "—", "莘县", "4", "2", "0", "未外出"), ("2", "县", "冠县", "1", "0", "3", "")),
    )
    assert chat_text(Document("题", (table,))).splitlines()[2:] == [
        "1. 莘县：走访家次4、近七日2；活动外出0（未外出）",
        "2. 县 冠县：走访家次1、近七日0；活动外出3",
    ]


def test_it_writes_a_chat_text_without_any_layout():
    assert chat_text(NOTICE).splitlines() == [
        f"【{NOTICE.title}】",
        "聊双招双引办〔2026〕22号",
        "各县（市、区）人民政府：",
        "一、总体情况",
        "累计走访412家。",
        "（一）分单位",
        "▍各单位完成情况表",
        "1. 东昌府区：千家工作目标85、完成率49.41%",
        "2. =莘县：千家工作目标—、完成率—",
        "合计：千家工作目标85、完成率49.41%",
        "聊城市双招双引办公室",
        "2026年11月16日",
    ]
