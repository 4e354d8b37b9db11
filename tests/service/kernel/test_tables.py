import io
import zipfile

import pytest

from service.kernel.errors import TooLarge
from service.kernel.sheets import NotATable, UnknownEncoding
from service.kernel.tables import TooManyRows, read_table
from tests.support.sheets import csv_of, sheet_of, workbook

ROWS = [["企业名称", "城市"], ["东阿阿胶股份有限公司", "聊城"], ["鲁西化工集团股份有限公司", "聊城"]]


def cells(table):
    return [list(row.cells) for row in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_it_reads_a_csv_in_the_encodings_of_offices(encoding):
    table = read_table("a.csv", csv_of(ROWS, encoding))
    assert table.header == ("企业名称", "城市")
    assert cells(table) == ROWS[1:]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_it_finds_the_delimiter(delimiter):
    raw = "\n".join(delimiter.join(row) for row in ROWS).encode()
    assert cells(read_table("a.csv", raw)) == ROWS[1:]


def test_it_counts_lines_as_they_stand_in_the_file():
    raw = '标题\n\n企业名称,城市\n甲公司,"聊\n城"\n乙公司,济南\n'.encode()
    assert [row.line_no for row in read_table("a.csv", raw).rows] == [4, 6]


def test_it_passes_over_title_and_reporting_unit():
    rows = [
        ["目标企业情况统计表", "", "", ""],
        ["填报单位：招商局", "", "", "单位：万元"],
        ["序号", "企业名称", "城市", "营业收入"],
        ["1", "甲公司", "聊城", "12000"],
        ["2", "乙公司", "济南", ""],
    ]
    for raw in (csv_of(rows), sheet_of(rows)):
        table = read_table("a", raw)
        assert table.header == ("序号", "企业名称", "城市", "营业收入")
        assert cells(table) == rows[3:]
        assert [row.line_no for row in table.rows] == [4, 5]


def test_it_joins_a_header_of_two_levels_with_merged_cells():
    def fill(sheet):
        sheet.merge_range("A1:E1", "企业联系表")
        sheet.merge_range("A2:A3", "企业名称")
        sheet.merge_range("B2:C2", "联系人")
        sheet.write_row("B3", ["姓名", "电话"])
        sheet.merge_range("D2:D3", "地址")
        sheet.write("E2", "备注")
        sheet.write_row("A4", ["甲公司", "张三", 13800000000, "聊城"])

    table = read_table("a.xlsx", workbook(fill))
    assert table.header == ("企业名称", "联系人 / 姓名", "联系人 / 电话", "地址", "备注")
    assert cells(table) == [["甲公司", "张三", "13800000000", "聊城", ""]]


def test_it_joins_a_header_of_two_levels_in_a_csv():
    rows = [["企业名称", "联系人", "", "地址"], ["", "姓名", "电话", ""], ["甲公司", "张三", "138", "聊城"]]
    assert read_table("a.csv", csv_of(rows)).header == ("企业名称", "联系人 / 姓名", "联系人 / 电话", "地址")


def test_it_repeats_a_cell_that_is_merged_over_rows():
    def fill(sheet):
        sheet.write_row("A1", ["组别", "企业名称"])
        sheet.merge_range("A2:A3", "一组")
        sheet.write("B2", "甲公司")
        sheet.write("B3", "乙公司")

    assert cells(read_table("a.xlsx", workbook(fill))) == [["一组", "甲公司"], ["一组", "乙公司"]]


def test_it_finds_the_header_by_the_headings_it_is_told():
    rows = [["甲", "乙", "丙"], ["", "单位名称", ""], ["", "甲公司", ""]]
    table = read_table("a.csv", csv_of(rows), headings=["单位名称"])
    assert [row.cells[1] for row in table.rows] == ["甲公司"]


def test_it_reads_a_table_of_one_column():
    assert cells(read_table("a.csv", "企业名称\n甲公司\n乙公司\n".encode())) == [["甲公司"], ["乙公司"]]


def test_it_shows_numbers_without_powers_of_ten_and_tells_which_lost_digits():
    raw = sheet_of(
        [["名称", "代码", "金额"], ["甲", 913715003261669244, 1.25], ["乙", "913715003261669244", 2e9]]
    )
    first, second = read_table("a.xlsx", raw).rows
    assert first.cells == ("甲", "913715003261669000", "1.25")
    assert first.damaged == {1}
    assert second.cells == ("乙", "913715003261669244", "2000000000")
    assert not second.damaged


def test_it_tells_of_codes_that_a_csv_keeps_as_powers_of_ten():
    (row,) = read_table("a.csv", csv_of([["名称", "代码"], ["甲", "9.13715E+17"]])).rows
    assert row.damaged == {1}


def test_it_replaces_characters_that_cannot_be_kept():
    (row,) = read_table("a.csv", "名称,城市\n甲\x0b公司,聊城\n".encode()).rows
    assert row.cells == ("甲 公司", "聊城")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"  \n\n",
        b"\x00\x01\x02binary\x00",
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
        b"PK\x03\x04 not a package",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 not a compound file",
        b"<html><table><tr><td>a</td></tr></table></html>",
        '名称,城市\n"甲公司,聊城\n乙公司,济南\n'.encode(),
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\x00",
    ],
)
def test_it_refuses_what_is_no_table(raw):
    with pytest.raises(NotATable):
        read_table("x", raw)


def test_it_refuses_an_unknown_encoding():
    with pytest.raises(UnknownEncoding):
        read_table("x.csv", b"name,city\n\xff\xff\x81 ,\x80\n")


def test_it_refuses_a_package_that_holds_no_workbook():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("a.txt", "x")
    with pytest.raises(NotATable):
        read_table("a.xlsx", file.getvalue())


def test_it_refuses_a_workbook_that_names_its_last_cell():
    raw = workbook(lambda sheet: (sheet.write("A1", "名称"), sheet.write("XFD1048576", "x")))
    with pytest.raises(NotATable):
        read_table("bomb.xlsx", raw)


def test_it_refuses_a_package_that_unpacks_to_gigabytes():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for part in range(9):
            package.writestr(f"xl/worksheets/sheet{part}.xml", b" " * 32 * 1024 * 1024)
    with pytest.raises(TooLarge):
        read_table("bomb.xlsx", file.getvalue())


def test_it_refuses_more_rows_than_it_is_told():
    raw = csv_of([["名称", "城市"], *(["甲", "聊城"] for _ in range(11))])
    assert len(read_table("a.csv", raw, most_rows=11).rows) == 11
    with pytest.raises(TooManyRows):
        read_table("a.csv", raw, most_rows=10)


def test_it_reads_the_first_sheet_that_holds_a_table():
    import xlsxwriter

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    book.add_worksheet("空")
    book.add_worksheet("名单").write_column("A1", ["企业名称", "甲公司"])
    book.close()
    assert cells(read_table("a.xlsx", file.getvalue())) == [["甲公司"]]
