"""Nobody enters without a guard. The story: one forgotten decorator opened 4,000 records to strangers elsewhere."""

import ast

import pytest

from tests.house.walls import called_name, calls, modules, place, tree

OPERATION_PAGES = {
    "healthz",
    "readyz",
    "about",
    "metrics",
    "pages.start",
    "pages.style",
    "pages.contract",
} | {
    "apps.open_app",
    "apps.without_slash",
}
"""Public, and without a word about people or records."""

PUBLIC_DOORS = {"sessions", "browser_sessions"}
"""Blueprints that let strangers in, because signing in is what they are for."""


def test_every_route_has_a_guard_or_is_a_page_of_operation(app):
    unguarded = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "guard", None) is None
    }
    assert unguarded == OPERATION_PAGES


def test_only_signing_in_is_public(app):
    public = {
        name.split(".")[0]
        for name, view in app.view_functions.items()
        if getattr(getattr(view, "guard", None), "name", None) == "public"
    }
    assert public <= PUBLIC_DOORS


def test_only_the_push_lets_the_cut_off_in(app):
    """A revoked phone may hand in what it holds; every other door would show it something, or take it as written."""
    open_doors = {
        name
        for name, view in app.view_functions.items()
        if getattr(getattr(view, "guard", None), "name", None) == "signed_in_or_cut_off"
    }
    assert open_doors == {"sync_push.Push"}


@pytest.mark.parametrize("path", [*modules("mobile_api", "hq_api")], ids=place)
def test_every_blueprint_names_its_guard(path):
    for call in calls(tree(path)):
        if called_name(call) == "Blueprint":
            assert "guard" in {keyword.arg for keyword in call.keywords}


@pytest.mark.parametrize("path", [*modules("mobile_api", "hq_api")], ids=place)
def test_no_door_commits_or_queries(path):
    """A view is guard, schema in, one call, schema out; the frame commits."""
    for call in calls(tree(path)):
        assert called_name(call) not in {"commit", "rollback"}, ast.unparse(call)
    imported = {
        alias.name for node in ast.walk(tree(path)) if isinstance(node, ast.Import) for alias in node.names
    }
    assert "sqlalchemy" not in imported


def test_every_operation_has_a_summary_and_one_success(app):
    for path, operations in app.extensions["qianbai-spec"]["paths"].items():
        for method, operation in operations.items():
            if method in {"get", "put", "post", "patch", "delete"}:
                assert operation.get("summary"), f"{method} {path}"
                assert any(status[0] in "23" for status in operation["responses"]), f"{method} {path}"
