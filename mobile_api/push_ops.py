"""The ops of a batch as they stand in its bytes: each is read on its own, and one that cannot be read is kept whole.

::

    whole body strict JSON ─▶ ops from the document; bytes are cut out only for those that are refused
    else, JSON by grammar  ─▶ each op is cut out and read alone: duplicate keys, NUL … spoil that one
    else                   ─▶ Malformed: nothing is kept, the phone has it
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from service.http.parsing import read_document
from service.http.translations import json_trouble
from service.kernel import slices
from service.kernel.errors import Fault, Invalid, Malformed, Refusal, fault
from service.kernel.ids import parse_uuid
from service.kernel.revisions import Malformed as MalformedJson
from service.submissions.batch import Op
from service.submissions.models import RecordType

MOST_OPS = 100
LONGEST_OP_ID = 100
TYPES = (
    RecordType.VISIT,
    RecordType.CHECKIN,
    RecordType.TRIP,
    RecordType.ISSUE,
    RecordType.PHOTO,
    RecordType.WITHDRAWAL,
)
_FIELDS = ("op_id", "type", "id", "base_rev", "author_id", "body")
_BOM = b"\xef\xbb\xbf"
_UNCLEAR = object()
"""Stands for a value that is named twice or cannot be read."""


def read_ops(raw: bytes) -> list[Op]:
    """Every op of the batch, in order.

    Raises:
        Malformed: the body is no JSON.
        Invalid: it has no list of ops, or more than `MOST_OPS`.
    """
    raw = raw.removeprefix(_BOM)
    try:
        document = read_document(raw)
    except Refusal:
        return _cut_out(raw)
    ops = document.get("ops") if isinstance(document, dict) else None
    _demand_list(ops)
    cuts = _Cuts(raw)
    return [_op(place, given, partial(cuts.op, place)) for place, given in enumerate(ops or ())]


def _cut_out(raw: bytes) -> list[Op]:
    try:
        slices.demand_grammar(raw)
    except MalformedJson as error:
        zh, en = json_trouble(str(error))
        raise Malformed(reason_zh=zh, reason_en=en) from error
    found = _Cuts(raw).ops
    _demand_list(found)
    return [_op_of_bytes(place, one) for place, one in enumerate(found or ())]


def _demand_list(ops: object) -> None:
    if not isinstance(ops, list):
        raise fault("/ops", "应为操作列表", "A list of ops is expected")
    if len(ops) > MOST_OPS:
        raise fault("/ops", f"一批最多 {MOST_OPS} 项", f"At most {MOST_OPS} ops are taken at once")


class _Cuts:
    """The bytes of each op, found when the first is asked for."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._ops: list[bytes] | None = None

    @property
    def ops(self) -> list[bytes] | None:
        """The bytes of every op; None when the body has no one list of them."""
        if self._ops is None:
            lists = [value for name, value in _members(self._raw) if name == "ops"]
            if len(lists) != 1 or not lists[0].startswith(b"["):
                return None
            self._ops = slices.items(lists[0])
        return self._ops

    def op(self, place: int) -> bytes:
        """The bytes of one op."""
        return (self.ops or [])[place]


def _members(raw: bytes) -> Iterator[tuple[str, bytes]]:
    for key, value in slices.members(raw):
        try:
            name = json.loads(key)
        except ValueError:
            continue
        if isinstance(name, str):
            yield name, value


def _op(place: int, given: object, cut: Callable[[], bytes]) -> Op:
    """An op whose every value could be read."""
    if not isinstance(given, dict):
        return _nameless(place, None, cut(), [_fault(place, "", "应为对象", "An object is expected")])
    return _read(place, given, cut, None)


def _op_of_bytes(place: int, raw: bytes) -> Op:
    """An op of a body that could not be read as a whole; its own body may be what is wrong."""
    held: defaultdict[str, list[bytes]] = defaultdict(list)
    for name, value in _members(raw):
        held[name].append(value)
    if not held:
        return _op(place, None, lambda: raw)
    given: dict[str, object] = {}
    refusal: Refusal | None = None
    for name in _FIELDS:
        values = held[name]
        if len(values) == 1:
            try:
                given[name] = read_document(values[0])
            except Refusal as unread:
                given[name] = _UNCLEAR
                refusal = unread if name == "body" else refusal
        elif values:
            given[name] = _UNCLEAR
    return _read(place, given, lambda: raw, refusal)


