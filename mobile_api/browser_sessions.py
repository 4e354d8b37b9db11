"""How people come in with a browser: the tokens go into cookies that no script reads, and a page holds its proof."""

from typing import Any
from uuid import UUID

from flask import Response, g, request
from flask.views import MethodView
from werkzeug.datastructures import Headers

from mobile_api.schemas.browser_sessions import BrowserSessionOut
from mobile_api.schemas.sessions import EnrolmentIn, PasswordSignInIn
from mobile_api.sessions import terms
from service.accounts import browser, sign_in, tokens
from service.accounts.browser import BrowserSession
from service.accounts.errors import CutOff
from service.accounts.sign_in import PasswordAttempt, PinAttempt, SignedIn
from service.http import browser_cookies, guards, problems
from service.http.blueprint import Blueprint, untransacted
from service.http.work import house, transaction
from service.kernel.errors import NotSignedIn

blueprint = Blueprint(
    "browser_sessions", __name__, guard=guards.public, description="浏览器登录 / Sign-in with a browser"
)


@blueprint.route("/browser/sessions")
class BrowserSessions(MethodView):
    """Sign-ins by password."""

    @blueprint.doc(security=[])
    @blueprint.arguments(PasswordSignInIn())
    @blueprint.response(201, BrowserSessionOut())
    @untransacted
    def post(self, told: dict[str, Any]) -> tuple[BrowserSession, int, Headers]:
        """用户名和密码登录，令牌写入 Cookie / Sign in by name and password; the tokens become cookies."""
        browser_cookies.demand_same_origin()
        attempt = PasswordAttempt(**told, address=request.remote_addr, request_id=g.get("request_id"))
        return _opened(sign_in.sign_in(transaction, attempt, terms()))


@blueprint.route("/browser/sessions/enrol")
class BrowserEnrolment(MethodView):
    """Sign-ins by one-time PIN."""

    @blueprint.doc(security=[])
    @blueprint.arguments(EnrolmentIn())
    @blueprint.response(201, BrowserSessionOut())
    @untransacted
    def post(self, told: dict[str, Any]) -> tuple[BrowserSession, int, Headers]:
        """用登记码登录 / Enrol a phone's browser by the PIN an administrator gave."""
        browser_cookies.demand_same_origin()
        attempt = PinAttempt(**told, address=request.remote_addr, request_id=g.get("request_id"))
        return _opened(sign_in.enrol(transaction, attempt, terms()))


@blueprint.route("/browser/sessions/refresh")
class BrowserRefresh(MethodView):
    """New cookies for old."""

    @blueprint.doc(security=[{"refresh": []}])
    @blueprint.response(200, BrowserSessionOut())
    @untransacted
    def post(self) -> tuple[BrowserSession, int, Headers] | Response:
        """Get the next pair of cookies; asked again after a cut answer, the same pair.

        While the access cookie has more than half of its life before it, it stays as it is: a page and its worker may
        ask at the same moment. A device that was cut off gets its `csrf_token` with the refusal, to hand in.
        """
        browser_cookies.demand_same_origin()
        held = browser_cookies.refresh_token()
        if not held:
            raise NotSignedIn
        fresh = _still_fresh(held)
        if fresh is not None:
            return _shown(fresh), 200, Headers()
        try:
            granted = sign_in.refresh(transaction, held, terms())
        except CutOff:
            return _cut_off(held)
        if granted is None:
            raise NotSignedIn
        return _shown(granted.sign_in_id), 200, browser_cookies.given(granted)


def _opened(came_in: SignedIn) -> tuple[BrowserSession, int, Headers]:
    """The new sign-in, and the end of the one whose cookie it replaces."""
    before = browser_cookies.access_token()
    with transaction() as session:
        if before:
            browser.end_replaced(session, before, by=came_in.sign_in_id)
        shown = browser.shown(session, came_in.sign_in_id, secret=house().settings.secret)
    return shown, 201, browser_cookies.given(came_in)


def _still_fresh(refresh_token: str) -> UUID | None:
    with transaction() as session:
        return browser.still_fresh(session, browser_cookies.access_token(), refresh_token, terms())


def _shown(sign_in_id: UUID) -> BrowserSession:
    with transaction() as session:
        return browser.shown(session, sign_in_id, secret=house().settings.secret)


def _cut_off(refresh_token: str) -> Response:
    """The refusal with what the page needs to hand in what it holds: its proof, and the cookie where doors see it."""
    secret = house().settings.secret
    sign_in_id = tokens.sign_in_of(refresh_token, secret)
    proof = {} if sign_in_id is None else {"csrf_token": tokens.csrf_token(sign_in_id, secret)}
    answer = problems.respond(CutOff(extra=proof))
    answer.headers.extend(browser_cookies.kept_for_hand_in(refresh_token))
    return answer
