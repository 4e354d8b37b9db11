"""`docs/api.md` says what is true: its paths, its codes, and the receipt that anyone can check."""

import importlib
import json
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

import hq_api
import mobile_api
import service
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.errors import Refusal
from tests.support.live import PASSWORD, live_house

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
PYTHON = re.search(r"<<'CHECK'\n(.*?)\nCHECK\n", TEXT, re.DOTALL)[1]
BASH = "\n".join(re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL))

DAY_OF_A_PHONE = (
    "applied quarantined applied",
    "duplicate quarantined duplicate",
    "applied applied",
    "250000 of 600199",
    "whole",
    "True",
    "304",
    "[]",
)


def operations() -> set[tuple[str, str]]:
    """Method and path of every call in the examples, ids as `{}`."""
    calls = BASH.replace("\\\n", " ").splitlines()
    found = set()
    for call in calls:
        for path in re.findall(r"\$HOST(/api/[^\s\"?)]+)", call):
            method = re.search(r"-X (\w+)", call)
            has_body = " -d " in call or " -F " in call or "-d '" in call
            verb = method[1] if method else "POST" if has_body else "GET"
            found.add((verb.lower(), re.sub(r"\$\(new_id\)|\$\([^)]*\)?|\$\w+", "{}", path)))
    return found


def refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for below in kind.__subclasses__():
        yield below
        yield from refusals(below)


def codes_of_the_table() -> list[tuple[int, str]]:
    rows = re.findall(r"^\| (\d{3}) \| ([^|]+) \|", TEXT, re.MULTILINE)
    return [(int(status), code) for status, codes in rows for code in re.findall(r"`(\w+)`", codes)]


def check(folder: Path, sent: object, answer: object) -> str:
    """What the document's program says of a receipt."""
    for name, content in (("sent.json", sent), ("answer.json", answer)):
        (folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, "-c", PYTHON, "sent.json", "answer.json"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def test_every_call_is_in_the_contract(app):
    paths = app.extensions["qianbai-spec"]["paths"]
    there = {(verb, re.sub(r"{\w+}", "{}", path)) for path, verbs in paths.items() for verb in verbs}
    chosen = r"thumb$|(?<=/indicators/)\w+|(?<=/figures/)[\w.]+"
    named = {(verb, re.sub(chosen, "{}", path)) for verb, path in operations()}
    assert len(named) > 20
    assert named - there == set()


@pytest.fixture(scope="module")
def given() -> set[tuple[int, str]]:
    """Status and code of every refusal of the product, and of its surprises."""
    for package in (service, mobile_api, hq_api):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(("service.cli", "service.wsgi")):
                importlib.import_module(module.name)
    rooms = ("service.", "mobile_api.", "hq_api.")
    ours = [one for one in refusals() if one.__module__.startswith(rooms)]
    return {(one.status, one.code) for one in ours} | {(500, "internal_error")}


def test_every_code_of_the_table_is_given_with_its_status(given):
    assert set(codes_of_the_table()) - given == set()


def test_every_code_that_is_given_is_in_the_table(given):
    assert given - set(codes_of_the_table()) == set()


def test_no_code_is_in_the_table_twice():
    codes = codes_of_the_table()
    assert sorted(code for code in codes if codes.count(code) > 1) == []


@pytest.fixture
def visit(world):
    """The document's own visit, to an enterprise that is not in the register."""
    body = re.search(r"cat > visit.json <<BODY\n(.*?)\nBODY", TEXT, re.DOTALL)[1]
    sent = json.loads(body.replace("${DAY}", str(local_date(now()))))
    del sent["enterprise_id"]
    return sent | {"enterprise": {"name": "新科轴承有限公司"}}


def test_the_receipt_can_be_checked_by_the_program_in_the_document(client, world, visit, tmp_path):
    answer = client.as_(world.field1).put(f"/api/v1/visits/{uuid4()}", json=visit)
    assert answer.status_code == 201
    assert check(tmp_path, visit, answer.get_json()) == "stored as sent"
    assert check(tmp_path, visit | {"base_rev": 1}, answer.get_json()) == "stored as sent"
    assert check(tmp_path, visit | {"summary": "别的内容"}, answer.get_json()) == "NOT what was sent"


def test_a_conflict_has_the_shape_that_is_shown(client, world, visit):
    phone, path = client.as_(world.field1), f"/api/v1/visits/{uuid4()}"
    phone.put(path, json=visit)
    answer = phone.put(path, json=visit | {"summary": "从旧手机补发的内容", "base_rev": 5}).get_json()
    assert set(answer["conflict"]) == {"id", "server_rev", "server_sha256", "href", "kept_sha256"}
    assert answer["kept"]["sha256"] == answer["conflict"]["kept_sha256"]


def test_a_quarantined_body_has_the_shape_that_is_shown(client, world, visit):
    answer = client.as_(world.field1).put(f"/api/v1/visits/{uuid4()}", json=visit | {"mode": "by_balloon"})
    problem = answer.get_json()
    assert (answer.status_code, problem["client_action"]) == (422, "quarantine")
    assert set(problem["quarantine"]) == {"id", "sha256", "received_at"}
    assert [error["pointer"] for error in problem["errors"]] == ["/mode"]


@pytest.fixture(scope="module")
def day_of_a_phone(quiet_postgres_url, tmp_path_factory):
    """What the commands of the section print, one after the other in one shell, on a living house."""
    section = TEXT[TEXT.index("## A phone's whole day, by curl") : TEXT.index("## How my unit stands")]
    blocks = [re.findall(r"```bash\n(.*?)```", part, re.DOTALL) for part in (TEXT, section)]
    script = "\n".join([blocks[0][0], *blocks[1]])
    with live_house(quiet_postgres_url, tmp_path_factory.mktemp("house"), job_workers=0) as house:
        told = {"HOST": f"http://127.0.0.1:{house.port}", "QIANBAI_DEMO_PASSWORD": PASSWORD}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        command = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(
            command,
            env=os.environ | told | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="bash and curl are not there")
@pytest.mark.parametrize("line", DAY_OF_A_PHONE)
def test_the_day_of_a_phone_goes_as_it_is_written(day_of_a_phone, line):
    assert line in day_of_a_phone.splitlines()
