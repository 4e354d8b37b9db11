"""Every answer a test gets is compared with what openapi says of it."""

from functools import cache
from typing import Any

from flask import Flask
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

DOCUMENT = "urn:openapi"


def check_answer(app: Flask, method: str, path: str, answer: TestResponse) -> None:
    """Fail when a JSON answer has a status or a shape that the contract does not have."""
    place = _operation(app, method, path)
    if place is None or method == "HEAD" or not answer.is_json or answer.status_code == 304:
        return
    spec, template = place
    operation = spec["paths"][template][method.lower()]
    responses = operation["responses"]
    declared = responses.get(str(answer.status_code)) or responses.get("default")
    assert declared is not None, f"{method} {template} answered an undeclared {answer.status_code}"
    declared = _resolve(spec, declared)
    content = declared.get("content", {})
    schema = (content.get(answer.mimetype) or {}).get("schema")
    assert schema is not None or not content, f"{method} {template} answered {answer.mimetype}, undeclared"
    if schema is not None:
        _validator(app).evolve(schema=_absolute(schema)).validate(answer.get_json())


def _operation(app: Flask, method: str, path: str) -> tuple[dict[str, Any], str] | None:
    adapter = app.url_map.bind("localhost")
    try:
        rule, _arguments = adapter.match(path.split("?", maxsplit=1)[0], method=method, return_rule=True)
    except HTTPException:
        return None
    spec = _spec(app)
    template = rule.rule
    for converter in ("uuid:", "int:", "path:", "string:"):
        template = template.replace(f"<{converter}", "{").replace("<", "{")
    template = template.replace(">", "}")
    if method.lower() not in spec["paths"].get(template, {}):
        return None
    return spec, template


def _spec(app: Flask) -> dict[str, Any]:
    return app.extensions["qianbai-spec"]


def _resolve(spec: dict[str, Any], thing: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in thing:
        found: Any = spec
        for step in thing["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        thing = found
    return thing


def _absolute(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: DOCUMENT + value if key == "$ref" and value.startswith("#") else _absolute(value)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [_absolute(one) for one in schema]
    return schema


@cache
def _validator(app: Flask) -> Validator:
    resource = Resource.from_contents(_spec(app), default_specification=DRAFT202012)
    return Draft202012Validator({}, registry=Registry().with_resource(DOCUMENT, resource))
