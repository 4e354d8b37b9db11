from datetime import date
from io import BytesIO
from urllib.parse import unquote

import docx
import pytest
import python_calamine
import time_machine

from service.visits.ledger import recount
from tests.factories.problems import Called, add_problem
from tests.factories.sites import add_site
from tests.factories.visits import add_enterprise, add_visit

ORDER = {"kind": "half_month", "on": "2026-11-10"}


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-21T04:00:00+00:00", tick=False):
        yield


@pytest.fixture
def visited(session, world):
    for person, name, day in ((world.field1, "浪潮集团有限公司", 3), (world.field2, "鲁西集团有限公司", 4)):
        visit = add_visit(session, person, add_enterprise(session, name), date(2026, 11, day))
        recount(session, [visit.id])
    session.commit()


@pytest.fixture
def draft(client, world, visited):
    answer = client.as_(world.hq1).post("/api/hq/v1/reports", json=ORDER)
    assert answer.status_code == 201
    return answer.json


def sign(client, who, draft):
    return client.as_(who).post(f"/api/hq/v1/reports/{draft['id']}/signature", json={"rev": draft["rev"]})


@pytest.mark.parametrize("who", ["field1", "unit1", "commissioner1"])
def test_it_shows_no_report_to_people_of_a_unit(client, world, draft, who):
    other = client.as_(getattr(world, who))
    assert other.get("/api/hq/v1/reports").status_code == 403
    assert other.get(f"/api/hq/v1/reports/{draft['id']}").status_code == 403


def test_it_lets_a_leader_read_and_not_write(client, world, draft):
    leader = client.as_(world.leader1)
    assert leader.get(f"/api/hq/v1/reports/{draft['id']}").status_code == 200
    assert leader.post("/api/hq/v1/reports", json=ORDER | {"kind": "weekly"}).status_code == 403


def test_it_opens_the_records_behind_each_figure(client, world, draft):
    fact = draft["figures"]["facts"]["thousand.new"]
    assert fact["shown"] == "2"
    records = client.as_(world.hq1).get(fact["url"]).json["items"]
    assert len(records) == 2
    cells = [cell for row in draft["figures"]["tables"]["units"]["rows"] for cell in row if cell.get("url")]
    counts = [cell for cell in cells if not cell.keys() & {"made_of", "because"}]
    assert counts
    for cell in counts:
        assert str(len(client.as_(world.hq1).get(cell["url"]).json["items"])) == cell["shown"]


def test_it_shows_the_text_as_kept_and_as_it_reads(draft):
    block = draft["text"][1]
    assert "{thousand.counted}家" in block["text"]
    assert "走访知名企业、商协会2家" in block["reads"]


def test_it_refuses_a_figure_that_is_not_there_and_changes_nothing(client, world, draft):
    path = f"/api/hq/v1/reports/{draft['id']}"
    text = [{"kind": "paragraph", "text": "{thousand.invented}"}]
    answer = client.as_(world.hq1).patch(path, json={"rev": draft["rev"], "text": text})
    assert (answer.status_code, answer.json["code"]) == (422, "bad_text")
    assert client.as_(world.hq1).get(path).json["text"] == draft["text"]


@pytest.mark.parametrize("block", [{"kind": "table"}, {"kind": "heading"}, {"kind": "poem", "text": "x"}])
def test_it_refuses_a_block_without_what_its_kind_has(client, world, draft, block):
    path = f"/api/hq/v1/reports/{draft['id']}"
    answer = client.as_(world.hq1).patch(path, json={"rev": draft["rev"], "text": [block]})
    assert answer.status_code == 422


def test_it_signs_numbers_and_corrects(client, world, draft):
    signed = sign(client, world.hq1, draft).json
    assert (signed["state"], signed["reference"]) == ("signed", "双招双引办〔2026〕1号")
    path = f"/api/hq/v1/reports/{draft['id']}/correction"
    correction = client.as_(world.hq1).post(path, json={"reason": "漏计一家"})
    assert correction.status_code == 201
    assert correction.json["comparison"]["reference"] == signed["reference"]
    assert sign(client, world.hq1, correction.json).json["reference"] == "双招双引办〔2026〕2号"
    listed = client.as_(world.hq1).get("/api/hq/v1/reports?kind=half_month").json["items"]
    assert {one["id"]: one["state"] for one in listed} == {
        draft["id"]: "superseded",
        correction.json["id"]: "signed",
    }


def test_it_lets_one_issue_of_a_period_stand(client, world, draft):
    signed = sign(client, world.hq1, draft).json
    answer = client.as_(world.hq1).post("/api/hq/v1/reports", json=ORDER)
    assert (answer.status_code, answer.json["code"], answer.json["signed"]) == (
        409,
        "issue_signed",
        signed["id"],
    )
    assert signed["reference"] in answer.json["detail"]


