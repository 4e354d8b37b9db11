"""Search of the register: by name part, alias, pinyin initials or credit code, best first, paged by key.

Order: a credit code that begins so, then an exact name, a name that begins so, another name that begins so, and last
a name that has it inside; among equals the shorter name first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.enterprises.cursors import RankedKey, bound, ranked_key
from service.enterprises.models import Enterprise
from service.enterprises.names import as_code_prefix, inner_grams, loose_key, starting_grams
from service.enterprises.queries import FOUND_COLUMNS, FoundEnterprise, with_top500
from service.kernel.actor import Actor
from service.kernel.pages import Page, PageRequest, page_of
from service.kernel.text import name_key

KEY_PARTS = 4
_BY_CODE, _EXACT, _NAME_STARTS, _STARTS, _INSIDE = range(5)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is looked for; `among` narrows it to enterprises whose ids a query gives."""

    text: str = ""
    page: PageRequest = field(default_factory=PageRequest)
    among: sa.Select[UUID] | None = None


@dataclass(frozen=True, slots=True)
class _Phase:
    rank: sa.ColumnElement[int]
    last_rank: int
    where: tuple[sa.ColumnElement[bool], ...]


@dataclass(frozen=True, slots=True)
class _Hit:
    found: FoundEnterprise
    key: tuple[str, ...]


def search(session: Session, actor: Actor, request: SearchRequest) -> Page[FoundEnterprise]:
    """The enterprises that answer a text, best first; without a text, all by name. Everybody may search all."""
    del actor
    if not request.text.strip():
        hits = _hits(session, request, [_everything()])
    else:
        hits = _hits(session, request, _phases(loose_key(request.text), request.text))
        core = name_key(request.text)
        if not hits and core != loose_key(request.text):
            hits = _hits(session, request, _phases(core, request.text))
    page = page_of(hits, limit=request.page.limit, key=lambda hit: hit.key)
    return Page(with_top500(session, [hit.found for hit in page.items]), page.next_cursor)


def _everything() -> _Phase:
    return _Phase(sa.literal(_EXACT), _EXACT, ())


def _phases(key: str, text: str) -> Iterator[_Phase]:
    """Each phase asks an index of its own; later ones leave out what earlier ones gave."""
    code = as_code_prefix(text)
    has_code: sa.ColumnElement[bool] = sa.false()
    if code:
        # Codes are digits and capitals up to Y, so that in any collation what begins so ends before …Z.
        has_code = sa.and_(Enterprise.credit_code >= code, Enterprise.credit_code < code + "Z")
        yield _Phase(sa.literal(_BY_CODE), _BY_CODE, (Enterprise.credit_code.is_not(None), has_code))
    if not key:
        return
    not_by_code = (sa.func.coalesce(sa.not_(has_code), sa.true()),) if code else ()
    starts = _holds("\n" + key)
    rank = sa.case(
        (_holds(f"\n{key}\n"), _EXACT),
        (sa.func.starts_with(Enterprise.search_text, "\n" + key), _NAME_STARTS),
        else_=_STARTS,
    )
    yield _Phase(rank, _STARTS, (Enterprise.grams.contains(starting_grams(key)), starts, *not_by_code))
    if grams := inner_grams(key):
        inside = (Enterprise.grams.contains(grams), _holds(key), sa.not_(starts), *not_by_code)
        yield _Phase(sa.literal(_INSIDE), _INSIDE, inside)


def _holds(text: str) -> sa.ColumnElement[bool]:
    return sa.func.strpos(Enterprise.search_text, text) > 0


def _hits(session: Session, request: SearchRequest, phases: Iterator[_Phase] | list[_Phase]) -> list[_Hit]:
    """Up to one hit more than the page holds."""
    hits: list[_Hit] = []
    wanted = request.page.limit + 1
    after = ranked_key(request.page.after) if request.page.after else None
    for phase in phases:
        if after and after.rank > phase.last_rank:
            continue
        hits.extend(_hits_of(session, request, phase, after, wanted - len(hits)))
        if len(hits) >= wanted:
            break
    return hits


def _hits_of(
    session: Session, request: SearchRequest, phase: _Phase, after: RankedKey | None, most: int
) -> Iterator[_Hit]:
    length = sa.func.char_length(Enterprise.name_key) if request.text.strip() else sa.literal(0)
    order = (phase.rank, length, Enterprise.name_key, Enterprise.id)
    query = sa.select(*FOUND_COLUMNS, *(part.label(f"key_{place}") for place, part in enumerate(order)))
    query = query.where(Enterprise.merged_into_id.is_(None), *phase.where)
    if request.among is not None:
        query = query.where(Enterprise.id.in_(request.among))
    if after:
        query = query.where(sa.tuple_(*order) > bound(*after))
    for row in session.execute(query.order_by(*order).limit(most)):
        values: tuple[Any, ...] = tuple(row)
        yield _Hit(FoundEnterprise(*values[: len(FOUND_COLUMNS)]), tuple(map(str, values[-KEY_PARTS:])))
