from datetime import date
from pathlib import Path

import pytest
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from service.reports.document import Column, Document, Heading, Paragraph, RedHead, Table
from service.reports.errors import NoGlyph
from service.reports.pdf import CHARACTERS, LINES, pdf_file
from service.reports.pdf_fonts import OUR_FONT, Role, fonts_of
from tests.support.office import demand_paper, read_paper

RARE = "龘"
"""In no font of the house."""


@pytest.fixture
def printed(tmp_path):
    demand_paper()

    def read(document, **how):
        file = tmp_path / "notice.pdf"
        file.write_bytes(pdf_file(document, **how))
        return read_paper(file)

    return read


def table(rows):
    columns = (
        Column("序号", is_number=True),
        Column("单位", width=4),
        Column("已核", is_number=True, group="千家"),
        Column("完成率", is_number=True, group="千家"),
    )
    return Table(
        "完成情况表",
        columns,
        tuple((str(place), "东昌府区", "12", "49.41%") for place in range(rows)),
        total=("", "合计", "85", "49.41%"),
    )


def font(folder: Path, name: str, text: str, *, embedding: int = 0) -> Path:
    """The house's font with these characters alone, under another name; one of them also stands for the rare one."""
    made = TTFont(OUR_FONT)
    options = Options()
    options.name_IDs = ["*"]
    subsetter = Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(made)
    for cmap in made["cmap"].tables:
        cmap.cmap[ord(RARE)] = cmap.cmap[ord(text[0])]
    made["name"].setName(name, 1, 3, 1, 0x409)
    made["OS/2"].fsType = embedding
    folder.mkdir(exist_ok=True)
    file = folder / f"{len(list(folder.iterdir()))}.otf"
    made.save(file)
    return file


def test_it_holds_22_lines_of_28_characters_on_a_page(printed):
    def notice(lines):
        # The title and the line below it take the room of three lines less a little.
        text = "访" * (CHARACTERS * lines - 2)
        return Document("题", (Paragraph(text),))

    room = LINES - 3
    assert printed(notice(room)).pages == 1
    assert printed(notice(room + 1)).pages == 2


def test_it_numbers_every_page(printed):
    paper = printed(Document("题", tuple(Paragraph("访" * 300) for _ in range(6))))
    assert paper.pages > 2
    assert [text[-3:] for text in paper.texts] == [f"—{page}—" for page in range(1, paper.pages + 1)]


def test_it_repeats_the_heads_of_a_table_on_each_page(printed):
    paper = printed(Document("题", (table(100),)))
    assert paper.pages > 2
    assert all("完成率" in text and "千家" in text for text in paper.texts)
    assert "合计" in paper.texts[-1]


def test_it_never_parts_a_heading_from_what_it_is_of(printed):
    for lines in range(14, 22):
        paragraphs = tuple(Paragraph("访") for _ in range(lines))
        paper = printed(Document("题", (*paragraphs, Heading("一、各单位情况"), table(3))))
        (page,) = [text for text in paper.texts if "各单位情况" in text]
        assert "完成情况表" in page


def test_it_never_signs_an_empty_page(printed):
    for lines in range(14, 22):
        paragraphs = tuple(Paragraph("访") for _ in range(lines))
        paper = printed(Document("题", paragraphs, signer="办公室", dated=date(2026, 11, 16)))
        (page,) = [text for text in paper.texts if "办公室" in text]
        assert page.startswith(("题", "访"))


def test_it_puts_a_red_head_only_where_it_is_asked_for(printed):
    notice = Document("题", (Paragraph("文"),), number="办〔2026〕22号")
    headed = Document("题", (Paragraph("文"),), red_head=RedHead("双招双引办公室文件", "办〔2026〕22号"))
    assert printed(headed).texts[0].startswith("双招双引办公室文件办〔2026〕22号题文")
    assert printed(notice).texts[0].startswith("题办〔2026〕22号文")


def test_it_refuses_a_character_that_no_font_has():
    with pytest.raises(NoGlyph) as refusal:
        pdf_file(Document("题", (Paragraph(f"{RARE}河集团"),)))
    assert RARE in str(refusal.value.details)


def test_it_finds_a_missing_character_in_a_table_too():
    rows = Table("表", (Column("单位"),), ((RARE,),))
    with pytest.raises(NoGlyph):
        pdf_file(Document("题", (rows,)))


def test_it_takes_what_one_font_lacks_from_another_of_the_folder(tmp_path, printed):
    folder = tmp_path / "fonts"
    font(folder, "仿宋_GB2312", "河集团")
    assert RARE in printed(Document("题", (Paragraph(f"{RARE}河集团"),)), fonts=folder).text


def test_it_sets_each_part_in_the_offices_own_font_where_it_is_there(tmp_path):
    folder = tmp_path / "fonts"
    file = font(folder, "仿宋_GB2312", "河集团")
    fonts = fonts_of(folder)
    assert fonts.face_of(Role.TEXT, "河").file == file
    assert fonts.face_of(Role.TEXT, "题").file == OUR_FONT
    assert fonts.face_of(Role.TITLE, "河").file == OUR_FONT


def test_it_does_not_embed_a_font_whose_maker_forbids_it(tmp_path):
    folder = tmp_path / "fonts"
    font(folder, "仿宋_GB2312", "河集团", embedding=0x0002)
    with pytest.raises(NoGlyph):
        pdf_file(Document("题", (Paragraph(RARE),)), fonts=folder)


def test_it_passes_over_a_broken_font(tmp_path):
    folder = tmp_path / "fonts"
    folder.mkdir()
    (folder / "broken.ttf").write_bytes(b"not a font")
    assert pdf_file(Document("题", ()), fonts=folder).startswith(b"%PDF")


def test_it_takes_line_ends_and_tabs_for_what_they_are(printed):
    paper = printed(Document("题", (Paragraph("第一行\n第二行\t续"),)))
    assert "第一行第二行续" in paper.text


def test_it_says_the_same_twice():
    notice = Document("题", (Paragraph("文"), table(3)), signer="办公室", dated=date(2026, 11, 16))
    assert pdf_file(notice) == pdf_file(notice)
