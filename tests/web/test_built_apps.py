"""The built apps as they are committed: small, whole, and asking nobody outside for anything."""

import gzip
import re
from pathlib import Path

import pytest

DIST = Path(__file__).parents[2] / "web" / "dist"
LIMITS = {"m": 130_000, "hq": 450_000}
"""Gzipped JavaScript of an app, all of it, also what is loaded when it is needed."""
NAMED_ONLY = re.compile(
    r"https?://(?:www\.w3\.org/|vuejs\.org/|router\.vuejs\.org|developer\.mozilla|vue-i18n|"
    r"github\.com/|leafletjs\.com|echarts\.apache\.org|element-plus|caniuse|localhost|json-schema)"
)
"""Namespaces, and pages that messages of libraries point people to; nothing of them is ever fetched."""


def scripts(app: str) -> list[Path]:
    return sorted((DIST / app).rglob("*.js"))


@pytest.mark.parametrize("app", LIMITS)
def test_it_stays_within_its_size(app: str) -> None:
    sizes = {one.name: len(gzip.compress(one.read_bytes(), 9)) for one in scripts(app)}
    assert 0 < sum(sizes.values()) <= LIMITS[app], sizes


@pytest.mark.parametrize("app", LIMITS)
def test_it_names_no_outside_host(app: str) -> None:
    for one in (DIST / app).rglob("*"):
        if one.suffix not in {".js", ".css", ".html", ".webmanifest", ".svg"}:
            continue
        text = one.read_text(encoding="utf-8")
        found = re.findall(r"""(?:https?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+[^\s"'`)\\]*""", text)
        hosts = {address for address in found if not NAMED_ONLY.match(address)}
        assert not hosts, (one.name, sorted(hosts)[:5])


@pytest.mark.parametrize("app", LIMITS)
def test_its_first_page_loads_what_is_there(app: str) -> None:
    page = (DIST / app / "index.html").read_text(encoding="utf-8")
    wanted = re.findall(rf'(?:src|href)="/{app}/([^"]+)"', page)
    assert wanted
    assert all((DIST / app / name).is_file() for name in wanted), wanted
    assert "<script>" not in page
    assert "style=" not in page


def test_the_worker_knows_the_whole_shell_of_the_phone() -> None:
    worker = (DIST / "m" / "sw.js").read_text(encoding="utf-8")
    built = {one.relative_to(DIST / "m").as_posix() for one in (DIST / "m").rglob("*") if one.is_file()}
    missing = {name for name in built - {"sw.js", "index.html"} if name not in worker}
    assert not missing
