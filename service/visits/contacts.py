"""Contacts are personal data: only the author of a record reads a phone number whole."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

ERASED = "已删除"
"""What stands where somebody was taken out; there is nothing left of it to mask."""
_D, _GAP = "[0-9０-９]", r"[ \u00a0\u3000\-‐-―－]"
_ALONE = f"(?<!{_D})", f"(?!{_D})"
_MOBILE = re.compile(
    rf"{_ALONE[0]}((?:(?:00)?86{_GAP}?)?[1１][3-9３-９]{_D})"
    rf"(?:{_GAP}?{_D}{{4}}{_GAP}?|{_GAP}{_D}{{3}}{_GAP}{_D}|{_D}{_GAP}{_D}{{3}}{_GAP})"
    rf"({_D}{{4}}){_ALONE[1]}"
)
_LANDLINE = re.compile(
    rf"(?<![0-9.])(0[1-9][0-9]{{1,2}}[)）]?{_GAP}?[2-8][0-9]?)[0-9]{{4}}([0-9]{{2}})(?![0-9])"
)
_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def masked_phone(phone: str) -> str:
    """A number as others may see it: `138****1234`; shorter ones keep their last two digits."""
    if phone == ERASED:
        return phone
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
    """A body as sent with its hosts' phones masked, and every number of a phone wherever else it stands."""
    hosts = body.get("hosts")
    shown = {key: _masked(value) for key, value in body.items()}
    if isinstance(hosts, list):
        shown["hosts"] = _masked(masked_hosts(host for host in hosts if isinstance(host, Mapping)))
    return shown


def masked_text(text: str) -> str:
    """Free text with every phone in it masked: mobiles, however they are set apart, and others with their area code."""
    return _LANDLINE.sub(r"\1****\2", _MOBILE.sub(r"\1****\2", text))


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return value if _ID.fullmatch(value) else masked_text(value)
    if isinstance(value, Mapping):
        return {key: _masked(inner) for key, inner in value.items()}
    return [_masked(inner) for inner in value] if isinstance(value, list) else value
