"""Fields and schemas every door shares: strict types, ranges the database can hold, unknown fields handled.

Doors for phones inherit `PhoneSchema` (unknown fields are ignored and named), headquarters' doors `StrictSchema`
(unknown fields are refused). The same holds for query parameters.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import islice
from typing import Any
from uuid import UUID

import marshmallow as ma
from marshmallow import fields, validate

from service.kernel.ids import parse_uuid
from service.kernel.money import parse_wan
from service.kernel.pages import LARGEST_LIMIT, PageRequest, read_cursor
from service.kernel.text import has_forbidden_characters, trimmed

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
INT32 = 2**31 - 1
_LOST_PLUS = re.compile(r" (\d\d:?\d\d)\Z")
_MONTH = re.compile(r"^20[0-9]{2}-(0[1-9]|1[0-2])$")
NOT_AN_AMOUNT = (
    "金额无法识别，请写成 12000（单位万元）、3500元、12000万 或 1.2亿"
    " / Not an amount: write it as 12000 (which means 万元), 3500元, 12000万 or 1.2亿"
)


class StrictSchema(ma.Schema):
    """Refuses unknown fields."""

    class Meta:
        """Marshmallow's settings."""

        unknown = ma.RAISE


class PhoneSchema(ma.Schema):
    """Ignores unknown fields; `ignored_fields` names them."""

    class Meta:
        """Marshmallow's settings."""

        unknown = ma.EXCLUDE

    def _deserialize(self, data: Any, *, error_store: Any, unknown: Any = ma.RAISE, **options: Any) -> Any:
        """What marshmallow does, for one object whose unknown fields are left out.

        Its own loop makes three calls for a field, given or not; phones send batches of fifty records with eight
        objects each, of which reading was half the time.
        """
        if (
            unknown != ma.EXCLUDE
            or options.get("many")
            or options.get("partial")
            or not isinstance(data, dict)
        ):
            return super()._deserialize(data, error_store=error_store, unknown=unknown, **options)
        found = self.dict_class()
        for name, field in self.load_fields.items():
            key = field.data_key or name
            value = data.get(key, ma.missing)
            if value is ma.missing and not field.required and field.load_default is ma.missing:
                continue
            try:
                loaded = field.deserialize(value, key, data)
            except ma.ValidationError as error:
                error_store.store_error(error.messages, key)
                loaded = error.valid_data or ma.missing
            if loaded is not ma.missing:
                ma.utils.set_value(found, field.attribute or name, loaded)
        return found


class OutSchema(ma.Schema):
    """What leaves the house; reads attributes of frozen rows."""


class _FewChecks(fields.Field[Any]):
    """A field with one check at most, usually: marshmallow makes a list of all of them anew for each value."""

    def _validate(self, value: Any) -> None:
        if len(self.validators) == 1:
            self.validators[0](value)
        elif self.validators:
            super()._validate(value)


class Text(_FewChecks, fields.String):
    """Text a person wrote: no control characters, trimmed, `least` to `most` characters."""

    def __init__(self, *, most: int, least: int = 0, **options: Any) -> None:
        checks = [validate.Length(min=least or None, max=most)]
        super().__init__(validate=checks, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = trimmed(str(super()._deserialize(value, attr, data, **kwargs)))
        if has_forbidden_characters(text):
            raise ma.ValidationError("不能含有控制字符 / control characters are not allowed")
        return text


class Id(_FewChecks, fields.Field[UUID]):
    """A UUID of any version, in its usual text form, shown in lower case."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> UUID:  # noqa: ARG002
        if not isinstance(value, str):
            raise ma.ValidationError("Not a valid UUID.")
        try:
            return parse_uuid(value)
        except ValueError as error:
            raise ma.ValidationError("Not a valid UUID.") from error


class Moment(_FewChecks, fields.AwareDateTime):
    """A time with its offset, between 2000 and 2100, kept in UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type="aware datetime")
        try:
            moment = super()._deserialize(value, attr, data, **kwargs).astimezone(UTC)
        except (OverflowError, ValueError) as error:
            if isinstance(error, ma.ValidationError):
                raise
            raise ma.ValidationError(
                "时间应在 2000 年与 2100 年之间 / must lie between 2000 and 2100"
            ) from error
        if not EARLIEST <= moment < LATEST:
            raise ma.ValidationError("时间应在 2000 年与 2100 年之间 / must lie between 2000 and 2100")
        return moment

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class QueryMoment(Moment):
    """A time in a query string, where `+08:00` that was not escaped arrives as ` 08:00`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if isinstance(value, str):
            value = _LOST_PLUS.sub(r"+\1", value)
        return super()._deserialize(value, attr, data, **kwargs)


class Day(fields.Date):
    """A date between 2000 and 2100."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type="date")
        day: date = super()._deserialize(value, attr, data, **kwargs)
        if not EARLIEST.date() <= day < LATEST.date():
            raise ma.ValidationError("日期应在 2000 年与 2100 年之间 / must lie between 2000 and 2100")
        return day


