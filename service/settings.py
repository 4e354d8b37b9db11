"""What the operator decides, read once from the environment; `.env.example` lists every name."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from service import __version__

_TILES = re.compile(r"https?://[A-Za-z0-9.{}-]+(:[0-9]+)?/[^\s'\";,]+")
"""Nothing that could end the word it becomes in a browser's policy."""
_DATUMS = ("wgs84", "gcj02", "bd09")
LEAST_UPLOAD_DAYS = 7
"""A trip to the county lasts a week; a server that forgets sooner makes the phone begin again."""

MOST_DECIMALS = 4
"""Of a degree, for a position that has grown coarse: what is finer is evidence of the very spot."""


@dataclass(frozen=True, slots=True)
class BaseMap:
    """A map of tiles, such as 天地图 (wgs84) or 高德 (gcj02); the browser fetches them, never this server."""

    tile_url: str
    """With `{z}`, `{x}` and `{y}`; whoever is signed in sees it, a key in it too."""
    attribution: str
    datum: str

    @property
    def origin(self) -> str:
        """Where its pictures come from, as a browser's policy names it."""
        parts = urlsplit(self.tile_url)
        host = ".".join("*" if "{" in label else label for label in parts.netloc.split("."))
        return f"{parts.scheme}://{host}"

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self | None:
        """The map that is set up, if any.

        Raises:
            SystemExit: it is no address of tiles, its attribution is missing, or the datum is none.
        """
        url = env.get("QIANBAI_MAP_TILE_URL", "").strip()
        if not url:
            return None
        datum = env.get("QIANBAI_MAP_DATUM") or "wgs84"
        attribution = env.get("QIANBAI_MAP_ATTRIBUTION", "").strip()
        if not _TILES.fullmatch(url) or not all(place in url for place in ("{z}", "{x}", "{y}")):
            raise SystemExit("QIANBAI_MAP_TILE_URL must be an https:// address with {z}, {x} and {y}")
        if not attribution:
            raise SystemExit("QIANBAI_MAP_ATTRIBUTION must name whose map it is, with its 审图号")
        if datum not in _DATUMS:
            raise SystemExit(f"QIANBAI_MAP_DATUM must be one of {', '.join(_DATUMS)}, not {datum!r}")
        return cls(url, attribution, datum)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a process needs to know before it starts; units are in the names."""

    database_url: str
    store: str
    """A folder, or `s3://bucket/prefix?profile=…&endpoint=…`."""
    secret: bytes
    """Signs upload links and rotates tokens; the same for every process of one installation."""
    data: Path = Path("var")
    number_prefix: str = "LC"
    """Leads every record number, `LC-2026-004217`."""
    organisation: str = "双招双引办公室"
    """主办单位, shown at /about."""
    office_code: str = "双招双引办"
    """机关代字, leads the number of what is signed: 双招双引办〔2026〕22号."""
    fonts: Path | None = None
    """A folder with the office's own fonts for PDF; the house brings one that has GB 2312."""
    filing_number: str = ""
    """备案编号, shown at /about."""
    access_token_minutes: int = 30
    refresh_token_days: int = 90
    desk_hours: int = 12
    """A sign-in of a browser that names no device ends after so long without use: desks are shared."""
    photo_limit_bytes: int = 20 * 1024 * 1024
    video_limit_bytes: int = 500 * 1024 * 1024
    """For short videos of a site."""
    unfinished_limit_bytes: int = 2 * 1024 * 1024 * 1024
    """Of one person's uploads that have begun and are not whole, taken at their full length."""
    upload_days: int = 14
    """So long an upload waits for its next bytes; a week at least."""
    body_limit_bytes: int = 1024 * 1024
    """For JSON bodies; files have limits of their own."""
    import_limit_bytes: int = 20 * 1024 * 1024
    kept_per_person: int = 1000
    """Open quarantined or conflicting bodies a person may have before 429."""
    trusted_proxies: int = 0
    """How many proxies in front set X-Forwarded-For."""
    database_pool: int = 10
    requests_per_second: int = 100
    """Of one phone in one process, after its first ten thousand at once; 0 sets no limit."""
    disk_reserve_bytes: int = 256 * 1024 * 1024
    """Records are no longer taken when less is free, so that the database itself never meets a full disk."""
    oldest_app: str = ""
    """Phones' apps below this version are told to upgrade; empty takes every version."""
    position_days: int = 90
    """Positions older than this grow coarse; 0 keeps them as exact as they were sent."""
    position_decimals: int = 3
    """Of a degree, for what has grown coarse: 3 are about 100 m, 2 about 1 km."""
    kept_days: int = 365
    """So long after its settlement a kept body's bytes stay; 0 keeps them for ever."""
    view_days: int = 1095
    """So long the log of who looked at whose position is kept; 0 keeps it for ever."""
    base_map: BaseMap | None = None
    """Whose map lies under the points at headquarters; none by default."""
    web_dist: Path | None = None
    """Where the built web apps lie instead of in the package, while they are being worked on."""
    version: str = __version__

    @classmethod
    def from_environment(cls, env: Mapping[str, str] | None = None, *, data: Path | None = None) -> Self:
        """The settings of this installation.

        Raises:
            SystemExit: DATABASE_URL is missing, or a number is not one.
        """
        env = os.environ if env is None else env
        folder = data or Path(env.get("QIANBAI_DATA", "var"))
        url = env.get("DATABASE_URL", "")
        if not url:
            raise SystemExit("DATABASE_URL is not set; `qianbai serve` sets it for its own database")
        return cls(
            database_url=url,
            store=env.get("QIANBAI_STORE") or str(folder / "photos"),
            secret=read_secret(env, folder),
            data=folder,
            number_prefix=env.get("QIANBAI_NUMBER_PREFIX", "LC"),
            organisation=env.get("QIANBAI_ORGANISATION", "双招双引办公室"),
            office_code=env.get("QIANBAI_OFFICE_CODE") or "双招双引办",
            fonts=Path(env["QIANBAI_FONTS"]) if env.get("QIANBAI_FONTS") else None,
            filing_number=env.get("QIANBAI_FILING_NUMBER", ""),
            access_token_minutes=_whole(env, "QIANBAI_ACCESS_TOKEN_MINUTES", 30),
            refresh_token_days=_whole(env, "QIANBAI_REFRESH_TOKEN_DAYS", 90),
            desk_hours=_whole(env, "QIANBAI_DESK_HOURS", 12),
            photo_limit_bytes=_whole(env, "QIANBAI_PHOTO_LIMIT_BYTES", 20 * 1024 * 1024),
            video_limit_bytes=_whole(env, "QIANBAI_VIDEO_LIMIT_BYTES", 500 * 1024 * 1024),
            unfinished_limit_bytes=_whole(env, "QIANBAI_UNFINISHED_LIMIT_BYTES", 2 * 1024 * 1024 * 1024),
            upload_days=max(LEAST_UPLOAD_DAYS, _whole(env, "QIANBAI_UPLOAD_DAYS", 14)),
            trusted_proxies=_whole(env, "QIANBAI_TRUSTED_PROXIES", 0),
            database_pool=_whole(env, "QIANBAI_DATABASE_POOL", 10),
            requests_per_second=_whole(env, "QIANBAI_REQUESTS_PER_SECOND", 100),
            disk_reserve_bytes=_whole(env, "QIANBAI_DISK_RESERVE_BYTES", 256 * 1024 * 1024),
            oldest_app=env.get("QIANBAI_OLDEST_APP", "").strip(),
            base_map=BaseMap.from_environment(env),
            web_dist=Path(env["QIANBAI_WEB_DIST"]) if env.get("QIANBAI_WEB_DIST") else None,
            position_days=_whole(env, "QIANBAI_POSITION_DAYS", 90),
            position_decimals=min(MOST_DECIMALS, _whole(env, "QIANBAI_POSITION_DECIMALS", 3)),
            kept_days=_whole(env, "QIANBAI_KEPT_DAYS", 365),
            view_days=_whole(env, "QIANBAI_VIEW_DAYS", 1095),
        )


def read_secret(env: Mapping[str, str], folder: Path) -> bytes:
    """The installation's secret: given by QIANBAI_SECRET, else made once in the data folder."""
    given = env.get("QIANBAI_SECRET", "")
    if given:
        return given.encode()
    path = folder / "secret"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        secret = secrets.token_hex(32).encode()
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    return secret


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "")
    if not text:
        return default
    if not text.isdecimal():
        raise SystemExit(f"{name} must be a whole number, not {text!r}")
    return int(text)
