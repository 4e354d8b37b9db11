"""What is taken out of the house in bulk: asked for, written by a job, checked, fetched in pieces, forgotten in time."""
