"""The register for search without a network: everybody may see every enterprise that stands for itself."""

import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from service.enterprises.models import Enterprise, EnterpriseAlias
from service.enterprises.queries import top500_today
from service.kernel.actor import Actor
from service.kernel.db import among
from service.programmes.models import TargetListEntry
from service.sync.feed import Feed, Shown, Written


def _of_it(what: Any, order: Any, holder: Any) -> sa.ScalarSelect[Any]:
    """What an enterprise has of something, in an order, as JSON."""
    several = sa.func.json_agg(aggregate_order_by(what, order))
    return sa.select(several).where(holder == Enterprise.id).correlate(Enterprise).scalar_subquery()


_ALIASES = _of_it(
    sa.func.json_build_object("name", EnterpriseAlias.name, "initials", EnterpriseAlias.initials),
    EnterpriseAlias.name,
    EnterpriseAlias.enterprise_id,
)
_LISTS = _of_it(
    sa.func.json_build_object("list_id", TargetListEntry.list_id, "unit_id", TargetListEntry.unit_id),
    TargetListEntry.list_id,
    TargetListEntry.enterprise_id,
)


_NOTHING = sa.text("'[]'::json")
_FACTS = sa.func.json_build_object(
    *("id", Enterprise.id, "name", Enterprise.name, "short_name", Enterprise.short_name),
    *("aliases", sa.func.coalesce(_ALIASES, _NOTHING), "initials", Enterprise.initials),
    *("credit_code", Enterprise.credit_code, "kind", Enterprise.kind, "country", Enterprise.country),
    *("province", Enterprise.province, "city", Enterprise.city, "address", Enterprise.address),
    *("industry", Enterprise.industry, "chain", Enterprise.chain, "well_known", Enterprise.well_known),
    *("group_id", sa.case((Enterprise.group_confirmed_at.is_not(None), Enterprise.group_id))),
    *("target_lists", sa.func.coalesce(_LISTS, _NOTHING)),
    *("responsible_unit_id", Enterprise.responsible_unit_id),
    *("latitude", Enterprise.latitude, "longitude", Enterprise.longitude),
)
"""As text: the database puts 500 enterprises into JSON beside us, where we would keep everybody waiting for 30 ms."""


def _visible(actor: Actor) -> sa.Select[UUID]:
    del actor
    return sa.select(Enterprise.id).where(Enterprise.merged_into_id.is_(None))


def _read(session: Session, actor: Actor, ids: Collection[UUID], language: str) -> dict[UUID, Shown]:
    del actor, language
    these = (Enterprise.id == among(ids), Enterprise.merged_into_id.is_(None))
    rows = session.execute(sa.select(Enterprise.id, Enterprise.rev, sa.cast(_FACTS, sa.Text())).where(*these))
    top500 = top500_today(session, ids)
    return {row[0]: Shown(row[1], _with_lists(row[2], top500.get(row[0], ()))) for row in rows}


def _with_lists(text: str, titles: tuple[str, ...]) -> Written:
    """The JSON of an enterprise with the Top-500 lists it is on today."""
    return Written(f'{text.removesuffix("}")},"top500":{json.dumps(titles, ensure_ascii=False)}}}')


FEED = Feed("enterprise", _visible, _read)
