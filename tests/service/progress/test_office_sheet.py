"""A workbook whose rows are written whole is what another reader makes of it."""

import io
from decimal import Decimal

import pytest
import python_calamine

from service.progress.office_sheet import OfficeSheet, OfficeTable, row_height

TABLE = OfficeTable("测试表", "测试", (("文字", 10), ("数", 8), ("空", 4), ("备注", 6)), 2, (0, 1, 2))
NASTY = [
    "=1+1",
    "@cmd",
    "<b>&amp;</b>",
    "  前后空格  ",
    "两\n行",
    "a\"b'c",
    "_x0041_",
    "𠮷野家😀",
    "0" * 18,
    "x" * 40_000,
]


def read(*rows):
    file = io.BytesIO()
    sheet = OfficeSheet(file, TABLE, left="填报单位：某办", right="填报日期：今日")
    for row in rows:
        sheet.add(row)
    sheet.close(("", f"{sheet.rows} 条记录"))
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue()))
    return book.get_sheet_by_index(0).to_python()


@pytest.mark.parametrize("text", NASTY)
def test_a_text_stays_what_it_is(text):
    assert read((text, None, "", "x"))[3][1] == text[:32_767]


@pytest.mark.parametrize("number", [0, 7, -3, Decimal("0.1"), Decimal("120000.5"), Decimal("1E+3")])
def test_a_number_stays_a_number(number):
    assert read(("", number, None, ""))[3][2] == float(number)


def test_heads_rows_and_foot_stand_where_they_belong():
    rows = read(*((f"第{place}行", place, None, "") for place in range(1, 1201)))
    assert rows[0][0] == "测试表"
    assert (rows[1][0], rows[1][2]) == ("填报单位：某办", "填报日期：今日")
    assert rows[2] == ["序号", "文字", "数", "空", "备注"]
    assert [row[0] for row in rows[3:1203]] == [float(place) for place in range(1, 1201)]
    assert rows[1202][1] == "第1200行"
    assert rows[1203][:3] == ["合计", "", "1200 条记录"]
    assert rows[1204][:3] == ["填表人：", "审核人：", "联系电话："]


def test_an_empty_table_has_its_heads_and_its_foot():
    rows = read()
    assert rows[2][0] == "序号"
    assert rows[3][:3] == ["合计", "", "0 条记录"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", 1),
        ("短", 1),
        ("介绍园区产业", 2),
        ("a" * 9, 1),
        ("a" * 10, 2),
        ("一\n二\n三", 3),
        ("x" * 9999, 27),
    ],
)
def test_a_row_is_as_high_as_its_longest_text(text, lines):
    assert row_height([text, ""], [10, 4]) == min(lines * 15 + 4, 409)
