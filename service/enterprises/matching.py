"""Rows of a file meet the register, and each other: which row is whom, and what it adds.

A row is an enterprise that is here already when its credit code is, or its name is (by normal form) and nothing
contradicts it, or its name is one enterprise's alias and nothing contradicts it. What is already known stays; a row
only fills blanks and adds names.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.enterprises.models import Enterprise, EnterpriseAlias, EnterpriseKind
from service.enterprises.rows import RowFacts, RowRefusal
from service.kernel.ids import uuid7
from service.kernel.text import name_key

FILLED = (
    "short_name",
    "credit_code",
    "industry",
    "chain",
    "country",
    "province",
    "city",
    "address",
    "website",
)
_COUNTRIES = {
    "china": "中国",
    "prc": "中国",
    "中华人民共和国": "中国",
    "中国大陆": "中国",
    "中国内地": "中国",
}


@dataclass(slots=True)
class Draft:
    """An enterprise as it will be: new, or read from the register and filled up."""

    id: UUID
    is_new: bool
    name: str
    key: str
    kind: EnterpriseKind
    columns: dict[str, str | None]
    facts: dict[str, Any]
    tags: list[str]
    well_known: bool
    group_id: UUID | None
    group_confirmed: bool
    alias_keys: dict[str, str]
    """Keys of the aliases it has, with the alias."""
    new_aliases: list[str] = field(default_factory=list)
    changed: bool = False
    group: str | None = None
    """The name of the group that a row suggests."""
    unit_id: UUID | None = None
    """The unit that is responsible for it (责任单位)."""
    foreign_key: str | None = None
    """The key of the foreign name that a row of this file gave it."""
    rank: int | None = None
    listed_name: str | None = None


class Register:
    """The part of the register that a file speaks of, growing with each row."""

    def __init__(self, drafts: Iterable[Draft]) -> None:
        self.drafts: list[Draft] = []
        self._by_code: dict[str, Draft] = {}
        self._by_key: dict[str, list[Draft]] = defaultdict(list)
        self._by_alias: dict[str, list[Draft]] = defaultdict(list)
        for draft in drafts:
            self._enter(draft)

    def find(self, row: RowFacts) -> Draft | RowRefusal | None:
        """Whom the row means; nothing when nobody here, a refusal when it could be several."""
        if row.credit_code and row.credit_code in self._by_code:
            return self._by_code[row.credit_code]
        for candidates in (self._by_key.get(row.key, []), self._by_alias.get(row.key, [])):
            fitting = [draft for draft in candidates if not _contradicts(draft, row)]
            if len(fitting) > 1 and row.foreign_key:
                fitting = [draft for draft in fitting if row.foreign_key in draft.alias_keys] or fitting
            exact = [draft for draft in fitting if draft.name == row.name]
            if len(exact or fitting) == 1:
                return (exact or fitting)[0]
            if fitting:
                zh = f"与 {len(fitting)} 家企业同名，请先合并或填写统一社会信用代码"
                en = f"{len(fitting)} enterprises have this name; merge them or give the credit code"
                return RowRefusal(row.line_no, row.name, "name_ambiguous", zh, en)
        return None

    def open(self, row: RowFacts) -> Draft:
        """A new enterprise for the row."""
        draft = Draft(
            id=uuid7(),
            is_new=True,
            name=row.name,
            key=row.key,
            kind=row.kind,
            columns=dict.fromkeys(FILLED),
            facts={},
            tags=[],
            well_known=False,
            group_id=None,
            group_confirmed=False,
            alias_keys={},
        )
        self._enter(draft)
        return draft

    def fill(self, draft: Draft, row: RowFacts) -> None:
        """What the row knows more than the register goes into its blanks; another name becomes an alias."""
        for column, text in (*row.columns.items(), ("credit_code", row.credit_code)):
            if text and not draft.columns.get(column):
                draft.columns[column] = text
                draft.changed = True
        for name in (row.name, *row.aliases):
            self._add_alias(draft, name)
        new_tags = [tag for tag in row.tags if tag not in draft.tags]
        if new_tags or any(draft.facts.get(name) != fact for name, fact in row.facts.items()):
            draft.changed = True
        draft.tags.extend(new_tags)
        draft.facts |= row.facts
        draft.group = draft.group or row.group
        draft.foreign_key = draft.foreign_key or row.foreign_key
        draft.rank = draft.rank if draft.rank is not None else row.rank
        draft.listed_name = draft.listed_name or row.name
        if draft.columns["credit_code"]:
            self._by_code.setdefault(draft.columns["credit_code"], draft)

    def _enter(self, draft: Draft) -> None:
        self.drafts.append(draft)
        self._by_key[draft.key].append(draft)
        for key in draft.alias_keys:
            self._by_alias[key].append(draft)
        if code := draft.columns.get("credit_code"):
            self._by_code[code] = draft

    def _add_alias(self, draft: Draft, name: str) -> None:
        key = name_key(name)
        if not key or key == draft.key or key in draft.alias_keys:
            return
        draft.alias_keys[key] = name
        draft.new_aliases.append(name)
        draft.changed = True
        self._by_alias[key].append(draft)


def read_register(session: Session, rows: Sequence[RowFacts]) -> Register:
    """The enterprises that rows of these names and codes may mean, with their aliases: three statements."""
    keys = {row.key for row in rows}
    codes = {row.credit_code for row in rows if row.credit_code}
    aliased = session.scalars(
        sa.select(EnterpriseAlias.enterprise_id).where(EnterpriseAlias.name_key == sa.any_(_texts(keys)))
    ).all()
    named = Enterprise.name_key == sa.any_(_texts(keys))
    coded = Enterprise.credit_code == sa.any_(_texts(codes))
    by_alias = Enterprise.id.in_(aliased)
    found = session.scalars(
        sa.select(Enterprise).where(Enterprise.merged_into_id.is_(None), sa.or_(named, coded, by_alias))
    ).all()
    aliases = _aliases_of(session, [one.id for one in found])
    return Register(_draft(one, aliases.get(one.id, {})) for one in found)


def _texts(values: Collection[str]) -> sa.BindParameter[list[str]]:
    return sa.literal(sorted(values), sa.ARRAY(sa.Text()))


def _aliases_of(session: Session, ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    columns = (EnterpriseAlias.enterprise_id, EnterpriseAlias.name_key, EnterpriseAlias.name)
    aliases: dict[UUID, dict[str, str]] = defaultdict(dict)
    for row in session.execute(sa.select(*columns).where(EnterpriseAlias.enterprise_id.in_(ids))):
        aliases[row.enterprise_id][row.name_key] = row.name
    return aliases


def _draft(one: Enterprise, aliases: dict[str, str]) -> Draft:
    return Draft(
        id=one.id,
        is_new=False,
        name=one.name,
        key=one.name_key,
        kind=one.kind,
        columns={column: getattr(one, column) for column in FILLED},
        facts=dict(one.facts),
        tags=list(one.tags),
        well_known=one.well_known,
        group_id=one.group_id,
        group_confirmed=one.group_confirmed_at is not None,
        alias_keys=aliases,
        unit_id=one.responsible_unit_id,
    )


def _contradicts(draft: Draft, row: RowFacts) -> bool:
    """Two credit codes are two firms, and so are two countries, or two foreign names in one file."""
    codes = {draft.columns["credit_code"], row.credit_code} - {None}
    countries = {_country(text) for text in (draft.columns["country"], row.columns.get("country")) if text}
    foreign = {draft.foreign_key, row.foreign_key} - {None}
    return len(codes) > 1 or len(countries) > 1 or len(foreign) > 1


def _country(text: str) -> str:
    plain = text.strip().casefold()
    return _COUNTRIES.get(plain, plain)
