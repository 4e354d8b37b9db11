"""The sign-in that a browser has: who it is, what its page shows with every write, and its end."""

from flask import Response
from flask.views import MethodView

from mobile_api.schemas.browser_sessions import BrowserSessionOut
from service.accounts import browser, sign_in
from service.accounts.browser import BrowserSession
from service.http import browser_cookies, guards
from service.http.blueprint import Blueprint
from service.http.work import house, work
from service.kernel.errors import NotSignedIn

blueprint = Blueprint(
    "browser_current",
    __name__,
    guard=guards.signed_in_or_password_due,
    description="浏览器登录 / Sign-in with a browser",
)


@blueprint.route("/browser/sessions/current")
class CurrentBrowserSession(MethodView):
    """The sign-in of this request."""

    @blueprint.response(200, BrowserSessionOut())
    def get(self) -> BrowserSession:
        """当前登录人与页面凭证 / Who is signed in here, and the token that every write shows."""
        actor = work().signed_in
        if actor.sign_in_id is None:
            raise NotSignedIn
        return browser.shown(work().session, actor.sign_in_id, secret=house().settings.secret)

    @blueprint.response(204)
    def delete(self) -> Response:
        """退出登录并清除 Cookie / Sign out of this browser, and take its cookies away."""
        sign_in.sign_out(work().session, work().signed_in)
        answer = Response(status=204)
        answer.headers.extend(browser_cookies.taken_away())
        return answer
