import pytest
import sqlalchemy as sa

from service.audit.models import AuditEntry
from service.enterprises import commands, grouping, queries, suspicions
from service.enterprises.commands import Amendment, NewAlias, Registration
from service.enterprises.errors import CreditCodeTaken, CreditCodeWrong, NameTaken, RevisionStale
from service.enterprises.grouping import GroupLink
from service.enterprises.models import DuplicateSuspicion, SuspicionState
from service.enterprises.search import SearchRequest, search
from service.kernel.errors import Forbidden
from service.kernel.pages import PageRequest

HUAWEI, BYD = "914403001922038216", "91440300192317458F"


def register(session, world, name="华为技术有限公司", **facts):
    return commands.register_enterprise(session, world.hq1, Registration(name=name, **facts))


def found(session, world, text):
    return [one.name for one in search(session, world.field1, SearchRequest(text)).items]


@pytest.mark.parametrize(
    "text",
    ["华为", "华为技术有限公司", "技术", "为", "hwjs", "HWJSYXGS", "9144", "遥遥领先", "yylx", "Huawei"],
)
def test_it_is_found_by_name_part_alias_initials_and_code(session, world, text):
    register(session, world, credit_code=HUAWEI, aliases=("遥遥领先", "Huawei Technologies"))
    register(session, world, "比亚迪股份有限公司")
    assert found(session, world, text) == ["华为技术有限公司"]


def test_it_orders_exact_before_prefix_before_inner_and_short_before_long(session, world):
    for name in ("山东中通客车销售有限公司", "中通客车销售有限公司", "中通客车股份有限公司", "中通"):
        register(session, world, name)
    assert found(session, world, "中通") == [
        "中通",
        "中通客车股份有限公司",
        "中通客车销售有限公司",
        "山东中通客车销售有限公司",
    ]


def test_it_is_paged_by_key_without_a_gap_or_a_repeat(session, world):
    names = {f"聊城第{place}化工厂" for place in range(7)} | {
        f"山东聊城第{place}化工厂" for place in range(7)
    }
    for name in names:
        register(session, world, name)
    seen, after = [], None
    while True:
        page = search(session, world.hq1, SearchRequest("聊城", PageRequest(3, after)))
        seen += [one.name for one in page.items]
        if page.next_cursor is None:
            break
        from service.kernel.pages import read_cursor

        after = read_cursor(page.next_cursor, parts=4)
    assert sorted(seen) == sorted(names)


@pytest.mark.parametrize(
    "code",
    [
        "911100007642153860",
        "913715003261669244",
        "9144 0300 1922 0382 16",
        "９１４４０３００１９２２０３８２１６",
    ],
)
def test_it_takes_every_right_code_whatever_its_region(session, world, code):
    made = register(session, world, credit_code=code)
    assert len(queries.details(session, made).credit_code) == 18


@pytest.mark.parametrize("code", ["91110000600037341N", "123", "9111000060003IOZSV", "91110108355231542F"])
def test_it_refuses_a_wrong_code_with_the_reason(session, world, code):
    with pytest.raises(CreditCodeWrong) as refused:
        register(session, world, credit_code=code)
    assert refused.value.faults[0].zh.startswith("统一社会信用代码")


def test_it_suggests_the_code_that_was_meant(session, world):
    with pytest.raises(CreditCodeWrong) as refused:
        register(session, world, credit_code="9144O3001922038216")
    assert HUAWEI in refused.value.faults[0].zh


def test_it_names_the_enterprise_that_has_the_code(session, world):
    first = register(session, world, credit_code=HUAWEI)
    with pytest.raises(CreditCodeTaken) as refused:
        register(session, world, "别家公司", credit_code=HUAWEI)
    assert refused.value.extra == {"enterprise_id": str(first)}


def test_a_change_to_an_older_revision_is_refused(session, world):
    made = register(session, world)
    assert commands.amend_enterprise(session, world.hq1, Amendment(made, 1, {"city": "深圳"})) == 2
    with pytest.raises(RevisionStale):
        commands.amend_enterprise(session, world.hq1, Amendment(made, 1, {"city": "东莞"}))


def test_a_changed_name_is_found_and_the_old_one_is_not(session, world):
    made = register(session, world)
    commands.amend_enterprise(session, world.hq1, Amendment(made, 1, {"name": "荣耀终端有限公司"}))
    assert found(session, world, "荣耀") == ["荣耀终端有限公司"]
    assert found(session, world, "华为") == []


def test_an_alias_comes_and_goes(session, world):
    made = register(session, world)
    alias = commands.add_alias(session, world.hq1, NewAlias(made, "菊厂"))
    assert commands.add_alias(session, world.hq1, NewAlias(made, "菊厂")) == alias
    assert found(session, world, "菊") == ["华为技术有限公司"]
    commands.remove_alias(session, world.hq1, commands.AliasRemoval(made, alias))
    assert found(session, world, "菊") == []


def test_a_suggested_group_waits_for_a_person(session, world):
    made = register(session, world)
    group = grouping.create_group(session, world.hq1, "华为集团")
    grouping.suggest_group(session, world.hq1, GroupLink(made, group))
    assert not queries.details(session, made).group.confirmed
    grouping.confirm_group(session, world.hq1, GroupLink(made, group))
    assert queries.details(session, made).group.confirmed
    with pytest.raises(NameTaken):
        grouping.create_group(session, world.hq1, "华为集团有限公司")


def test_what_resembles_another_is_suspected_and_a_decision_stands(session, world):
    first = register(session, world, "东阿阿胶股份有限公司")
    register(session, world, "东阿阿胶有限公司")
    (pair,) = suspicions.suspected_pairs(session, world.hq1, PageRequest(), state=SuspicionState.OPEN).items
    assert first in {pair.first.id, pair.second.id}
    suspicions.decide_distinct(session, world.hq1, pair.id)
    assert suspicions.suspect_duplicates(session, [first]) == 0
    assert session.scalar(sa.select(DuplicateSuspicion.state)) == SuspicionState.DISTINCT


def test_only_headquarters_writes_the_register(session, world):
    for person in (world.field1, world.unit1, world.leader1):
        with pytest.raises(Forbidden):
            commands.register_enterprise(session, person, Registration(name="甲公司"))


def test_every_write_leaves_its_entry(session, world):
    made = register(session, world)
    commands.amend_enterprise(session, world.hq1, Amendment(made, 1, {"well_known": True}))
    commands.add_alias(session, world.hq1, NewAlias(made, "菊厂"))
    session.flush()
    actions = session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.subject_id == str(made)).order_by(AuditEntry.id)
    ).all()
    assert actions == ["enterprise.register", "enterprise.amend", "enterprise.alias.add"]
