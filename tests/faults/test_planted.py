"""The planted faults still fit the product they are planted in; `python -m tests.faults --controls` shows they are found."""

import os
import subprocess
import sys

import pytest

from tests.faults.harnesses import HARNESSES
from tests.faults.installation import PLANTED, ROOT
from tests.faults.planted.planted_faults import FAULTS
from tests.faults.trusting_phone import NAME

_IMPORT = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\nprint('planted')"


def test_every_planted_fault_has_a_harness_that_must_find_it():
    assert {fault for harness in HARNESSES.values() for fault in harness.planted} == {*FAULTS, NAME}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_can_be_planted(fault):
    path = os.pathsep.join([str(ROOT), str(PLANTED)])
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT, *FAULTS[fault]],
        env=os.environ | {"PLANTED_FAULT": fault, "PYTHONPATH": path},
        capture_output=True,
        check=False,
        text=True,
        timeout=300,
    )
    assert done.stdout == "planted\n", done.stderr


def test_it_is_not_loaded_without_a_name():
    done = subprocess.run(
        [sys.executable, "-c", "import sys; print('planted_faults' in sys.modules)"],
        env={name: value for name, value in os.environ.items() if name != "PLANTED_FAULT"}
        | {"PYTHONPATH": str(PLANTED)},
        capture_output=True,
        check=True,
        text=True,
        timeout=300,
    )
    assert done.stdout == "False\n"
