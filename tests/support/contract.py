"""Every answer a test gets is compared with what openapi says of it."""

from functools import cache
from typing import Any

from flask import Flask
from jsonschema_rs import Draft202012Validator, Registry
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

DOCUMENT = "urn:openapi"


def check_answer(app: Flask, method: str, path: str, answer: TestResponse) -> None:
    """Fail when a JSON answer has a status or a shape that the contract does not have."""
    template = _template(app, method, path)
    if template is None or method == "HEAD" or not answer.is_json or answer.status_code == 304:
        return
    promised = _promised(app, method, template, answer.status_code, answer.mimetype)
    if promised is not None:
        promised.validate(answer.get_json())


def _template(app: Flask, method: str, path: str) -> str | None:
    """The path as the contract writes it; None where the contract says nothing of it."""
    adapter = app.url_map.bind("localhost")
    try:
        rule, _arguments = adapter.match(path.split("?", maxsplit=1)[0], method=method, return_rule=True)
    except HTTPException:
        return None
    template = rule.rule
    for converter in ("uuid:", "int:", "path:", "string:"):
        template = template.replace(f"<{converter}", "{").replace("<", "{")
    template = template.replace(">", "}")
    return template if method.lower() in _spec(app)["paths"].get(template, {}) else None


@cache
def _promised(
    app: Flask, method: str, template: str, status: int, mimetype: str
) -> Draft202012Validator | None:
    """What an answer of that status must look like; made once, for tens of thousands are compared with it."""
    spec = _spec(app)
    responses = spec["paths"][template][method.lower()]["responses"]
    declared = responses.get(str(status)) or responses.get("default")
    assert declared is not None, f"{method} {template} answered an undeclared {status}"
    content = _resolve(spec, declared).get("content", {})
    schema = (content.get(mimetype) or {}).get("schema")
    assert schema is not None or not content, f"{method} {template} answered {mimetype}, undeclared"
    if schema is None:
        return None
    return Draft202012Validator(_absolute(schema), registry=_registry(app), validate_formats=False)


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
def _registry(app: Flask) -> Registry:
    return Registry([(DOCUMENT, _spec(app))])
