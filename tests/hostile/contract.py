"""What the contract says of every route, before any database is there: routes, bodies, and a valid example of each."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy.orm import sessionmaker

from media.stores.folder import FolderStore
from service.app import create_app
from service.settings import Settings

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
DEEPEST = 4

# Texts whose form the contract does not state in a way that an example could be made of.
EXAMPLES: dict[str, Any] = {
    "id": "phone-1",
    "sha256": "0" * 64,
    "md5": "0" * 32,
    "pin": "123456",
    "username": "somebody",
    "password": "a quiet evening in Liaocheng",
    "current_password": "a quiet evening in Liaocheng",
    "new_password": "another quiet evening here",
    "phone": "0635-8200000",
    "division_code": "371500",
    "credit_code": "91110108551385082Q",
    "list_code": "china_500",
    "amount_wan": "1200.5",
    "total_investment_wan": "1.2亿",
    "planned_investment_wan": "1.2亿",
    "completed_investment_wan": "1.2亿",
    "funds_in_place_wan": "1.2亿",
    "content_type": "image/jpeg",
    "year": 2026,
    "method": None,
    "base_rev": 1,
    "rev": 1,
}


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path; `schema` is that of its JSON body, if it has one."""

    method: str
    rule: str
    schema: dict[str, Any] | None
    takes_file: bool

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"

    @property
    def is_phone(self) -> bool:
        return self.rule.startswith("/api/v1/")

    def path(self, ids: dict[str, str]) -> str:
        """The path with each argument filled from the town, or with an id that nobody has."""
        steps = [self._step(step, ids) for step in self.rule.split("/")]
        return "/".join(steps)

    def _step(self, step: str, ids: dict[str, str]) -> str:
        if not step.startswith("<"):
            return step
        name = step.strip("<>").split(":")[-1]
        return ids.get(name, str(uuid4()))


@cache
def blank_app() -> Flask:
    """The app without a database: good for its routes and its contract."""
    folder = Path(mkdtemp(prefix="qb-contract-"))
    settings = Settings(database_url="postgresql://unused", store=str(folder), secret=b"unused", data=folder)
    app = create_app(settings, sessions=sessionmaker(), store=FolderStore(folder))
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir()
    folder.rmdir()
    return app


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    found: dict[str, Any] = blank_app().extensions["qianbai-spec"]
    return found


@cache
def routes() -> tuple[Route, ...]:
    """Every route under /api, as the app has them, in the order of their paths."""
    rules = sorted(blank_app().url_map.iter_rules(), key=lambda rule: rule.rule)
    return tuple(
        _route(method, rule.rule)
        for rule in rules
        if rule.rule.startswith("/api/")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    )


def write_routes() -> list[Route]:
    return [route for route in routes() if route.method in WRITES]


def body_routes() -> list[Route]:
    """Routes that take a JSON body."""
    return [route for route in write_routes() if route.schema is not None]


def _route(method: str, rule: str) -> Route:
    template = "/".join(
        "{" + step.strip("<>").split(":")[-1] + "}" if step.startswith("<") else step
        for step in rule.split("/")
    )
    operation = document()["paths"][template][method.lower()]
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return Route(method, rule, schema, takes_file=bool(content) and schema is None)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema behind references, with the first alternative that is not null taken."""
    while "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for word in ("allOf", "anyOf", "oneOf"):
        if word in schema:
            options = [one for one in schema[word] if one.get("type") != "null"]
            return resolved(options[0])
    return schema


def properties(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = resolved(schema).get("properties", {})
    return found


def example(schema: dict[str, Any], ids: dict[str, str], *, name: str = "", depth: int = 0) -> Any:
    """A value that the schema takes; names that mean something in this town get it."""
    schema = resolved(schema)
    kind = _kind(schema)
    if kind == "object":
        inner = properties(schema) if depth < DEEPEST else {}
        return {key: example(one, ids, name=key, depth=depth + 1) for key, one in inner.items()}
    if kind == "array":
        return [example(schema.get("items", {}), ids, name=name, depth=depth + 1)]
    if name in ids and kind == "string" and schema.get("format") == "uuid":
        return ids[name]
    return _plain(schema, kind, name)


def _kind(schema: dict[str, Any]) -> str:
    kind = schema.get("type", "string")
    kinds = [one for one in kind if one != "null"] if isinstance(kind, list) else [kind]
    return str(kinds[0])


def _plain(schema: dict[str, Any], kind: str, name: str) -> Any:
    formatted = {
        "uuid": str(uuid4()),
        "date-time": "2026-01-06T01:30:00Z",
        "date": "2026-01-06",
    }
    if schema.get("format") in formatted:
        return formatted[schema["format"]]
    if "enum" in schema:
        return next(one for one in schema["enum"] if one is not None)
    if name in EXAMPLES:
        return EXAMPLES[name]
    return {"integer": schema.get("minimum", 1), "number": 30, "boolean": True}.get(kind, "文本")


def places(body: Any, pointer: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where every value of a body stands, the inner ones too."""
    if pointer:
        yield pointer
    steps: Any = ()
    if isinstance(body, dict):
        steps = body.items()
    elif isinstance(body, list):
        steps = enumerate(body)
    for step, inner in steps:
        yield from places(inner, (*pointer, step))


def with_value(body: Any, pointer: tuple[str | int, ...], value: Any) -> Any:
    """The body with another value at that place."""
    changed = deepcopy(body)
    inner = changed
    for step in pointer[:-1]:
        inner = inner[step]
    inner[pointer[-1]] = value
    return changed


def with_fragment(body: Any, pointer: tuple[str | int, ...], fragment: bytes) -> bytes:
    """The body as bytes with that piece of JSON, or of what looks like it, at that place."""
    mark = f"fragment-{uuid4()}"
    return json.dumps(with_value(body, pointer, mark)).encode().replace(f'"{mark}"'.encode(), fragment)


def value_at(body: Any, pointer: tuple[str | int, ...]) -> Any:
    for step in pointer:
        body = body[step]
    return body
