"""Numbers about everything below: how far a programme has come, by unit, week and chain."""
