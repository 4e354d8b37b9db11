"""Query parameters: headquarters' doors refuse what they do not know, phones' doors ignore it."""

import io
from urllib.parse import quote

import marshmallow as ma
import pytest

from service.wsgi import LONGEST_LINE, WebServer

HQ_LISTS = [
    "/api/hq/v1/visits",
    "/api/hq/v1/checkins",
    "/api/hq/v1/kept",
    "/api/hq/v1/enterprises",
    "/api/hq/v1/people",
    "/api/hq/v1/units",
    "/api/hq/v1/projects",
    "/api/hq/v1/reviews/queue",
    "/api/hq/v1/progress/overview",
    "/api/hq/v1/progress/units",
    "/api/hq/v1/progress/weekly",
]
PHONE_LISTS = [
    "/api/v1/visits",
    "/api/v1/checkins",
    "/api/v1/kept",
    "/api/v1/sites",
    "/api/v1/enterprises",
    "/api/v1/progress",
]


@pytest.mark.parametrize("path", HQ_LISTS)
def test_it_names_an_unknown_parameter_at_headquarters(client, world, path):
    answer = client.as_(world.hq1).get(f"{path}?conuted=true")
    (error,) = answer.get_json()["errors"]
    assert (answer.status_code, error["pointer"]) == (422, "/conuted")
    assert error["detail"].startswith("未知参数，可用的有：")


def test_it_lists_the_parameters_there_are(client, world):
    hq = client.as_(world.hq1)
    (zh,) = hq.get("/api/hq/v1/visits?conuted=true").get_json()["errors"]
    (en,) = hq.get("/api/hq/v1/visits?conuted=true", headers={"Accept-Language": "en"}).get_json()["errors"]
    assert "counted, credited_in, cursor" in zh["detail"]
    assert "unknown" not in zh["detail"]
    assert en["detail"].startswith("unknown parameter; there are: ")
    assert "counted, credited_in, cursor" in en["detail"]


def test_it_imports_nothing_when_dry_run_is_misspelt(client, world):
    hq = client.as_(world.hq1)
    file = {"file": (io.BytesIO("企业名称\n误导入公司\n".encode()), "a.csv")}
    answer = hq.post("/api/hq/v1/enterprises/imports?dryrun=true", data=file)
    assert answer.status_code == 422
    assert "dry_run" in answer.get_json()["errors"][0]["detail"]
    assert hq.get("/api/hq/v1/enterprises?q=误导入").get_json()["items"] == []


@pytest.mark.parametrize("path", PHONE_LISTS)
def test_it_ignores_an_unknown_parameter_of_a_phone(client, world, path):
    assert client.as_(world.field1).get(f"{path}?newer=1").status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/v1/enterprises", "/api/hq/v1/enterprises", "/api/hq/v1/groups", "/api/hq/v1/people"]
)
def test_it_refuses_a_search_that_is_too_long_in_its_own_shape(client, world, path):
    answer = client.as_(world.hq1).get(path, query_string={"q": "长" * 500})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.get_json()["errors"][0]["pointer"] == "/q"


def test_it_lets_the_longest_search_through_the_web_server():
    web_server = WebServer(lambda: None, bind="127.0.0.1:0", workers=1)
    longest = f"GET /api/hq/v1/enterprises?q={quote('长' * 100)}&limit=1000&cursor={'x' * 500} HTTP/1.1"
    assert len(longest) < web_server.cfg.limit_request_line == LONGEST_LINE


def test_every_query_of_a_phone_is_lenient_and_of_headquarters_strict(app):
    wrong, seen = [], 0
    for rule in app.url_map.iter_rules():
        wanted = {"/api/v1/": ma.EXCLUDE, "/api/hq/v1/": ma.RAISE}
        unknown = next((how for start, how in wanted.items() if rule.rule.startswith(start)), None)
        queries = list(queries_of(app, rule))
        seen += len(queries)
        wrong += [(rule.rule, schema) for schema in queries if schema.unknown != unknown]
    assert wrong == []
    assert seen > 25


def queries_of(app, rule):
    """The query schemas of a route's methods, as flask-smorest has noted them."""
    view = app.view_functions[rule.endpoint]
    methods = [getattr(getattr(view, "view_class", None), name.lower(), None) for name in rule.methods]
    for method in filter(None, methods):
        for argument in getattr(method, "_apidoc", {}).get("arguments", {}).get("parameters", []):
            if isinstance(argument, dict) and argument.get("in") == "query" and "schema" in argument:
                yield argument["schema"]
