"""Phones and browsers that people sign in on; a lost one is cut off at once."""

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView

from hq_api.schemas.accounts import PinOut
from hq_api.schemas.devices import DeviceList, DevicesQuery, HandoverIn
from service.accounts import devices, directory, enrolment
from service.accounts.directory import DeviceRow
from service.accounts.enrolment import IssuedPin
from service.http import guards
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.schemas import page_request
from service.http.work import house, work
from service.kernel.pages import Page

blueprint = Blueprint("devices", __name__, guard=guards.office, description="设备 / Devices")


@blueprint.route("/devices")
class Devices(MethodView):
    """The devices of people in scope."""

    @blueprint.arguments(DevicesQuery(), location="query")
    @blueprint.response(200, DeviceList())
    def get(self, asked: dict[str, Any]) -> Page[DeviceRow]:
        """List devices with their holders."""
        page = page_request(asked["limit"], asked["cursor"], parts=1)
        return paged(directory.devices_seen(work().session, work().signed_in, page, user_id=asked["user_id"]))


@blueprint.route("/devices/<string:device_id>/revocation")
class DeviceRevocation(MethodView):
    """A lost phone."""

    @blueprint.response(204)
    def post(self, device_id: str) -> None:
        """Cut a lost device off: every sign-in on it ends at once."""
        devices.revoke_device(work().session, work().signed_in, device_id)


@blueprint.route("/devices/<string:device_id>/handover")
class DeviceHandover(MethodView):
    """A phone that changes hands."""

    @blueprint.arguments(HandoverIn())
    @blueprint.response(201, PinOut())
    def post(self, told: dict[str, UUID], device_id: str) -> IssuedPin:
        """Give a device to somebody else, who enrols it by the PIN in the answer."""
        return enrolment.hand_over_device(
            work().session,
            work().signed_in,
            device_id,
            to_user_id=told["to_user_id"],
            secret=house().settings.secret,
            server=request.host_url.rstrip("/"),
        )
