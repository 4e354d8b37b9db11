"""Libraries with known holes stay above the versions that closed them."""

import tomllib
from importlib.metadata import PackageNotFoundError, version

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.house.walls import ROOT

FLOORS = {
    "werkzeug": (
        "3.1.6",
        "multipart limits and device names (CVE-2023-25577, CVE-2023-46136, CVE-2024-49767)",
    ),
    "flask": ("3.1.3", "session cookie and Vary (CVE-2023-30861)"),
    "gunicorn": ("23", "request smuggling (CVE-2024-1135, CVE-2024-6827)"),
    "pillow": ("12.3.0", "twelve holes closed in 12.3.0 (CVE-2026-25990, CVE-2026-59204)"),
    "pillow-heif": ("1.7.0", "out-of-bounds writes in libheif (CVE-2026-84383)"),
}
BROKEN = {"werkzeug": {Version("3.1.7")}}
LIBHEIF_FLOOR = "1.23.4"


def declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["heic"]]
    return {requirement.name: requirement for requirement in map(Requirement, lines)}


@pytest.mark.parametrize("name", FLOORS)
def test_it_asks_for_no_version_with_a_known_hole(name):
    floor = Version(FLOORS[name][0])
    lowest = [
        Version(one.version) for one in declared()[name].specifier if one.operator in {">=", "==", "~="}
    ]
    assert lowest, f"{name} has no lower bound"
    assert max(lowest) >= floor, FLOORS[name][1]
    assert max(lowest) not in BROKEN.get(name, set())


@pytest.mark.parametrize("name", FLOORS)
def test_it_runs_on_no_version_with_a_known_hole(name):
    try:
        installed = Version(version(name))
    except PackageNotFoundError:
        assert name == "pillow-heif", "only HEIC is an extra"
        pytest.skip("HEIC is not installed")
    assert installed >= Version(FLOORS[name][0]), FLOORS[name][1]
    assert installed not in BROKEN.get(name, set())


def test_it_opens_heif_with_no_libheif_that_has_a_known_hole():
    pillow_heif = pytest.importorskip("pillow_heif")
    assert Version(pillow_heif.libheif_version()) >= Version(LIBHEIF_FLOOR)
