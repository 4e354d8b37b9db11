"""Bodies are read strictly, and what is wrong with them is said by JSON pointer."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NoReturn

import marshmallow as ma
from flask import Request
from webargs.flaskparser import FlaskParser

from service.http.limits import body_bytes
from service.kernel.errors import Fault, Invalid, Malformed
from service.kernel.revisions import Malformed as MalformedJson
from service.kernel.revisions import NotRepresentable, strict_json

MOST_FAULTS = 100
"""A body of 50,000 unknown fields must not be answered with 50,000 sentences."""
LONGEST_STEP = 100


class NotRepresentableBody(Invalid):
    """Well-formed JSON that cannot be stored and hashed: it is kept as bytes where the door keeps anything."""

    code = "not_representable"
    zh = "内容无法准确保存：{reason}"
    en = "The body cannot be represented exactly: {reason}"


def read_document(raw: bytes) -> object:
    """The JSON document in these bytes.

    Raises:
        Malformed: it is no JSON.
        NotRepresentableBody: it has duplicate keys, NaN, too large numbers, lone surrogates or NUL.
    """
    try:
        return strict_json(raw)
    except MalformedJson as error:
        raise Malformed(reason=str(error)) from error
    except NotRepresentable as error:
        reason = error.reason.value
        place = Fault(error.pointer or "", f"无法准确表示（{reason}）", f"cannot be represented ({reason})")
        raise NotRepresentableBody(faults=[place], reason=reason) from error


def faults_of(messages: Any, pointer: str = "") -> Iterator[Fault]:
    """Marshmallow's nested messages as faults with JSON pointers (RFC 6901)."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            step = "" if key == "_schema" else _step(str(key))
            yield from faults_of(inner, pointer + step)
    elif isinstance(messages, list):
        for inner in messages:
            yield from faults_of(inner, pointer)
    else:
        yield Fault(pointer, str(messages), str(messages))


def _step(key: str) -> str:
    """A key as part of a pointer; what is longer than any field's name is cut."""
    shown = key if len(key) <= LONGEST_STEP else f"{key[:LONGEST_STEP]}…"
    return "/" + shown.replace("~", "~0").replace("/", "~1")


def _first_faults(messages: Any) -> list[Fault]:
    return list(islice(faults_of(messages), MOST_FAULTS))


def invalid(error: ma.ValidationError) -> Invalid:
    """What marshmallow found, as a refusal of the house."""
    messages = error.normalized_messages()  # type: ignore[no-untyped-call] # marshmallow left it so
    return Invalid(faults=list(faults_of(messages)))


class Parser(FlaskParser):  # type: ignore[misc] # webargs is not followed
    """Webargs with our JSON reader and our refusals; unknown fields are the schema's business."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 webargs reads this class attribute as it stands
        "json": None,
        "query": ma.EXCLUDE,
        "headers": ma.EXCLUDE,
        "files": ma.EXCLUDE,
        "form": ma.EXCLUDE,
        "path": None,
        "json_or_form": None,
        "cookies": ma.EXCLUDE,
        "view_args": None,
    }

    def load_json(self, req: Request, schema: ma.Schema) -> Any:  # noqa: ARG002 webargs' signature
        """The body as strict JSON; no body at all reads as missing."""
        raw = body_bytes(req)
        return read_document(raw) if raw.strip() else ma.missing

    def handle_error(self, error: ma.ValidationError, req: Any, schema: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        """Raise the refusal instead of aborting; the outer key is webargs' location, not the sender's."""
        messages = error.messages
        inner = (
            next(iter(messages.values())) if isinstance(messages, dict) and len(messages) == 1 else messages
        )
        raise Invalid(faults=_first_faults(inner)) from error
