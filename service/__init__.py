"""qianbai: what is true, what may happen, and where it is kept."""

__version__ = "0.1.0"
