"""The apps come as they were built: the page for every route of theirs, files for files, and never one for the other."""

import gzip
import re
from dataclasses import replace

import pytest

from service.http.work import House, install
from service.settings import BaseMap
from tests.house.walls import ROOT

SCRIPT = b"console.info('a script that is worth packing')\n" * 100
PAGE = '<!doctype html><html lang="zh-CN"><div id="app"></div>'
IMMUTABLE = "public, max-age=31536000, immutable"


@pytest.fixture
def dist(tmp_path):
    """What a build leaves, with files of every kind."""
    folder = tmp_path / "dist"
    for app in ("m", "hq"):
        assets = folder / app / "assets"
        assets.mkdir(parents=True)
        (folder / app / "index.html").write_text(f"{PAGE}{app}")
        (assets / "index-CSObwPDN.js").write_bytes(SCRIPT)
        (assets / "vant-icon-B7fK.woff2").write_bytes(b"wOF2" + bytes(2000))
        (assets / "index-B0Qu.css").write_text("a { color: red }\n" * 200)
        (folder / app / ".hidden").write_text("not for anybody")
    (folder / "m" / "sw.js").write_bytes(b"self.addEventListener('fetch', () => undefined)")
    (folder / "m" / "manifest.webmanifest").write_text("{}")
    (folder / "secret.txt").write_text("outside")
    return folder


@pytest.fixture
def served(app, settings, sessions, store, dist):
    install(app, House(replace(settings, web_dist=dist), None, sessions, store))
    return app.test_client()


@pytest.mark.parametrize("app_name", ["m", "hq"])
@pytest.mark.parametrize("route", ["", "units", "visits/0190f3c0-0000-7000-8000-000000000001", "a/b/c/"])
def test_it_gives_the_page_for_every_route_of_the_app(served, app_name, route):
    answer = served.get(f"/{app_name}/{route}")
    assert answer.status_code == 200
    assert answer.get_data(as_text=True) == f"{PAGE}{app_name}"
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    ["assets/gone-CSObwPDN.js", "assets/gone", "assets/", "sw2.js", "icon.svg", "a/b.png", "index.htm"],
)
def test_it_gives_no_page_in_a_files_place(served, path):
    for app in ("m", "hq"):
        answer = served.get(f"/{app}/{path}")
        assert answer.status_code == 404, (app, path)
        assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "content_type", "kept"),
    [
        ("m/assets/index-CSObwPDN.js", "text/javascript; charset=utf-8", IMMUTABLE),
        ("m/assets/index-B0Qu.css", "text/css; charset=utf-8", IMMUTABLE),
        ("m/assets/vant-icon-B7fK.woff2", "font/woff2", IMMUTABLE),
        ("m/sw.js", "text/javascript; charset=utf-8", "no-cache"),
        ("m/manifest.webmanifest", "application/manifest+json; charset=utf-8", "no-cache"),
        ("hq/index.html", "text/html; charset=utf-8", "no-cache"),
    ],
)
def test_it_says_what_a_file_is_and_how_long_to_keep_it(served, path, content_type, kept):
    answer = served.get(f"/{path}")
    assert answer.status_code == 200
    assert answer.content_type == content_type
    assert answer.headers["Cache-Control"] == kept
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("app_name", ["m", "hq"])
def test_it_leads_to_the_app_without_naming_a_host(served, app_name):
    answer = served.get(f"/{app_name}")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/{app_name}/")


# packed


def test_it_packs_text_for_those_who_take_it(served):
    path = "/m/assets/index-CSObwPDN.js"
    packed = served.get(path, headers={"Accept-Encoding": "br, gzip;q=0.8"})
    plain = served.get(path)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.get_data()) == plain.get_data() == SCRIPT
    assert len(packed.get_data()) < len(SCRIPT) / 5
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["ETag"] != plain.headers["ETag"]


@pytest.mark.parametrize("takes", ["identity", "gzip;q=0", "br", ""])
def test_it_packs_nothing_for_those_who_do_not(served, takes):
    answer = served.get("/m/assets/index-CSObwPDN.js", headers={"Accept-Encoding": takes})
    assert "Content-Encoding" not in answer.headers
    assert answer.get_data() == SCRIPT


