"""An office suite opens what we wrote, prints it, and tells what is on the paper: LibreOffice and poppler."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.s3 import skip_or_fail

_POPPLER = ("pdftoppm", "pdftotext", "pdfinfo")
_DARK = 160
_DPI = 40


@dataclass(frozen=True)
class Paper:
    """A document as it was printed."""

    pages: int
    texts: tuple[str, ...]
    """Of each page, without white space: where a line was broken does not matter."""
    dark: tuple[float, ...]
    """The share of dark points of each page."""

    @property
    def text(self) -> str:
        """Of all pages."""
        return "".join(self.texts)


def demand_office() -> None:
    """Skips where there is no office suite, or fails where QIANBAI_REQUIRE names `office`."""
    demand_paper()
    if shutil.which("soffice") is None:
        skip_or_fail("office", "no soffice; Debian: libreoffice-writer libreoffice-calc")
    if shutil.which("fc-list") is None or not _run("fc-list", ":lang=zh", "family").strip():
        skip_or_fail("office", "no Chinese font; Debian: fonts-noto-cjk")


def demand_paper() -> None:
    """Skips where a PDF cannot be read, or fails where QIANBAI_REQUIRE names `office`."""
    missing = [tool for tool in _POPPLER if shutil.which(tool) is None]
    if missing:
        skip_or_fail("office", f"no {', '.join(missing)}; Debian: poppler-utils")


def printed(files: Mapping[str, bytes], scratch: Path) -> dict[str, Paper]:
    """Every file on paper, by its name; the suite is started once, with a profile of its own."""
    given, paper = scratch / "given", scratch / "paper"
    given.mkdir()
    named = {
        name: given / f"{place}-{Path(name).stem}{Path(name).suffix}" for place, name in enumerate(files)
    }
    for name, content in files.items():
        named[name].write_bytes(content)
    profile = f"-env:UserInstallation={(scratch / 'profile').as_uri()}"
    asked = ("--headless", "--norestore", "--convert-to", "pdf", "--outdir", str(paper))
    _run("soffice", profile, *asked, *map(str, named.values()))
    return {name: read_paper(paper / f"{file.stem}.pdf") for name, file in named.items()}


def read_paper(pdf: Path) -> Paper:
    """What is on the pages of a PDF."""
    facts = dict(line.split(":", 1) for line in _run("pdfinfo", str(pdf)).splitlines() if ":" in line)
    pages = int(facts["Pages"])
    texts = _run("pdftotext", "-layout", str(pdf), "-").split("\f")[:pages]
    without_blanks = tuple("".join(text.split()) for text in texts)
    return Paper(pages, without_blanks, tuple(_dark(pdf, page) for page in range(1, pages + 1)))


def _dark(pdf: Path, page: int) -> float:
    """The share of dark points: a blank page has none, one full of boxes or of black far too many."""
    picture = subprocess.run(
        ["pdftoppm", "-gray", "-r", str(_DPI), "-f", str(page), "-l", str(page), str(pdf)],
        check=True,
        capture_output=True,
        timeout=600,
    ).stdout
    points = picture.split(b"\n", 3)[3]
    return sum(point < _DARK for point in points) / len(points)


def _run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    return done.stdout
