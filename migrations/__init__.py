"""Numbered changes of the database, each both ways; README.md has the safety rules."""
