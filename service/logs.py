"""Logs are one JSON object a line, without tokens and phone numbers."""

import json
import logging
import re
import sys
from typing import Any

from service.kernel.clock import now

_SECRETS = re.compile(r"(?i)(bearer\s+|token[\"'=:\s]+|password[\"'=:\s]+|signature=)[\w.~+/=-]+")
_PHONES = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")


def redact(text: str) -> str:
    """The text without bearer tokens, passwords, signatures and the middle of mobile numbers."""
    return _PHONES.sub(r"\1****\2", _SECRETS.sub(r"\1[redacted]", text))


class JsonLines(logging.Formatter):
    """Each record as one line of JSON; `extra={"fields": {…}}` adds its own keys."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, redacted."""
        line: dict[str, Any] = {
            "at": now().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return redact(json.dumps(line, ensure_ascii=False, default=str))


def configure(level: int = logging.INFO) -> None:
    """Send all logs to standard error as JSON lines; call it once at a process's start."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("botocore", "boto3", "urllib3", "procrastinate", "alembic", "PIL"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
