"""Every answer tells browsers what it may do, whoever asked and however it ended (ASVS 5.0, 3.4)."""

from flask import Flask, Response, request

from service.http.work import house

PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:{pictures}; media-src 'self' blob:{media}; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""Pictures may also come from a base map, if one is set up, and they and videos from a photo store that is asked by link."""
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""For everything that is not a page: opened on its own, it can run and load nothing."""

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=()",
}

_JSON = frozenset({"application/json", "application/problem+json"})
_A_YEAR_S = 31_536_000


def install(app: Flask) -> None:
    """Protect all answers of the app; errors too."""
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    is_page = response.mimetype == "text/html"
    response.headers.setdefault("Content-Security-Policy", page_policy() if is_page else DATA_POLICY)
    response.headers.setdefault("Cache-Control", "no-store")
    if response.mimetype in _JSON and "charset" not in response.mimetype_params:
        response.headers["Content-Type"] = f"{response.mimetype}; charset=utf-8"
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={_A_YEAR_S}")
    return response


def page_policy(*stores: str) -> str:
    """What a page may do, and a worker by its own script; `stores` are origins that photos and videos come from."""
    base_map = house().settings.base_map
    maps = () if base_map is None else (base_map.origin,)
    return PAGE_POLICY.format(pictures=_listed(*maps, *stores), media=_listed(*stores))


def _listed(*origins: str) -> str:
    return "".join(f" {origin}" for origin in origins)
