"""The short form of every harness: a few faults each, on the documented deployment; `make faults` runs the long forms."""

import os

import pytest

from tests.faults.harnesses import HARNESSES, MISSING
from tests.faults.leftovers import own_folder
from tests.faults.outcome import Plan
from tests.faults.store_faults import NoStore
from tests.support.s3 import skip_or_fail

pytestmark = pytest.mark.slow
PHONES = 6


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.s3] if name == "store" else []) for name in HARNESSES]
)
def test_it_loses_and_doubles_nothing_and_answers_no_500(name):
    seed = int(os.environ.get("QIANBAI_SEED", "20261122"))
    harness = HARNESSES[name]
    with own_folder() as folder:
        try:
            outcome = harness.run(Plan(seed, harness.short, PHONES), folder)
        except NoStore as reason:
            skip_or_fail("s3emu", str(reason))
        except MISSING as reason:
            pytest.skip(f"{name} needs what this machine does not have: {reason}")
    again = f"python -m tests.faults --only {name} --faults {harness.short} --phones {PHONES} --seed {seed}"
    assert outcome.is_clean, f"{outcome}\nagain: {again}"
    assert outcome.faults > 0
    assert outcome.verdict.acknowledged > 0
