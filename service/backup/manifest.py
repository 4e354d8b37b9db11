"""A manifest says what a backup is made of; a single changed byte, in it or in what it names, shows.

It is JSON for people and programs, and its last line is the SHA-256 of all lines before it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from service.backup.errors import DamagedBackup, WrongVersion

FORMAT = 1
"""Raised when an older program could misread what a newer one wrote."""

NAME = "manifest.json"
_SEAL = b"sha256 "


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file of the backup must be; size in bytes, SHA-256 in hex."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The installation a backup was taken of, as it was at the snapshot."""

    product_version: str
    migration: str
    server_version: int
    """As PostgreSQL counts them: 180004."""
    system_identifier: str | None
    """Of the database cluster; None where the role may not ask."""
    database_bytes: int
    store: str
    """`folder` or `s3`."""
    anchor: str | None
    """The newest audit seal, `no:hash`; None before the first."""
    last_record_number: int
    secret_print: str
    """Tells two secrets apart and tells nothing about either."""


@dataclass(frozen=True, slots=True)
class Photos:
    """How many objects there are and how large they are together; `lost` by reason."""

    objects: int
    bytes: int
    lost: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything a restore relies on."""

    name: str
    began_at: datetime
    snapshot_at: datetime
    finished_at: datetime
    origin: Origin
    tables: Mapping[str, int]
    """Rows of each table in the snapshot."""
    photos: Photos
    files: Mapping[str, FileFacts]
    """Every other file of the backup, by name."""


def written(manifest: Manifest) -> bytes:
    """The manifest as its file holds it."""
    facts = {"format": FORMAT, **asdict(manifest)}
    text = json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True, default=_as_text).encode() + b"\n"
    return text + _seal(text)


def read(content: bytes) -> Manifest:
    """The manifest that a file holds.

    Raises:
        DamagedBackup: a byte is not as it was written.
        WrongVersion: a newer program wrote it.
    """
    text, separator, _ = content.rpartition(b"\n" + _SEAL)
    text += b"\n"
    if not separator or text + _seal(text) != content:
        raise DamagedBackup("清单已损坏", "the manifest is damaged")
    facts: dict[str, Any] = json.loads(text)
    found = facts["format"]
    if found != FORMAT:
        raise WrongVersion(
            f"备份格式为 {found}，本程序只识 {FORMAT}，请用较新版本", f"the backup's format is {found}, this "
            f"program knows {FORMAT}: use a newer version",
        )  # fmt: skip
    return _manifest(facts)


def _manifest(facts: dict[str, Any]) -> Manifest:
    return Manifest(
        name=facts["name"],
        began_at=datetime.fromisoformat(facts["began_at"]),
        snapshot_at=datetime.fromisoformat(facts["snapshot_at"]),
        finished_at=datetime.fromisoformat(facts["finished_at"]),
        origin=Origin(**facts["origin"]),
        tables=facts["tables"],
        photos=Photos(**facts["photos"]),
        files={name: FileFacts(**file) for name, file in facts["files"].items()},
    )


def _seal(text: bytes) -> bytes:
    return _SEAL + hashlib.sha256(text).hexdigest().encode() + b"\n"


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    msg = f"a manifest cannot hold a {type(value).__name__}"
    raise TypeError(msg)
