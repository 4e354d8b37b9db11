"""How people come in: by password, by PIN, and again with a refresh token."""

from datetime import timedelta
from typing import Any

from flask import g, request
from flask.views import MethodView

from mobile_api.schemas.sessions import EnrolmentIn, PasswordSignInIn, RefreshedOut, RefreshIn, SessionOut
from service.accounts import sign_in
from service.accounts.sessions import Granted, Lifetimes
from service.accounts.sign_in import PasswordAttempt, PinAttempt, SignedIn, Terms
from service.http import guards
from service.http.blueprint import Blueprint, untransacted
from service.http.work import house, transaction
from service.kernel.errors import NotSignedIn

blueprint = Blueprint("sessions", __name__, guard=guards.public, description="登录 / Sign-in")


def terms() -> Terms:
    """What this installation grants to those who come in."""
    settings = house().settings
    lifetimes = Lifetimes(
        access=timedelta(minutes=settings.access_token_minutes),
        refresh=timedelta(days=settings.refresh_token_days),
        refresh_at_a_desk=timedelta(hours=settings.desk_hours),
    )
    return Terms(settings.secret, lifetimes)


@blueprint.route("/sessions")
class Sessions(MethodView):
    """Sign-ins by password."""

    @blueprint.doc(security=[])
    @blueprint.arguments(PasswordSignInIn())
    @blueprint.response(201, SessionOut())
    @untransacted
    def post(self, told: dict[str, Any]) -> SignedIn:
        """Sign in by name and password."""
        attempt = PasswordAttempt(**told, address=request.remote_addr, request_id=g.get("request_id"))
        return sign_in.sign_in(transaction, attempt, terms())


@blueprint.route("/sessions/enrol")
class Enrolment(MethodView):
    """Sign-ins by one-time PIN."""

    @blueprint.doc(security=[])
    @blueprint.arguments(EnrolmentIn())
    @blueprint.response(201, SessionOut())
    @untransacted
    def post(self, told: dict[str, Any]) -> SignedIn:
        """Enrol a phone by the PIN an administrator gave."""
        attempt = PinAttempt(**told, address=request.remote_addr, request_id=g.get("request_id"))
        return sign_in.enrol(transaction, attempt, terms())


@blueprint.route("/sessions/refresh")
class Refresh(MethodView):
    """New tokens for old."""

    @blueprint.doc(security=[])
    @blueprint.arguments(RefreshIn())
    @blueprint.response(200, RefreshedOut())
    @untransacted
    def post(self, told: dict[str, str]) -> Granted:
        """Get the next pair of tokens; asked again after a cut answer, the same pair."""
        granted = sign_in.refresh(transaction, told["refresh_token"], terms())
        if granted is None:
            raise NotSignedIn
        return granted
