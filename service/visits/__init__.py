"""Visits, what they count for, and their review."""
