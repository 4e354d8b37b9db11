"""Whoever holds a granted address may send there, signed in or not; so may the photo's owner."""

from flask import request
from sqlalchemy.orm import Session

from service.http.guards import Guard, signed_in
from service.http.work import house
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.photos.commands import owner_of
from service.photos.errors import BadGrant
from service.photos.grants import demand_valid
from service.photos.models import Photo


def _admit(session: Session) -> Actor | None:
    """The photo's owner by a granted address, or the person who is signed in."""
    if (
        request.method == "OPTIONS"
    ):  # says what the server can do, to anybody: browsers ask before they sign in
        return None
    signature = request.args.get("signature")
    if signature is None:
        return signed_in.admit(session)
    photo = session.get(Photo, (request.view_args or {}).get("photo_id"))
    if photo is None:  # answered like a forged address: a stranger learns nothing of ids
        raise BadGrant
    until = request.args.get("until", "0")
    demand_valid(
        photo,
        until=int(until) if until.isdecimal() and len(until) < 12 else 0,
        signature=signature,
        secret=house().settings.secret,
        moment=now(),
    )
    return owner_of(photo, name="upload grant", address=request.remote_addr)


grant_or_signed_in = Guard("grant_or_signed_in", _admit)
"""Lets in whoever comes by a granted address, and every signed-in person; the photo is always its owner's."""
