from datetime import date

import pytest

from service.enterprises import commands, grouping, lists, merging, queries
from service.enterprises.commands import NewAlias, Registration
from service.enterprises.errors import AlreadyMerged, AlreadyUndone, CannotMerge
from service.enterprises.grouping import GroupLink
from service.enterprises.merging import Merge
from service.enterprises.search import SearchRequest, search

HUAWEI, BYD = "914403001922038216", "91440300192317458F"


def register(session, world, name, **facts):
    return commands.register_enterprise(session, world.hq1, Registration(name=name, **facts))


def picture(session, enterprise_id):
    """All that the register says of one, to be compared before and after."""
    seen = queries.details(session, enterprise_id)
    return (
        seen.name,
        seen.credit_code,
        seen.well_known,
        seen.merged_into_id,
        sorted((alias.id, alias.name) for alias in seen.aliases),
        seen.group,
        sorted(seen.memberships, key=lambda place: place.id),
        sorted(seen.enterprise.search_text.split()),
        sorted(seen.enterprise.grams),
    )


def test_names_code_group_and_places_go_with_the_kept_one(session, world):
    kept = register(session, world, "华为", aliases=("Huawei",))
    merged = register(
        session, world, "华为技术有限公司", credit_code=HUAWEI, aliases=("菊厂", "HUAWEI"), well_known=True
    )
    group = grouping.create_group(session, world.hq1, "华为集团")
    grouping.confirm_group(session, world.hq1, GroupLink(merged, group))
    merging.absorb(session, world.hq1, Merge(kept, merged))
    seen = queries.details(session, kept)
    assert (seen.credit_code, seen.well_known, seen.group.confirmed) == (HUAWEI, True, True)
    assert {alias.name for alias in seen.aliases} == {"Huawei", "菊厂", "华为技术有限公司"}
    assert [one.id for one in search(session, world.hq1, SearchRequest("菊厂")).items] == [kept]
    assert queries.standing(session, merged) == kept


def test_the_kept_one_keeps_its_own_code(session, world):
    kept = register(session, world, "华为", credit_code=HUAWEI)
    merged = register(session, world, "比亚迪", credit_code=BYD)
    merging.absorb(session, world.hq1, Merge(kept, merged))
    assert queries.details(session, kept).credit_code == HUAWEI


def test_undoing_a_merge_leaves_both_as_they_were(session, world):
    kept = register(session, world, "华为", aliases=("Huawei",))
    merged = register(
        session, world, "华为技术有限公司", credit_code=HUAWEI, aliases=("菊厂", "HUAWEI"), well_known=True
    )
    group = grouping.create_group(session, world.hq1, "华为集团")
    grouping.confirm_group(session, world.hq1, GroupLink(merged, group))
    for year in (2024, 2025):
        edition = lists.create_edition(
            session, world.hq1, lists.NewEdition("china_500", "中国企业500强", year, date(year, 9, 1))
        )
        lists.add_place(session, world.hq1, lists.NewPlace(edition, "华为", merged, rank=2, confirmed=True))
        if year == 2025:
            lists.add_place(session, world.hq1, lists.NewPlace(edition, "华为", kept, rank=2))
    before = picture(session, kept), picture(session, merged)
    merge = merging.absorb(session, world.hq1, Merge(kept, merged))
    assert all(place.confirmed for place in queries.details(session, kept).memberships)
    merging.release(session, world.hq1, merge.id)
    session.expire_all()
    assert (picture(session, kept), picture(session, merged)) == before


def test_what_was_changed_after_the_merge_stays(session, world):
    kept, merged = register(session, world, "华为"), register(session, world, "荣耀", well_known=True)
    merge = merging.absorb(session, world.hq1, Merge(kept, merged))
    commands.add_alias(session, world.hq1, NewAlias(kept, "菊厂"))
    merging.release(session, world.hq1, merge.id)
    assert [alias.name for alias in queries.details(session, kept).aliases] == ["菊厂"]
    assert not queries.details(session, kept).well_known


def test_chains_end_at_the_one_that_stands(session, world):
    first, second, third = (register(session, world, name) for name in ("甲公司", "乙公司", "丙公司"))
    one = merging.absorb(session, world.hq1, Merge(second, first))
    merging.absorb(session, world.hq1, Merge(third, second))
    assert queries.standing(session, first) == third
    merging.release(session, world.hq1, one.id)
    assert queries.standing(session, first) == first
    assert {alias.name for alias in queries.details(session, third).aliases} == {"乙公司"}


def test_it_refuses_what_makes_no_sense(session, world):
    first, second, third = (register(session, world, name) for name in ("甲公司", "乙公司", "丙公司"))
    with pytest.raises(CannotMerge):
        merging.absorb(session, world.hq1, Merge(first, first))
    merge = merging.absorb(session, world.hq1, Merge(first, second))
    with pytest.raises(AlreadyMerged):
        merging.absorb(session, world.hq1, Merge(third, second))
    merging.release(session, world.hq1, merge.id)
    with pytest.raises(AlreadyUndone):
        merging.release(session, world.hq1, merge.id)
