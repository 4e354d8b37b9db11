"""The written contract is the code's, and a valid one."""

import os
import subprocess
import sys

import yaml
from openapi_spec_validator import validate

from service.cli.contract import written_contract
from tests.house.walls import ROOT


def test_it_is_written_as_the_code_has_it():
    assert (ROOT / "openapi.yaml").read_text(encoding="utf-8") == written_contract(), "run `make contract`"


def test_it_is_a_valid_openapi_document():
    validate(yaml.safe_load(written_contract()))


def test_it_comes_out_the_same_whatever_the_hash_seed():
    program = "from service.cli.contract import written_contract; import sys; sys.stdout.buffer.write(written_contract().encode())"
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            cwd=ROOT,
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


def test_it_keeps_chinese_readable():
    text = written_contract()

    assert "登门招商" in text
    assert "\\u" not in text
