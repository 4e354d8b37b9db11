"""Work that waits for its transaction and survives a crash, on the same database as the records."""
