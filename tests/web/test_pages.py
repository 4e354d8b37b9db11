"""The start page says what runs where, without a secret and without anything from elsewhere."""

import re

import yaml

from web.pages import APPS, PLACES


def test_it_says_what_runs_here_in_chinese_first(app, settings):
    answer = app.test_client().get("/")
    page = answer.get_data(as_text=True)

    assert answer.status_code == 200
    assert '<html lang="zh-CN">' in page
    assert settings.organisation in page
    assert settings.version in page


def test_it_links_only_to_what_answers(app, sessions):
    client = app.test_client()
    for place in (*APPS, *PLACES):
        if place.is_link:
            assert client.get(place.path).status_code == 200, place.path


def test_it_leads_a_phone_to_its_app_before_anything_else(app):
    page = app.test_client().get("/").get_data(as_text=True)

    assert re.findall(r'<a href="([^"]+)"', page)[:2] == ["/m/", "/hq/"]


def test_it_shows_no_secret_and_no_path(app, settings):
    page = app.test_client().get("/").get_data(as_text=True)

    assert settings.secret.decode() not in page
    assert settings.database_url not in page
    assert str(settings.data) not in page


def test_it_loads_nothing_from_elsewhere_and_runs_no_inline_code(app):
    client = app.test_client()
    page = client.get("/").get_data(as_text=True)
    style = client.get("/style.css")

    assert style.status_code == 200
    assert style.mimetype == "text/css"
    assert "<script" not in page
    assert "style=" not in page
    assert re.search(r"\son\w+=", page) is None
    assert not re.search(r"(?:src|href)=\"(?!/)", page)
    assert "http" not in style.get_data(as_text=True)


def test_it_serves_the_contract_of_the_code_that_answers(app):
    answer = app.test_client().get("/openapi.yaml")

    assert answer.status_code == 200
    served = yaml.safe_load(answer.get_data())
    assert set(served["paths"]) == set(app.extensions["qianbai-spec"]["paths"])
