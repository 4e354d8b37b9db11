"""Writes of the register: enterprises and their other names; `grouping` has their groups."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit.commands import record
from service.enterprises.errors import (
    AlreadyMerged,
    CreditCodeTaken,
    CreditCodeWrong,
    RevisionStale,
    UnknownEnterprise,
    credit_code_faults,
)
from service.enterprises.models import Enterprise, EnterpriseAlias, EnterpriseKind
from service.enterprises.names import searchable
from service.enterprises.rules import keepers_only
from service.enterprises.suspicions import suspect_duplicates
from service.kernel import credit_code
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import NotFound
from service.kernel.ids import uuid7
from service.kernel.text import name_key, pinyin_initials

AMENDABLE = frozenset(
    {
        "name", "short_name", "credit_code", "kind", "well_known", "industry", "chain", "country", "province",
        "city", "address", "website", "latitude", "longitude", "responsible_unit_id", "tags",
    }
)  # fmt: skip
REGISTER_LOCK = 5_190_221_040
"""Shared by whoever gives one credit code, held alone by an import."""
_SEARCHED_BY = frozenset({"name", "short_name", "credit_code"})


@dataclass(frozen=True, slots=True)
class Registration:
    """An enterprise to register; only the name is needed."""

    name: str
    kind: EnterpriseKind = EnterpriseKind.ENTERPRISE
    credit_code: str | None = None
    short_name: str | None = None
    aliases: tuple[str, ...] = ()
    well_known: bool = False
    industry: str | None = None
    chain: str | None = None
    country: str | None = None
    province: str | None = None
    city: str | None = None
    address: str | None = None
    website: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    responsible_unit_id: UUID | None = None
    tags: tuple[str, ...] = ()
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Amendment:
    """New values of some of the `AMENDABLE` columns, by somebody who saw revision `base_rev`."""

    enterprise_id: UUID
    base_rev: int
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewAlias:
    """Another name of an enterprise."""

    enterprise_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class AliasRemoval:
    """An alias that is to go."""

    enterprise_id: UUID
    alias_id: UUID


def register_enterprise(session: Session, actor: Actor, registration: Registration) -> UUID:
    """A new enterprise; what it resembles is suspected, never refused.

    Raises:
        CreditCodeWrong, CreditCodeTaken: of its credit code; the region in it is not judged.
    """
    keepers_only(actor)
    code = usable_code(session, registration.credit_code)
    found_by = searchable(registration.name, registration.short_name, registration.aliases)
    moment = now()
    enterprise = Enterprise(
        id=uuid7(),
        name=registration.name,
        name_key=found_by.name_key,
        short_name=registration.short_name,
        credit_code=code,
        kind=registration.kind,
        well_known=registration.well_known,
        industry=registration.industry,
        chain=registration.chain,
        country=registration.country,
        province=registration.province,
        city=registration.city,
        address=registration.address,
        website=registration.website,
        latitude=registration.latitude,
        longitude=registration.longitude,
        responsible_unit_id=registration.responsible_unit_id,
        tags=list(dict.fromkeys(registration.tags)),
        initials=found_by.initials,
        grams=found_by.grams,
        search_text=found_by.search_text,
        source=registration.source,
        created_at=moment,
        updated_at=moment,
    )
    session.add(enterprise)
    session.flush()
    _write_aliases(session, enterprise, registration.aliases)
    suspect_duplicates(session, [enterprise.id])
    record(
        session,
        actor,
        "enterprise.register",
        "enterprise",
        enterprise.id,
        name=enterprise.name,
        credit_code=code,
    )
    return enterprise.id


def amend_enterprise(session: Session, actor: Actor, amendment: Amendment) -> int:
    """The enterprise with its new values; answers its new revision.

    Raises:
        RevisionStale: somebody changed it since `base_rev`.
        CreditCodeWrong, CreditCodeTaken, AlreadyMerged, UnknownEnterprise: as they say.
    """
    keepers_only(actor)
    enterprise = locked(session, amendment.enterprise_id)
    if enterprise.rev != amendment.base_rev:
        raise RevisionStale(rev=enterprise.rev, extra={"rev": enterprise.rev})
    changes = {name: value for name, value in amendment.changes.items() if name in AMENDABLE}
    if "credit_code" in changes:
        changes["credit_code"] = usable_code(session, changes["credit_code"], besides=enterprise.id)
    changed = {name: value for name, value in changes.items() if getattr(enterprise, name) != value}
    if not changed:
        return enterprise.rev
    before = {name: getattr(enterprise, name) for name in changed}
    for name, value in changed.items():
        setattr(enterprise, name, value)
    touch(enterprise)
    session.flush()
    if changed.keys() & _SEARCHED_BY:
        refresh_search(session, enterprise)
        suspect_duplicates(session, [enterprise.id])
    record(session, actor, "enterprise.amend", "enterprise", enterprise.id, before=before, after=changed)
    return enterprise.rev


def add_alias(session: Session, actor: Actor, alias: NewAlias) -> UUID:
    """Another name to find the enterprise by; the same name again is the same alias."""
    keepers_only(actor)
    enterprise = locked(session, alias.enterprise_id)
    key = name_key(alias.name)
    existing = session.scalar(
        sa.select(EnterpriseAlias.id).where(
            EnterpriseAlias.enterprise_id == enterprise.id, EnterpriseAlias.name_key == key
        )
    )
    if existing:
        return existing
    (alias_id,) = _write_aliases(session, enterprise, [alias.name])
    touch(enterprise)
    refresh_search(session, enterprise)
    suspect_duplicates(session, [enterprise.id])
    record(session, actor, "enterprise.alias.add", "enterprise", enterprise.id, alias=alias.name)
    return alias_id


def remove_alias(session: Session, actor: Actor, removal: AliasRemoval) -> None:
    """The enterprise is no longer found by that name."""
    keepers_only(actor)
    enterprise = locked(session, removal.enterprise_id)
    alias = session.get(EnterpriseAlias, removal.alias_id)
    if alias is None or alias.enterprise_id != enterprise.id:
        raise NotFound
    session.delete(alias)
    session.flush()
    touch(enterprise)
    refresh_search(session, enterprise)
    record(session, actor, "enterprise.alias.remove", "enterprise", enterprise.id, alias=alias.name)


def locked(session: Session, enterprise_id: UUID) -> Enterprise:
    """The enterprise, held until the transaction ends.

    Raises:
        UnknownEnterprise: there is none of that id.
        AlreadyMerged: another stands for it.
    """
    enterprise = session.get(Enterprise, enterprise_id, with_for_update=True, populate_existing=True)
    if enterprise is None:
        raise UnknownEnterprise
    if enterprise.merged_into_id is not None:
        raise AlreadyMerged(enterprise.merged_into_id)
    return enterprise


def touch(enterprise: Enterprise) -> None:
    """Another revision of it, as of now."""
    enterprise.rev += 1
    enterprise.updated_at = now()


def refresh_search(session: Session, enterprise: Enterprise) -> None:
    """The enterprise is found by exactly the names it has now."""
    session.flush()
    aliases = session.scalars(
        sa.select(EnterpriseAlias.name).where(EnterpriseAlias.enterprise_id == enterprise.id).order_by("name")
    )
    found_by = searchable(enterprise.name, enterprise.short_name, aliases)
    enterprise.name_key, enterprise.initials = found_by.name_key, found_by.initials
    enterprise.grams, enterprise.search_text = found_by.grams, found_by.search_text
    session.flush()


def usable_code(session: Session, text: str | None, *, besides: UUID | None = None) -> str | None:
    """The code in its normal form, or nothing for none.

    Raises:
        CreditCodeWrong: it cannot be one.
        CreditCodeTaken: another enterprise than `besides` has it.
    """
    code = credit_code.normalise(text or "")
    if not code:
        return None
    if faults := credit_code_faults(code):
        raise CreditCodeWrong(faults=faults)
    hold_code(session, code)
    holder = _holder_of(session, code, besides)
    if holder:
        raise holder
    return code


def hold_code(session: Session, code: str) -> None:
    """Nobody else gives this code away until the transaction ends; an import holds all of them at once."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(REGISTER_LOCK)))
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(code, REGISTER_LOCK))))


def _holder_of(session: Session, code: str, besides: UUID | None) -> CreditCodeTaken | None:
    holder = session.execute(
        sa.select(Enterprise.id, Enterprise.name).where(
            Enterprise.credit_code == code,
            Enterprise.merged_into_id.is_(None),
            Enterprise.id != besides if besides else sa.true(),
        )
    ).first()
    return CreditCodeTaken(enterprise_id=holder.id, name=holder.name) if holder else None


def _write_aliases(session: Session, enterprise: Enterprise, names: Iterable[str]) -> list[UUID]:
    by_key = {name_key(name): name for name in names}
    aliases = [
        EnterpriseAlias(
            id=uuid7(), enterprise_id=enterprise.id, name=name, name_key=key, initials=pinyin_initials(name)
        )
        for key, name in by_key.items()
    ]
    session.add_all(aliases)
    session.flush()
    return [alias.id for alias in aliases]
