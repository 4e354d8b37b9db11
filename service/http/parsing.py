"""Bodies are read strictly, and what is wrong with them is said by JSON pointer."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NoReturn

import marshmallow as ma
from flask import Request
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict

from service.http.limits import body_bytes
from service.http.translations import json_trouble, unrepresentable
from service.kernel.errors import Fault, Invalid, Malformed
from service.kernel.revisions import Malformed as MalformedJson
from service.kernel.revisions import NotRepresentable, strict_json

MOST_FAULTS = 100
"""A body of 50,000 unknown fields must not be answered with 50,000 sentences."""
LONGEST_STEP = 100


class NotRepresentableBody(Invalid):
    """Well-formed JSON that cannot be stored and hashed: it is kept as bytes where the door keeps anything."""

    code = "not_representable"
    zh = "内容无法准确保存：{reason_zh}"
    en = "The body cannot be stored exactly: {reason_en}"


def read_document(raw: bytes) -> object:
    """The JSON document in these bytes.

    Raises:
        Malformed: it is no JSON.
        NotRepresentableBody: it has duplicate keys, NaN, too large numbers, lone surrogates or NUL.
    """
    try:
        return strict_json(raw)
    except MalformedJson as error:
        zh, en = json_trouble(str(error))
        raise Malformed(reason_zh=zh, reason_en=en) from error
    except NotRepresentable as error:
        zh, en = unrepresentable(error.reason)
        place = Fault(error.pointer or "", zh, en)
        raise NotRepresentableBody(faults=[place], reason_zh=zh, reason_en=en) from error


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


def load(schema: ma.Schema, body: Mapping[str, Any]) -> Any:
    """What the schema makes of a body that did not come by itself.

    Raises:
        Invalid: with every fault it finds.
    """
    try:
        return schema.load(body)
    except ma.ValidationError as error:
        raise invalid(error) from error


class Parser(FlaskParser):  # type: ignore[misc] # webargs is not followed
    """Webargs with our JSON reader and our refusals.

    Unknown fields and query parameters are the schema's business: a `dryrun` that headquarters' door let pass
    would import in earnest.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 webargs reads this class attribute as it stands
        "json": None,
        "query": None,
        "headers": ma.EXCLUDE,
        "files": None,
        "form": None,
        "path": None,
        "json_or_form": None,
        "cookies": ma.EXCLUDE,
        "view_args": None,
    }

    def load_json(self, req: Request, schema: ma.Schema) -> Any:  # noqa: ARG002 webargs' signature
        """The body as strict JSON; no body at all reads as missing, and is nothing that could be put."""
        raw = body_bytes(req)
        return read_document(raw) if raw.strip() or req.method == "PUT" else ma.missing

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        """The query's parameters; one without a value (`?as_of=`) counts as not given, unless it means something."""
        meant: frozenset[str] = getattr(schema, "means_something_empty", frozenset())
        given = [(name, value) for name, value in req.args.items(multi=True) if value or name in meant]
        return self._makeproxy(MultiDict(given), schema)

    def handle_error(self, error: ma.ValidationError, req: Any, schema: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        """Raise the refusal instead of aborting; the outer key is webargs' location, not the sender's."""
        messages = error.messages
        location, inner = (
            next(iter(messages.items()))
            if isinstance(messages, dict) and len(messages) == 1
            else ("", messages)
        )
        if location == "query":
            inner = _with_known_names(inner, schema)
        raise Invalid(faults=_first_faults(inner)) from error


def _with_known_names(messages: Any, schema: ma.Schema) -> Any:
    """The messages, in which what is said of an unknown query parameter lists those that there are."""
    if not isinstance(messages, Mapping):
        return messages
    names = ", ".join(sorted(field.data_key or name for name, field in schema.load_fields.items()))
    known = f"未知参数，可用的有：{names} / unknown parameter; there are: {names}"
    unknown = [schema.error_messages["unknown"]]
    return {name: known if said == unknown else said for name, said in messages.items()}
