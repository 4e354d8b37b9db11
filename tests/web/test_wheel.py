"""A wheel holds both apps as they were built, and none of what they were built from: installing needs no Node."""

import re
import subprocess
import sys
import zipfile

import pytest

from tests.house.walls import ROOT

SOURCES = re.compile(
    r"^web/(?:m|hq|shared|plugins|tests|node_modules)/|\.(?:ts|vue|map)$|(?:^|/)(?:package(?:-lock)?|tsconfig[\w.]*)\.json$"
    r"|(?:^|/)\.|^tests/|^bench/"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The names in a wheel built of this checkout, with nothing fetched."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=600)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize(
    "name",
    [
        "web/dist/m/index.html",
        "web/dist/m/sw.js",
        "web/dist/m/manifest.webmanifest",
        "web/dist/hq/index.html",
        "web/pages.py",
        "web/apps.py",
        "web/style.css",
        "web/templates/start.html",
        "web/templates/unbuilt.html",
        "service/accounts/common_passwords.txt",
        "migrations/env.py",
    ],
)
def test_it_holds(wheel, name):
    assert name in wheel


def test_it_holds_every_built_file(wheel):
    built = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "web" / "dist").rglob("*") if path.is_file()
    }
    assert len(built) > 8
    assert built - wheel == set()


def test_it_holds_no_source_of_the_apps(wheel):
    assert {name for name in wheel if SOURCES.search(name)} == set()