def _read(place: int, given: Mapping[str, Any], cut: Callable[[], bytes], refusal: Refusal | None) -> Op:
    op_id, base_rev, body = given.get("op_id"), given.get("base_rev"), given.get("body")
    faults = list(_faults(place, op_id, base_rev, body, is_body_told=refusal is not None))
    author_id = _id(given.get("author_id"))
    if author_id is None and given.get("author_id") is not None:
        faults.append(_fault(place, "/author_id", "应为 UUID", "A UUID is expected"))
    if not _is_op_id(op_id):
        op_id = None
    record_type, record_id = _type(given.get("type")), _id(given.get("id"))
    if record_type is None or record_id is None:
        faults += _naming_faults(place, record_type, record_id)
        return _nameless(place, op_id, cut(), faults)
    if isinstance(refusal, Malformed):  # by grammar it was JSON: what is wrong are bytes in its strings
        refusal = Invalid(faults=[Fault("", refusal.text("zh"), refusal.text("en"))])
    return Op(
        op_id=op_id,
        record_type=record_type,
        record_id=record_id,
        raw=partial(_body_bytes, cut),
        body=body if isinstance(body, dict) else {},
        base_rev=base_rev if _is_rev(base_rev) else None,
        author_id=author_id,
        refusal=refusal or (Invalid(faults=faults) if faults else None),
    )


def _body_bytes(cut: Callable[[], bytes]) -> bytes:
    """What is kept of a refused op: its body as its own door would have been sent it, or all of it."""
    whole = cut()
    bodies = [value for name, value in _members(whole) if name == "body"]
    return bodies[0] if len(bodies) == 1 else whole


def _nameless(place: int, op_id: object, raw: bytes, faults: list[Fault]) -> Op:
    digest = bytearray(hashlib.sha256(raw).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x3F | 0x80  # version 8, as RFC 9562 wants it
    return Op(
        op_id=op_id if isinstance(op_id, str) else None,
        record_type=RecordType.OP,
        record_id=UUID(bytes=bytes(digest)),
        raw=lambda: raw,
        refusal=Invalid(faults=faults or [_fault(place, "", "无法识别", "It cannot be understood")]),
    )


def _faults(
    place: int, op_id: object, base_rev: object, body: object, *, is_body_told: bool
) -> Iterator[Fault]:
    if not _is_op_id(op_id):
        yield _fault(
            place,
            "/op_id",
            f"应为 1 到 {LONGEST_OP_ID} 个字符",
            f"1 to {LONGEST_OP_ID} characters are expected",
        )
    if base_rev is not None and not _is_rev(base_rev):
        yield _fault(place, "/base_rev", "应为正整数", "A positive whole number is expected")
    if not isinstance(body, dict) and not is_body_told:
        yield _fault(place, "/body", "应为对象，且只能有一个", "Exactly one object is expected")


def _naming_faults(place: int, record_type: RecordType | None, record_id: UUID | None) -> Iterator[Fault]:
    if record_type is None:
        names = "、".join(TYPES)
        yield _fault(place, "/type", f"只能是其中之一：{names}", f"It is one of: {', '.join(TYPES)}")
    if record_id is None:
        yield _fault(place, "/id", "应为 UUID", "A UUID is expected")


def _fault(place: int, pointer: str, zh: str, en: str) -> Fault:
    return Fault(f"/ops/{place}{pointer}", zh, en)


def _type(given: object) -> RecordType | None:
    return RecordType(given) if isinstance(given, str) and given in TYPES else None


def _id(given: object) -> UUID | None:
    try:
        return parse_uuid(given) if isinstance(given, str) else None
    except ValueError:
        return None


def _is_op_id(given: object) -> bool:
    return isinstance(given, str) and 1 <= len(given) <= LONGEST_OP_ID


def _is_rev(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and 1 <= given < 2**31
