"""How long a second is on a machine that others use as well."""

import os


def in_its_time(seconds: float) -> float:
    """So many seconds of a machine of one's own: twice as many where two processes want each core, and so on.

    A promise such as “within five seconds” is about the product; on a busy machine it would be one about its neighbours.
    """
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
