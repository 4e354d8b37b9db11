"""Words that people read, in both languages of the house."""

Words = tuple[str, str]
"""In Chinese, and in English."""
