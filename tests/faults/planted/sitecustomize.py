"""Loaded by every Python process of an installation that is served with a planted fault; see `planted_faults`."""

import os

if os.environ.get("PLANTED_FAULT"):
    import planted_faults

    planted_faults.plant(os.environ["PLANTED_FAULT"])
