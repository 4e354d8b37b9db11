"""Photos: expected, received when their bytes are verified in the store, developed by a job, claimed by records.

::

    expect ─▶ expected ─ bytes to the store ─ complete ─▶ received ─ develop ─▶ ready
                                                 │                     └──────▶ rejected, with a reason
                                                 └ bytes missing or other bytes: refused, still expected

A record may claim a photo before it is announced, while it is on its way, or after it is ready.
"""