def test_it_pages_its_list(client, world, draft):
    client.as_(world.hq1).post("/api/hq/v1/reports", json=ORDER | {"kind": "weekly"})
    first = client.as_(world.hq1).get("/api/hq/v1/reports?limit=1").json
    second = client.as_(world.hq1).get(f"/api/hq/v1/reports?limit=1&cursor={first['next_cursor']}").json
    assert {first["items"][0]["kind"], second["items"][0]["kind"]} == {"weekly", "half_month"}
    assert second["next_cursor"] is None


def test_it_gives_a_word_document_that_says_it_is_a_draft(client, world, draft):
    answer = client.as_(world.hq1).get(f"/api/hq/v1/reports/{draft['id']}/document.docx")
    assert "草稿" in unquote(answer.headers["Content-Disposition"])
    word = docx.Document(BytesIO(answer.data))
    assert word.paragraphs[0].text.endswith("（草稿，未经签发）")
    assert len(word.tables) == 2


def test_it_gives_the_signed_document_with_number_and_date(client, world, draft):
    sign(client, world.hq1, draft)
    answer = client.as_(world.leader1).get(f"/api/hq/v1/reports/{draft['id']}/document.docx?red_head=true")
    texts = [paragraph.text for paragraph in docx.Document(BytesIO(answer.data)).paragraphs]
    assert "双招双引办〔2026〕1号" in texts
    assert "2026年11月21日" in texts


def test_it_gives_a_pdf_to_whoever_only_reads(client, world, draft):
    answer = client.as_(world.leader1).get(f"/api/hq/v1/reports/{draft['id']}/document.pdf?red_head=true")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert unquote(answer.headers["Content-Disposition"]).endswith("（草稿）.pdf")


def test_it_refuses_a_pdf_with_a_character_that_no_font_has(client, world, draft):
    path = f"/api/hq/v1/reports/{draft['id']}"
    client.as_(world.hq1).patch(path, json={"rev": draft["rev"], "title": "龘企业通报"})
    answer = client.as_(world.hq1).get(f"{path}/document.pdf")
    assert (answer.status_code, answer.json["code"]) == (409, "no_glyph")
    assert "龘" in answer.json["detail"]
    assert client.as_(world.hq1).get(f"{path}/document.docx").status_code == 200


def test_it_gives_the_same_figures_as_a_workbook(client, world, draft):
    answer = client.as_(world.hq1).get(f"/api/hq/v1/reports/{draft['id']}/tables.xlsx")
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(answer.data))
    assert book.sheet_names == ["目标完成情况表", "各单位完成情况表"]
    rows = book.get_sheet_by_name("各单位完成情况表").to_python()
    assert rows[1][0].splitlines()[0].endswith("填报日期：2026年11月21日（草稿，未经签发）")
    names = [row[1] for row in rows[4:] if row[1]]
    assert world.linqing.name in names
    kept = draft["figures"]["tables"]["units"]["rows"]
    assert len(names) == len(kept)


def test_it_dates_the_workbook_of_a_signed_report_by_its_signature(client, world, draft):
    with time_machine.travel("2026-11-23T04:00:00+00:00", tick=False):
        sign(client, world.hq1, draft)
        answer = client.as_(world.hq1).get(f"/api/hq/v1/reports/{draft['id']}/tables.xlsx")
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(answer.data))
    head = book.get_sheet_by_name("各单位完成情况表").to_python()[1][0]
    assert head.splitlines()[0].endswith("填报日期：2026年11月23日")


def test_it_gives_plain_text_for_a_chat(client, world, draft):
    answer = client.as_(world.hq1).get(f"/api/hq/v1/reports/{draft['id']}/text.txt")
    assert answer.mimetype == "text/plain"
    assert "走访知名企业、商协会2家" in answer.get_data(as_text=True)


def test_it_discards_a_draft_and_lets_a_new_one_be_made(client, world, draft):
    hq = client.as_(world.hq1)
    assert hq.delete(f"/api/hq/v1/reports/{draft['id']}").json["state"] == "discarded"
    assert hq.post("/api/hq/v1/reports", json=ORDER).status_code == 201


def test_it_opens_the_problems_behind_each_figure_of_the_monthly_inspection(client, world, session):
    site = add_site(session, world.dongchangfu)
    for day in (2, 20):
        add_problem(session, world.commissioner1, site, date(2026, 10, day), [Called(world.department)])
    session.commit()
    order = {"kind": "monthly_inspection", "on": "2026-10-10"}
    hq = client.as_(world.hq1)
    figures = hq.post("/api/hq/v1/reports", json=order).json["figures"]
    rows = [row[2:-1] for row in figures["tables"]["issues"]["rows"]]
    named = [fact for name, fact in figures["facts"].items() if name.startswith("issues.") and fact["url"]]
    counts = [one for one in (*named, *(cell for row in rows for cell in row)) if one["shown"].isdigit()]
    assert len(counts) > 20
    for one in counts:
        assert len(hq.get(one["url"]).json["items"]) == int(one["shown"]), one
