"""A browser keeps its tokens in cookies that no script reads, and shows with a header that our own page is asking.

::

    Authorization: Bearer …            phones; the cookie is not looked at
    qianbai_access, any method         who it is; never from another site
    qianbai_access, not GET/HEAD       and X-CSRF-Token, which only our own pages can have read

Through TLS the cookies are named `__Host-…` and `__Secure-…`: neither plain HTTP nor a neighbouring host can plant them.
"""

import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from flask import request
from werkzeug.datastructures import Headers
from werkzeug.http import dump_cookie

from service.accounts.hand_in import OPEN_FOR
from service.accounts.sessions import Granted
from service.accounts.sign_in import SignedIn
from service.accounts.tokens import csrf_token
from service.http.cookie_names import ACCESS_COOKIE, REFRESH_COOKIE
from service.http.work import house
from service.kernel.clock import now
from service.kernel.errors import Forbidden, NotSignedIn

REFRESH_PATH = "/api/v1/browser/sessions/refresh"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

SCHEMES = {
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": ACCESS_COOKIE,
        "description": f"`__Host-{ACCESS_COOKIE}` through TLS; GET and HEAD need nothing else.",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": CSRF_HEADER,
        "description": "The `csrf_token` of the browser session, beside the cookie, for every method that writes.",
    },
    "refresh": {
        "type": "apiKey",
        "in": "cookie",
        "name": REFRESH_COOKIE,
        "description": f"`__Secure-{REFRESH_COOKIE}` through TLS; sent to the refresh door only.",
    },
}
"""How the contract names the cookies."""


class CsrfFailed(Forbidden):
    """A cookie came without the token of its sign-in; nothing was read."""

    code = "csrf_failed"
    zh = "请求未带有效的页面凭证，请刷新后重试"
    en = "The page's token is missing or belongs to another sign-in; read it again and retry"
    client_action = "retry"


class CrossSite(Forbidden):
    """The request was made by a page of another site."""

    code = "cross_site"
    zh = "拒绝来自其他网站的请求"
    en = "Requests made by other sites are refused"


@dataclass(frozen=True, slots=True)
class Shown:
    """The access token that came with a request, and whether the browser added it by itself."""

    token: str
    by_cookie: bool

    def demand_own_page(self, sign_in_id: UUID | None) -> None:
        """Make sure that a page of ours asks, when a browser would send the cookie for anybody.

        Raises:
            CrossSite: the browser says that another site asks.
            CsrfFailed: the method writes, and the header is not this sign-in's token.
        """
        if not self.by_cookie:
            return
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise CrossSite
        if request.method in SAFE_METHODS:
            return
        told = request.headers.get(CSRF_HEADER, "")
        if sign_in_id is None or not _same(told, csrf_token(sign_in_id, house().settings.secret)):
            raise CsrfFailed


def shown_token() -> Shown:
    """The request's access token: of its `Authorization` header, or, without one, of its cookie.

    Raises:
        NotSignedIn: there is none.
    """
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotSignedIn
        return Shown(token.strip(), by_cookie=False)
    kept = access_token()
    if not kept:
        raise NotSignedIn
    return Shown(kept, by_cookie=True)


def access_token() -> str | None:
    """What the access cookie holds."""
    return request.cookies.get(_access_name())


def refresh_token() -> str | None:
    """What the refresh cookie holds."""
    return request.cookies.get(_refresh_name())


def demand_same_origin() -> None:
    """Make sure that a page of ours asks where nobody is signed in yet, and no token can prove it.

    Raises:
        CrossSite: another origin asks.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise CrossSite
        return
    # Over plain HTTP, and in older browsers, there is only the origin; programs send neither.
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise CrossSite


def given(granted: Granted | SignedIn) -> Headers:
    """Headers that put a pair of tokens into the browser.

    The access cookie stays as long as the refresh cookie, though its token lives shorter: a device that is cut off
    meanwhile proves with it whose records it still has to hand in.
    """
    seconds = max(0, int((granted.refresh_expires_at - now()).total_seconds()))
    return Headers(
        [
            _set(_access_name(), granted.access_token, seconds, "/"),
            _set(_refresh_name(), granted.refresh_token, seconds, REFRESH_PATH),
        ]
    )


def kept_for_hand_in(token: str) -> Headers:
    """Headers that let a device that was cut off show this token where it hands in."""
    return Headers([_set(_access_name(), token, int(OPEN_FOR.total_seconds()), "/")])


def taken_away() -> Headers:
    """Headers that remove both cookies, and the photos that the browser kept of its own accord."""
    return Headers(
        [
            _set(_access_name(), "", 0, "/"),
            _set(_refresh_name(), "", 0, REFRESH_PATH),
            ("Clear-Site-Data", '"cache"'),  # not "storage": what waits in the outbox stays
        ]
    )


def _access_name() -> str:
    return f"__Host-{ACCESS_COOKIE}" if request.is_secure else ACCESS_COOKIE


def _refresh_name() -> str:
    return f"__Secure-{REFRESH_COOKIE}" if request.is_secure else REFRESH_COOKIE


def _set(name: str, value: str, seconds: int, path: str) -> tuple[str, str]:
    cookie = dump_cookie(
        name,
        value,
        max_age=seconds,
        path=path,
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )
    return "Set-Cookie", cookie


def _same(told: str, expected: str) -> bool:
    return hmac.compare_digest(told.encode("utf-8", "surrogatepass"), expected.encode())
