import pytest

from service.enterprises.commands import Registration, register_enterprise
from service.programmes.models import Line, TargetList, TargetListEntry
from service.visits.models import CityLedgerRow
from tests.support.world import BEGINNING

PATH = "/api/v1/enterprises"
HUAWEI = "914403001922038216"


@pytest.fixture
def register(session, world):
    def made(name, **facts):
        enterprise_id = register_enterprise(session, world.hq1, Registration(name, **facts))
        session.commit()
        return enterprise_id

    return made


def put_on_list(session, world, name, *enterprise_ids):
    from uuid import uuid4

    target_list = TargetList(id=uuid4(), programme_id=world.programme.id, name=name, created_at=BEGINNING)
    session.add(target_list)
    session.flush()
    for enterprise_id in enterprise_ids:
        session.add(TargetListEntry(list_id=target_list.id, enterprise_id=enterprise_id, added_at=BEGINNING))
    session.commit()
    return target_list.id


def visited(session, world, enterprise_id):
    session.add(
        CityLedgerRow(
            programme_id=world.programme.id,
            line=Line.THOUSAND,
            subject_id=enterprise_id,
            counted=1,
            pending=0,
            first_counted_on=world.programme.starts_on,
            first_pending_on=None,
        )
    )
    session.commit()


def names(answer):
    assert answer.status_code == 200, answer.get_json()
    return [one["name"] for one in answer.get_json()["items"]]


def test_a_stranger_sees_nothing(client, register):
    made = register("华为技术有限公司")
    assert client.get(PATH).status_code == 401
    assert client.get(f"{PATH}/{made}").status_code == 401


@pytest.mark.parametrize("q", ["华为", "为", "hwjs", "914403", "菊厂", "  华为（技术） "])
def test_it_finds_by_whatever_is_known(client, world, register, q):
    register("华为技术有限公司", credit_code=HUAWEI, aliases=("菊厂",))
    register("比亚迪股份有限公司")
    assert names(client.as_(world.field1).get(PATH, query_string={"q": q})) == ["华为技术有限公司"]


@pytest.mark.parametrize("q", ["%", "_", "'", "\\", "🍀", "有限公司", "a" * 100, "?"])
def test_odd_texts_are_no_trouble(client, world, register, q):
    register("华为技术有限公司")
    assert names(client.as_(world.field1).get(PATH, query_string={"q": q})) == []


def test_it_pages_with_a_link(client, world, register):
    for place in range(5):
        register(f"聊城第{place}化工厂")
    field = client.as_(world.field1)
    first = field.get(PATH, query_string={"limit": 3})
    assert 'rel="next"' in first.headers["Link"]
    rest = field.get(PATH, query_string={"limit": 3, "cursor": first.get_json()["next_cursor"]})
    assert len(set(names(first) + names(rest))) == 5
    assert rest.get_json()["next_cursor"] is None


def test_it_narrows_to_a_target_list_by_id_and_by_name(client, session, world, register):
    wanted, _other = register("华为技术有限公司"), register("比亚迪股份有限公司")
    list_id = put_on_list(session, world, "重点企业", wanted)
    field = client.as_(world.field1)
    for named in (str(list_id), "重点企业"):
        assert names(field.get(PATH, query_string={"list": named})) == ["华为技术有限公司"]
    assert field.get(PATH, query_string={"list": "没有"}).status_code == 422


def test_it_leaves_out_who_was_visited(client, session, world, register):
    seen, unseen, unlisted = (register(name) for name in ("甲甲公司", "甲乙公司", "甲丙公司"))
    put_on_list(session, world, "重点企业", seen, unseen)
    visited(session, world, seen)
    field = client.as_(world.field1)
    assert names(field.get(PATH, query_string={"not_visited": "true"})) == ["甲乙公司"]
    both = field.get(PATH, query_string={"not_visited": "true", "q": "甲"})
    assert set(names(both)) == {"甲乙公司", "甲丙公司"}
    assert unlisted != unseen


def test_it_shows_one_with_its_other_names(client, world, register):
    made = register("华为技术有限公司", aliases=("菊厂",))
    answer = client.as_(world.field1).get(f"{PATH}/{made}")
    assert [alias["name"] for alias in answer.get_json()["aliases"]] == ["菊厂"]
    assert client.as_(world.field1).get(f"{PATH}/{world.city.id}").status_code == 404


@pytest.mark.parametrize(
    "query", [{"limit": 1001}, {"limit": "x"}, {"cursor": "x"}, {"not_visited": "maybe"}]
)
def test_it_refuses_a_wrong_question(client, world, query):
    assert client.as_(world.field1).get(PATH, query_string=query).status_code == 422
