"""The written contract is the code's, and a valid one."""

import os
import subprocess
import sys

import pytest
import yaml
from openapi_spec_validator import validate

from service.cli.contract import written_contract
from tests.house.walls import ROOT


@pytest.fixture(scope="module")
def text():
    return written_contract()


def test_it_is_written_as_the_code_has_it(text):
    assert (ROOT / "openapi.yaml").read_text(encoding="utf-8") == text, "run `make contract`"


def test_it_is_a_valid_openapi_document(text):
    validate(yaml.safe_load(text))


def test_it_comes_out_the_same_whatever_the_hash_seed(text):
    program = "from service.cli.contract import written_contract; import sys; sys.stdout.buffer.write(written_contract().encode())"
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    other = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": seed},
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    assert other.stdout.decode() == text


def test_it_keeps_chinese_readable(text):
    assert "登门招商" in text
    assert "\\u" not in text
