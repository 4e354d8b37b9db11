"""What comes beside a body: headers, query strings, paths, file names and files."""

import io
import zipfile

import pytest

from tests.hostile.attack import SHARE
from tests.hostile.contract import WRITES, Route, document, routes, write_routes
from tests.hostile.naughty import HEADER_VALUES, TEXTS

pytestmark = pytest.mark.slow

HEADERS = (
    "Authorization",
    "Accept",
    "Accept-Language",
    "Content-Encoding",
    "Content-MD5",
    "Content-Type",
    "Cookie",
    "Host",
    "If-Match",
    "If-None-Match",
    "If-Modified-Since",
    "Range",
    "User-Agent",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-HTTP-Method-Override",
    "X-Request-Id",
)
DOORS = (
    Route("PUT", "/api/v1/visits/<uuid:visit_id>", None, takes_file=False),
    Route("GET", "/api/v1/visits/<uuid:visit_id>", None, takes_file=False),
    Route("PUT", "/api/v1/photos/<uuid:photo_id>/content", None, takes_file=False),
    Route("POST", "/api/hq/v1/reviews", None, takes_file=False),
)
# Werkzeug's form parser leaves its spooled file to the collector when a form breaks off; so do we.
leaves_files = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
READS = [route for route in routes() if route.method == "GET"]
FILES = [route for route in write_routes() if route.takes_file and route.method == "POST"]
SPEAKABLE = [text for text in TEXTS if len(text) < 3000]


@pytest.mark.parametrize("route", DOORS, ids=str)
@pytest.mark.parametrize("header", HEADERS)
def test_it_survives_naughty_headers(attack, route, header):
    sent = {"data": b'{"mode":"by magic"}'} if route.method in WRITES else {}
    for value in _share(HEADER_VALUES, len(header), 1 if SHARE == 1 else 3):
        attack.send(route, headers={"Content-Type": "application/json", header: value}, **sent)


@pytest.mark.parametrize("route", READS, ids=str)
def test_it_survives_naughty_query_strings(attack, route):
    for number, name in enumerate([*_parameters(route), "nobody_asked"]):
        for value in _share([*SPEAKABLE, *HEADER_VALUES], number, SHARE * 2):
            attack.send(route, query_string={name: value})
        attack.send(route, query_string=[(name, "1"), (name, "2")])
    for raw in ("%", "%zz", "%00", "a=%ff%fe", "&&&", "=", "cursor=", "limit=1&limit=2", "[]=1", "a" * 4000):
        attack.send(route, path=f"{route.path(attack.town.ids)}?{raw}")


@pytest.mark.parametrize("route", [one for one in routes() if "<" in one.rule], ids=str)
def test_it_survives_naughty_paths(attack, route):
    for step in ("null", "0", "..", "%2e%2e%2f", "%00", "%ff", "{}", "聊城", "a" * 300, "';--", "<script>"):
        attack.send(route, path=_with_step(route, step))


@leaves_files
@pytest.mark.parametrize("route", FILES, ids=str)
def test_it_survives_naughty_file_names_and_files(attack, route):
    for text in _share(SPEAKABLE, 0, max(1, SHARE // 4)):
        file = (io.BytesIO("企业名称,统一社会信用代码\n某公司,\n".encode()), text)
        attack.send(route, data={"file": file}, content_type="multipart/form-data")
    for name, content in hostile_files():
        file = (io.BytesIO(content), name)
        attack.send(route, data={"file": file}, content_type="multipart/form-data")


@leaves_files
@pytest.mark.parametrize("route", FILES, ids=str)
def test_it_survives_forms_that_are_none(attack, route):
    boundary = "multipart/form-data; boundary=b"
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    for content_type, content in (
        (boundary, b""),
        (boundary, b"--b"),
        (boundary, part),
        (boundary, part + b"a,b"),
        (boundary, part * 1200 + b"--b--\r\n"),
        (boundary, b"--b\r\n" + b"X: y\r\n" * 3000 + b"\r\n\r\n--b--\r\n"),
        (boundary, part.replace(b"a.csv", b"\xff\xfe\x00.csv") + b"a\r\n--b--\r\n"),
        (boundary, part.replace(b'name="file"', b"name=file*=utf-8''%ff") + b"a\r\n--b--\r\n"),
        ("multipart/form-data", part + b"--b--"),
        ("multipart/form-data; boundary=", part + b"--b--"),
        ("application/x-www-form-urlencoded", b"file=a&" * 3000),
        ("application/octet-stream", bytes(range(256)) * 64),
        ("text/csv", "企业名称\n某公司\n".encode()),
        ("application/json", b"{}"),
    ):
        attack.send(route, data=content, content_type=content_type)


def hostile_files():
    """Tables as no office has them."""
    yield from (
        ("empty.csv", b""),
        ("bom.csv", b"\xef\xbb\xbf"),
        ("nul.csv", b"\x00" * 4096),
        ("bytes.csv", bytes(range(256)) * 16),
        ("unclosed.csv", b'name\n"' + b"a" * 100_000),
        ("wide.csv", b"," * 100_000),
        ("long.csv", "企业名称\n".encode() + "某公司\n".encode() * 20_000),
        ("one_line.csv", "企业名称".encode() * 50_000),
        ("utf16.csv", "企业名称\n某公司\n".encode("utf-16")),
        ("formula.csv", '企业名称\n"=HYPERLINK(""http://127.0.0.1"")"\n@SUM(1)\n'.encode()),
        ("broken.xlsx", b"PK\x03\x04" + b"\x00" * 200),
        ("text.xlsx", b"not a workbook"),
        ("html.xls", b"<html><table><tr><td>a</td></tr></table></html>"),
        ("ole.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600),
        ("picture.xlsx", b"\xff\xd8\xff\xe0\x00\x10JFIF"),
        ("empty_zip.xlsx", _zipped({})),
        ("no_sheet.xlsx", _zipped({"[Content_Types].xml": b"<Types/>"})),
        ("bomb.xlsx", _zipped({"xl/workbook.xml": b"\x00" * 20_000_000})),
        ("entities.xlsx", _zipped(_workbook(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'))),
        ("deep.xlsx", _zipped(_workbook(b"<a>" * 20_000))),
        ("traversal.xlsx", _zipped({"../../etc/passwd": b"x"})),
    )


def _workbook(sheet):
    return {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": sheet, "xl/worksheets/sheet1.xml": sheet}


def _zipped(members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def _parameters(route):
    template = "/".join(
        "{" + step.strip("<>").split(":")[-1] + "}" if step.startswith("<") else step
        for step in route.rule.split("/")
    )
    operation = document()["paths"][template]["get"]
    return [one["name"] for one in operation.get("parameters", []) if one.get("in") == "query"]


def _with_step(route, step):
    steps = route.rule.split("/")
    last = max(index for index, one in enumerate(steps) if one.startswith("<"))
    return "/".join(step if index == last else _nobody(one) for index, one in enumerate(steps))


def _nobody(step):
    return "00000000-0000-0000-0000-000000000000" if step.startswith("<") else step


def _share(things, number, share):
    return [thing for index, thing in enumerate(things) if (index + number) % share == 0]
