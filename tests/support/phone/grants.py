"""How bytes are sent by each kind of grant: `put` at once, `tus` and `s3_multipart` from where the last try ended."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.support.phone.account import Account, Refused
from tests.support.phone.backoff import seconds
from tests.support.phone.database import Database
from tests.support.phone.items import Item
from tests.support.phone.photo_files import PhotoFiles
from tests.support.phone.wire import Answer, NoAnswer, Part

WAYS = ("put", "tus", "s3_multipart")
"""What this phone can do, told with every announcement."""

CHUNK_BYTES = 256 * 1024
"""Of a resumable upload: about what a bad line carries before it breaks."""

_ALL_SENT = "all_sent"
TUS_VERSION = "1.0.0"
OFFSET = "application/offset+octet-stream"


class LostGrant(Exception):
    """The address is not good any more; the photo is announced again for a new one."""


class Verifying(Exception):
    """Everything is there and is still being read through: ask again later, and send nothing."""

    def __init__(self, retry_after_s: float | None) -> None:
        super().__init__("the bytes are being verified")
        self.retry_after_s = retry_after_s


class Follower:
    """Follows grants, and remembers how far it has come; a restart of the phone sends no byte twice that has arrived."""

    def __init__(self, account: Account, database: Database, files: PhotoFiles) -> None:
        self._account, self._database, self._files = account, database, files
        self.pieces = 0
        """How many pieces of resumable uploads have arrived so far."""
        self._ways: dict[str, Callable[[Item, Mapping[str, Any]], None]] = {
            "put": self._put,
            "tus": self._tus,
            "s3_multipart": self._parts,
        }

    def remembered(self, photo_id: str) -> Mapping[str, Any] | None:
        """A grant that was being followed."""
        found = self._database.rows("SELECT upload FROM uploads WHERE photo_id = ?", photo_id)
        upload: Mapping[str, Any] | None = json.loads(found[0]["upload"]) if found else None
        return upload

    def forget(self, photo_id: str) -> None:
        """The grant is used up, or no good."""
        if self.remembered(photo_id) is None:
            return
        with self._database.transaction("forget upload") as rows:
            rows.execute("DELETE FROM uploads WHERE photo_id = ?", [photo_id])

    def receipt(self, item: Item, upload: Mapping[str, Any]) -> object:
        """Send what is still missing of the bytes, and have them verified; what the server gives as a receipt.

        Raises:
            LostGrant: the address is gone or full of something else; announce again.
            Verifying: ask again later.
            Refused: the server turned it down.
            NoAnswer: the line broke.
        """
        try:
            if not upload.get(_ALL_SENT):
                self._remember_resumable(item.id, upload)
                self._ways[upload["kind"]](item, upload)
                self._remember(item.id, dict(upload) | {_ALL_SENT: True})
        except LostGrant:
            self.forget(item.id)
            raise
        answer = self._account.ask("POST", f"/api/v1/photos/{item.id}/complete")
        document = answer.document()
        if document.get("verifying"):
            raise Verifying(seconds(answer.header("Retry-After")))
        return document.get("receipt")

    def _remember_resumable(self, photo_id: str, upload: Mapping[str, Any]) -> None:
        """A plain address is not worth it: nothing of it can be resumed."""
        if upload["kind"] != "put" and self.remembered(photo_id) is None:
            self._remember(photo_id, upload)

    def _remember(self, photo_id: str, upload: Mapping[str, Any]) -> None:
        with self._database.transaction("remember upload") as rows:
            rows.execute("INSERT OR REPLACE INTO uploads VALUES (?, ?)", [photo_id, json.dumps(dict(upload))])

    def _put(self, item: Item, upload: Mapping[str, Any]) -> None:
        size = int(item.body["size"])
        whole = Part(self._files.path(item.id), 0, size)
        answer = self._account.raw(upload["method"], upload["url"], upload["headers"], whole)
        _demand_success(answer)

    def _tus(self, item: Item, upload: Mapping[str, Any]) -> None:
        """tus 1.0.0: ask how much has arrived, send the next piece with its checksum, and so on to the end."""
        url, size = upload["url"], int(item.body["size"])
        headers = {**upload["headers"], "Tus-Resumable": TUS_VERSION}
        offset = _offset_of(self._account.raw("HEAD", url, headers))
        while offset < size:
            piece = Part(self._files.path(item.id), offset, min(CHUNK_BYTES, size - offset))
            told = {
                "Content-Type": OFFSET,
                "Upload-Offset": str(offset),
                "Upload-Checksum": f"sha1 {_sha1(piece)}",
            }
            answer = self._account.raw("PATCH", url, headers | told, piece)
            # 409: another try of ours has got further; 460: the line bent the bytes. Both are cured by asking again.
            offset = _offset_of(
                self._account.raw("HEAD", url, headers) if answer.status in {409, 460} else answer
            )
            self.pieces += 1

    def _parts(self, item: Item, upload: Mapping[str, Any]) -> None:
        """Ask which parts are missing, and send those to their own addresses at the store."""
        offset = 0
        for part in self._account.ask("GET", upload["url"]).document()["parts"]:
            if part["state"] != "here":
                piece = Part(self._files.path(item.id), offset, part["size"])
                _demand_success(self._account.raw(part["method"], part["url"], part["headers"], piece))
                self.pieces += 1
            offset += part["size"]


def _offset_of(answer: Answer) -> int:
    """How much has arrived."""
    if answer.status in {403, 404, 410}:
        raise LostGrant(f"{answer.status} for a resumable upload")
    if answer.header("Tus-Resumable") != TUS_VERSION:
        _demand_success(answer)
        raise NoAnswer("an answer that is not from a tus server")
    offset = answer.header("Upload-Offset")
    if not answer.is_success or offset is None or not offset.isdecimal():
        _demand_success(answer)
        raise NoAnswer(f"{answer.status} without an offset")
    return int(offset)


def _demand_success(answer: Answer) -> None:
    """Stores answer in forms of their own, so only the status is read here; the proof is `complete`."""
    if answer.is_success:
        return
    if (answer.header("Content-Type") or "").startswith("application/problem+json"):
        raise Refused(answer.problem)
    if answer.status in {400, 403, 404, 410}:
        raise LostGrant(f"{answer.status} from the store")
    raise NoAnswer(f"{answer.status} from the store")


def _sha1(piece: Part) -> str:
    digest = hashlib.sha1(usedforsecurity=False)  # what tus wants every server to know
    with piece.file.open("rb") as file:
        file.seek(piece.offset)
        digest.update(file.read(piece.length))
    return base64.b64encode(digest.digest()).decode()
