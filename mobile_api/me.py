"""The person's own page, password and sign-out."""

from dataclasses import asdict
from typing import Any

from flask.views import MethodView

from mobile_api.schemas.me import MeOut, PasswordChangeIn
from service.accounts import own_password, sign_in
from service.accounts.own_password import PasswordChange
from service.http import guards
from service.http.blueprint import Blueprint, untransacted
from service.http.work import transaction, work
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.programmes import queries as programmes

blueprint = Blueprint(
    "me", __name__, guard=guards.signed_in_or_password_due, description="本人 / The signed-in person"
)


@blueprint.route("/me")
class Me(MethodView):
    """Who is asking."""

    @blueprint.response(200, MeOut())
    def get(self) -> dict[str, Any]:
        """Show me, my unit, my roles and my unit's targets."""
        session, actor = work().session, work().signed_in
        person = sign_in.own_page(session, actor)
        targets = programmes.targets_of_unit(session, actor, person.unit.id, local_date(now()))
        return {**asdict(person), "device_id": actor.device_id, "targets": targets}


@blueprint.route("/me/password")
class OwnPassword(MethodView):
    """My password."""

    @blueprint.arguments(PasswordChangeIn())
    @blueprint.response(204)
    @untransacted
    def put(self, told: dict[str, str]) -> None:
        """Change my password; my sign-ins on other devices end."""
        own_password.change_own_password(transaction, work().signed_in, PasswordChange(**told))


@blueprint.route("/sessions/current")
class CurrentSession(MethodView):
    """The sign-in of this request."""

    @blueprint.response(204)
    def delete(self) -> None:
        """Sign out of this device."""
        sign_in.sign_out(work().session, work().signed_in)
