"""How doors take records in and show them: whichever way a body comes, one schema reads it and one command takes it.

::

    PUT ──────────────────▶ put ─────────┐
    kept, settled later ──▶ submit_body ─┼─▶ schema ─▶ submit ─▶ 201 new, 200 an edit or a repeat
    one op of a batch ────▶ take_body ───┴─▶ schema ─▶ take ───▶ an outcome of the batch
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import marshmallow as ma
from flask import request
from sqlalchemy.orm import Session

from service.http.parsing import load
from service.http.problems import language
from service.http.record_schemas import record_tag
from service.http.work import house, work
from service.kernel.actor import Actor
from service.submissions.doors import BatchDoor, Conclude, Taken, TakeNew, open_batch_door, open_door
from service.submissions.models import RecordType
from service.submissions.receipt import Receipt
from service.submissions.sent import Sent
from service.submissions.submission import Submission
from service.submissions.terms import Terms


class View(Protocol):
    """A record as it is shown."""

    @property
    def rev(self) -> int:
        """Its current revision."""
        ...


What = TypeVar("What", bound=Submission)
Shown = TypeVar("Shown", bound=View)
Shown_co = TypeVar("Shown_co", bound=View, covariant=True)
What_contra = TypeVar("What_contra", bound=Submission, contravariant=True)
Answer = tuple[Shown, int, dict[str, str]]
"""A view's answer: what is shown, the status, the headers."""


class Submitted(Protocol[Shown_co]):
    """A record as it is now, and what the submission did to it."""

    @property
    def view(self) -> Shown_co:
        """The record."""
        ...

    @property
    def created(self) -> bool:
        """Whether it is new."""
        ...

    @property
    def replayed(self) -> bool:
        """Whether the house has long known this content."""
        ...


class Arrived(Protocol):
    """What became of one of many."""

    @property
    def is_repeat(self) -> bool:
        """Whether the house has long known this content."""
        ...

    @property
    def receipt(self) -> Receipt | None:
        """That of the revision it is, or repeats."""
        ...


class Submit(Protocol[What_contra, Shown_co]):
    """The command of a `PUT`."""

    def __call__(
        self, session: Session, actor: Actor, record_id: UUID, what: What_contra, /, *, terms: Terms
    ) -> Submitted[Shown_co]:
        """The record as it is then."""
        ...


class Take(Protocol[What_contra]):
    """The same command for one of many: it leaves the counting to the batch, and nobody asks for a view."""

    def __call__(
        self, session: Session, actor: Actor, record_id: UUID, what: What_contra, /, *, terms: Terms
    ) -> Arrived:
        """What became of it."""
        ...


@dataclass(frozen=True, slots=True)
class RecordDoor(Generic[What, Shown]):
    """The door of one type of record."""

    schema: ma.Schema
    submit: Submit[What, Shown]
    take: Take[What]

    def open(
        self, record_type: RecordType, *, take_new: TakeNew | None = None, conclude: Conclude | None = None
    ) -> None:
        """Tell that bodies of this type come in here, by themselves and in batches."""
        open_door(record_type, self.submit_body)
        open_batch_door(record_type, BatchDoor(self.take_body, take_new, conclude))

    def put(self, record_id: UUID, what: What) -> Answer[Shown]:
        """Submit what a `PUT` has brought, and answer it."""
        return answered(
            self.submit(work().session, work().signed_in, record_id, on_condition(what), terms=terms())
        )

    def submit_body(
        self,
        session: Session,
        actor: Actor,
        record_id: UUID,
        body: Mapping[str, Any],
        *,
        shape: Callable[[Sent], Sent],
    ) -> Submitted[Shown]:
        """Submit a body that was kept, and is settled now.

        Raises:
            Invalid: the schema or a rule refuses it.
        """
        return self.submit(session, actor, record_id, self.read(body, shape), terms=terms())

    def take_body(
        self,
        session: Session,
        actor: Actor,
        record_id: UUID,
        body: Mapping[str, Any],
        *,
        shape: Callable[[Sent], Sent],
        terms: Terms,
    ) -> Taken:
        """Submit one of many; the batch counts them at its end."""
        arrived = self.take(session, actor, record_id, self.read(body, shape), terms=terms)
        return Taken(is_repeat=arrived.is_repeat, receipt=arrived.receipt)

    def read(self, body: Mapping[str, Any], shape: Callable[[Sent], Sent]) -> What:
        """The body as its schema reads it, under the conditions that `shape` sets."""
        what: What = load(self.schema, body)
        return what.shaped(shape)


def terms() -> Terms:
    """What this house adds to a submission of this request."""
    return Terms(number_prefix=house().settings.number_prefix, language=language())


def on_condition(what: What) -> What:
    """The submission of this request, accepted only while the revision that `If-Match` names is current."""
    return what.shaped(lambda sent: sent.on_condition(request.headers.get("If-Match")))


def answered(submitted: Submitted[Shown]) -> Answer[Shown]:
    """What a `PUT` answers: 201 new, 200 an accepted edit or an exact repeat, which says that it is one."""
    view, _, headers = tagged(submitted.view)
    if submitted.replayed:
        headers["Idempotency-Replayed"] = "true"
    return view, 201 if submitted.created else 200, headers


def tagged(view: Shown) -> Answer[Shown]:
    """A record with the tag that may stand in `If-Match` as it is."""
    return view, 200, {"ETag": record_tag(view.rev, view)}