def test_it_does_not_pack_what_is_packed_already(served):
    answer = served.get("/m/assets/vant-icon-B7fK.woff2", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    assert "Vary" not in answer.headers


def test_it_packs_a_file_once(served, monkeypatch):
    packed = []
    monkeypatch.setattr("web.apps.gzip.compress", lambda plain, **_: packed.append(1) or b"x")
    for _ in range(3):
        served.get("/hq/assets/index-CSObwPDN.js", headers={"Accept-Encoding": "gzip"})
    assert len(packed) == 1


# asked again


@pytest.mark.parametrize("path", ["m/", "m/sw.js", "m/manifest.webmanifest", "hq/units"])
@pytest.mark.parametrize("takes", ["gzip", "identity"])
def test_it_answers_304_to_whoever_has_it(served, path, takes):
    first = served.get(f"/{path}", headers={"Accept-Encoding": takes})
    asked = {"Accept-Encoding": takes, "If-None-Match": first.headers["ETag"]}
    again = served.get(f"/{path}", headers=asked)
    assert (again.status_code, again.get_data()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_a_new_build_is_seen_at_once(served, dist):
    before = served.get("/m/").headers["ETag"]
    (dist / "m" / "index.html").write_text(PAGE + "a newer one")
    after = served.get("/m/", headers={"If-None-Match": before})
    assert after.status_code == 200
    assert after.get_data(as_text=True).endswith("a newer one")


def test_it_answers_head_as_get_without_the_body(served):
    answer = served.head("/m/")
    assert (answer.status_code, answer.get_data()) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 0


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_takes_nothing(served, method):
    assert getattr(served, method)("/m/").status_code == 405


# what lies elsewhere


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "..%2fsecret.txt",
        "%2e%2e/secret.txt",
        "assets/../../secret.txt",
        "assets/..%5c..%5csecret.txt",
        "../../../../../../etc/passwd",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        ".hidden",
        "assets/.%00",
        "a%00.js",
        "x" * 5000,
        "../hq/index.html",
    ],
)
def test_it_gives_nothing_from_elsewhere(served, path):
    answer = served.get(f"/m/{path}", follow_redirects=True)
    told = answer.get_data(as_text=True)
    assert answer.status_code in {200, 404}
    assert answer.status_code == 404 or told in {f"{PAGE}m", f"{PAGE}hq"}
    assert "outside" not in told
    assert "root:" not in told


def test_it_follows_no_link_out_of_the_folder(served, dist, tmp_path):
    (tmp_path / "private.txt").write_text("private")
    (dist / "m" / "link.txt").symlink_to(tmp_path / "private.txt")
    assert served.get("/m/link.txt").status_code == 404


# not built


def test_without_a_build_it_says_how_to_make_one_and_the_api_goes_on(
    app, settings, sessions, store, tmp_path
):
    install(app, House(replace(settings, web_dist=tmp_path / "nothing"), None, sessions, store))
    client = app.test_client()
    for path in ("/m/", "/hq/", "/hq/units", "/m/sw.js"):
        answer = client.get(path)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 503
        assert "npm run build" in page
        assert re.search("[一-鿿]", page)
        assert "has not been built" in page
        assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/healthz").status_code == 200
    assert client.get("/api/v1/me").status_code == 401


# what a page may do


def test_its_pages_and_its_worker_may_load_only_from_here(served):
    for path in ("/m/", "/hq/", "/m/sw.js", "/m/assets/index-CSObwPDN.js"):
        policy = policy_of(served.get(path))
        assert policy["default-src"] == "'self'"
        assert policy["img-src"] == "'self' data: blob:"
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert policy["form-action"] == "'self'"
        assert "sandbox" not in policy
    features = served.get("/m/").headers["Permissions-Policy"]
    assert "geolocation=(self)" in features
    assert "camera=(self)" in features


def test_pictures_may_come_from_the_base_map_and_the_photo_store(app, settings, sessions, store, dist):
    class Linking:
        def download_url(self, key, *, seconds, content_type, filename=None):
            return f"https://photos.example.gov.cn:9000/bucket/{key}?X-Amz-Signature=s3cret"

    tiles = BaseMap("https://t{s}.tianditu.gov.cn/{z}/{x}/{y}?tk=k3y", "天地图", "wgs84")
    house = House(replace(settings, web_dist=dist, base_map=tiles), None, sessions, Linking())
    install(app, house)
    answer = app.test_client().get("/hq/")
    policy = policy_of(answer)
    photos = "https://photos.example.gov.cn:9000"
    assert policy["img-src"] == f"'self' data: blob: https://*.tianditu.gov.cn {photos}"
    assert policy["media-src"] == f"'self' blob: {photos}"
    assert policy["default-src"] == "'self'"
    assert "s3cret" not in str(answer.headers)
    assert "k3y" not in str(answer.headers)


def policy_of(answer):
    parts = answer.headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


# what is committed


@pytest.mark.parametrize("app_name", ["m", "hq"])
def test_what_is_committed_opens_with_all_it_names(app, app_name):
    client = app.test_client()
    page = client.get(f"/{app_name}/").get_data(as_text=True)
    named = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    assert named
    for path in named:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.mimetype != "text/html", path
    assert "style=" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)


def test_what_is_committed_asks_no_other_host():
    """Names in a licence or a namespace are no requests; anything a browser would fetch from elsewhere is."""
    for path in (ROOT / "web" / "dist").rglob("*"):
        if path.suffix in {".html", ".css", ".webmanifest"}:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"(?:src|href)=\"(?:https?:)?//|url\([\"']?(?:https?:)?//|@import", text), (
                path
            )
