"""Backups that hold records and photos, verify themselves, and are restored onto an empty place."""