class Month(fields.Field[date]):
    """A month between 2000 and 2099, `2026-10`, read as its first day."""

    def __init__(self, **options: Any) -> None:
        metadata = {"type": "string", "pattern": _MONTH.pattern} | options.pop("metadata", {})
        super().__init__(metadata=metadata, **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else f"{value:%Y-%m}"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:  # noqa: ARG002
        if not isinstance(value, str) or _MONTH.fullmatch(value) is None:
            raise ma.ValidationError("月份应写成 2026-10 / a month is written 2026-10")
        return date.fromisoformat(f"{value}-01")


class Whole(_FewChecks, fields.Integer):
    """A whole number that fits a 32-bit column; `5.7` and `"5"` are not whole numbers."""

    def __init__(self, *, least: int = 0, most: int = INT32, **options: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(least, most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, (bool, str)):
            raise self.make_error("invalid", input=value)
        return int(super()._deserialize(value, attr, data, **kwargs))


class QueryWhole(fields.Integer):
    """A whole number in a query string, where everything is text."""

    def __init__(self, *, least: int = 0, most: int = INT32, **options: Any) -> None:
        super().__init__(validate=validate.Range(least, most), **options)


class Real(_FewChecks, fields.Float):
    """A finite number between two bounds; text and booleans are not numbers."""

    def __init__(self, *, least: float, most: float, **options: Any) -> None:
        super().__init__(allow_nan=False, validate=validate.Range(least, most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if isinstance(value, (bool, str)):
            raise self.make_error("invalid", input=value)
        return float(super()._deserialize(value, attr, data, **kwargs))


class Flag(fields.Boolean):
    """`true` or `false`, and nothing that looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Wan(fields.Field[Decimal]):
    """An amount in 万元 with up to 4 places; a decimal string, or `1.2亿` as a person types it."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else format(value.normalize() if value else Decimal(0), "f")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:  # noqa: ARG002
        if not isinstance(value, str):
            raise ma.ValidationError(
                '金额应为文本，例如 "12000" 或 "1.2亿" / An amount is a string, such as "12000"'
            )
        try:
            amount = parse_wan(value)
        except (ValueError, InvalidOperation) as error:
            raise ma.ValidationError(NOT_AN_AMOUNT) from error
        if amount is None:
            raise ma.ValidationError(NOT_AN_AMOUNT)
        return amount


class Figure(fields.Float):
    """A statistic, computed and rounded exactly, shown as the JSON number with those very digits."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> float | None:  # noqa: ARG002
        return None if value is None else float(value)


def choice(enum: Any, **options: Any) -> fields.Enum[Any]:
    """A field that takes and shows the values of a StrEnum."""
    return fields.Enum(enum, by_value=fields.String(), **options)


class _PageFields(ma.Schema):
    limit = QueryWhole(least=1, most=LARGEST_LIMIT, load_default=100)
    cursor = fields.String(load_default=None, validate=validate.Length(max=500))


class PageQuery(StrictSchema, _PageFields):
    """`limit` and `cursor` of a list of headquarters; a parameter it does not know is refused."""


class PhonePageQuery(PhoneSchema, _PageFields):
    """`limit` and `cursor` of a phone's list; a parameter it does not know is ignored."""


def page_request(limit: int, cursor: str | None, *, parts: int) -> PageRequest:
    """What a list's query asked for; `parts` is how many strings its key has."""
    return PageRequest(limit=limit, after=None if cursor is None else read_cursor(cursor, parts=parts))


MOST_IGNORED_NAMED = 100


def ignored_fields(schema: ma.Schema, sent: Any) -> tuple[str, ...]:
    """JSON pointers of the fields in `sent` that the schema does not know, at any depth; the first hundred."""
    return tuple(islice(_unknown_fields(schema, sent, ""), MOST_IGNORED_NAMED))


def _unknown_fields(schema: ma.Schema, sent: Any, pointer: str) -> Iterator[str]:
    if not isinstance(sent, Mapping):
        return
    known = _known_fields(schema)
    for key, value in sent.items():
        inner = known.get(key, _UNKNOWN)
        if inner is None:
            continue
        place = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
        if inner is _UNKNOWN:
            yield place
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from _unknown_fields(inner, item, f"{place}/{index}")
        else:
            yield from _unknown_fields(inner, value, place)


_UNKNOWN = ma.Schema()
"""Stands for the schema of a field that is not known."""


@cache
def _known_fields(schema: ma.Schema) -> dict[str, ma.Schema | None]:
    """The names a schema knows, each with the schema of what stands there, or of each item of the list there."""
    return {field.data_key or name: _schema_within(field) for name, field in schema.load_fields.items()}


def _schema_within(field: Any) -> ma.Schema | None:
    within = field.inner if isinstance(field, fields.List) else field
    found: ma.Schema | None = within.schema if isinstance(within, fields.Nested) else None
    return found
