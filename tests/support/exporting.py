"""An export asked for at the door, written at once, fetched, and read again by other readers."""

import csv
import hashlib
import io
from typing import Any
from uuid import UUID

import python_calamine

from service.exports.making import make_export
from service.jobs.workshop import Workshop


def made(house: Any, phone: Any, form: str, **order: Any) -> dict[str, Any]:
    """The export as the door shows it once it succeeded."""
    answer = phone.post("/api/hq/v1/exports", json={"form": form} | order)
    assert answer.status_code == 202, answer.json
    kit = house.app.extensions["qianbai"]
    make_export(Workshop(kit.settings, house.sessions, kit.store), UUID(answer.json["id"]))
    export: dict[str, Any] = phone.get(f"/api/hq/v1/exports/{answer.json['id']}").json
    assert export["state"] == "succeeded", export
    return export


def fetched(phone: Any, export: dict[str, Any], name: str) -> bytes:
    """A file of it, which is what its hash says."""
    file = next(one for one in export["files"] if one["name"] == name)
    content: bytes = phone.get(file["url"]).data
    assert hashlib.sha256(content).hexdigest() == file["sha256"]
    return content


def lines(content: bytes) -> list[dict[str, str]]:
    """A CSV's rows by heading."""
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    return [dict(zip(head, row, strict=True)) for row in rows]


def cells(content: bytes) -> list[list[Any]]:
    """A workbook's first sheet."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(0).to_python()
