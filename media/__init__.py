"""Bytes in, facts out: keeps photos, says what they are, makes renditions, and knows nobody above it."""
