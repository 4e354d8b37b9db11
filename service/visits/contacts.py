"""Contacts are personal data: only the author of a record reads a phone number whole."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

_LONG_NUMBER = re.compile(r"(?<![0-9])(1[3-9][0-9])[0-9]{4}([0-9]{4})(?![0-9])")


def masked_phone(phone: str) -> str:
    """A number as others may see it: `138****1234`; shorter ones keep their last two digits."""
    kept_first, kept_last = (3, 4) if len(phone) >= 11 else (0, 2)
    if len(phone) <= kept_first + kept_last:
        return "*" * len(phone)
    return phone[:kept_first] + "****" + phone[len(phone) - kept_last :]


def masked_hosts(hosts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Hosts with their phones masked."""
    return [
        {**host, "phone": masked_phone(host["phone"])} if isinstance(host.get("phone"), str) else dict(host)
        for host in hosts
    ]


def masked_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body as sent with its hosts' phones masked, and every mobile number wherever else it stands."""
    hosts = body.get("hosts")
    shown = {key: _masked(value) for key, value in body.items()}
    if isinstance(hosts, list):
        shown["hosts"] = _masked(masked_hosts(host for host in hosts if isinstance(host, Mapping)))
    return shown


def masked_text(text: str) -> str:
    """Free text with every mobile number in it masked."""
    return _LONG_NUMBER.sub(r"\1****\2", text)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, Mapping):
        return {key: _masked(inner) for key, inner in value.items()}
    return [_masked(inner) for inner in value] if isinstance(value, list) else value
