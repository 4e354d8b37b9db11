import pytest

from service.privacy.subject import Subject, digits_of, hits, without

WANG = Subject("王五", "13806351234")
HOST = {"name": "王五", "title": "总经理", "phone": "138 0635 1234"}


@pytest.mark.parametrize(
    "text",
    [
        "13806351234",
        "电话138-0635-1234。",
        "+86 13806351234",
        "8613806351234",
        "008613806351234",
        "0086 138 0635 1234",
        "１３８０６３５１２３４",
        "１３８ ０６３５ １２３４",
        "13806351234,13806351234",
    ],
)
def test_it_finds_the_phone_however_it_is_written(text):
    assert WANG.in_text(text)
    left = WANG.without_phone(text)
    assert "1234" not in left
    assert "４" not in left


@pytest.mark.parametrize(
    "text",
    ["113806351234", "１13806351234", "138063512345", "13806351234５", "金额 1380635 万元", "13806351235"],
)
def test_it_leaves_other_numbers_alone(text):
    assert not WANG.in_text(text)
    assert WANG.without_phone(text) == text


@pytest.mark.parametrize(
    ("phone", "digits"),
    [
        ("138 0635-1234", "13806351234"),
        ("+86 13806351234", "13806351234"),
        ("0086-138-0635-1234", "13806351234"),
        ("１３８０６３５１２３４", "13806351234"),
        ("0635-8412345", "06358412345"),
        ("110", None),
    ],
)
def test_a_phone_is_its_digits(phone, digits):
    assert digits_of(phone) == digits


def test_it_empties_the_entry_and_leaves_it_in_its_place():
    body = {
        "hosts": [HOST, {"name": "王五", "phone": "13900000000"}, {"name": "赵六", "phone": "13806351234"}],
        "summary": "王五（13806351234）说要来",
        "amount_wan": "13806351",
        "led_by": {"name": "王五", "rank": "county"},
    }
    left = without(body, WANG, frozenset({"led_by"}))
    gone = {"name": "已删除", "title": "已删除", "phone": "已删除"}
    assert left == body | {
        "hosts": [gone, body["hosts"][1], {"name": "已删除", "phone": "已删除"}],
        "summary": "已删除（已删除）说要来",
    }
    assert not list(hits(left["hosts"][0], WANG))


def test_our_own_people_are_left_alone_by_their_name():
    ours = {"name": "王五", "user_id": "9c1f"}
    assert without({"participants": [ours, {"name": "王五"}]}, Subject("王五", None)) == {
        "participants": [ours, {"name": "已删除"}]
    }


def test_without_a_known_phone_the_name_alone_says_whose_entry_it_is():
    namesake = {"name": "王五四", "phone": "13900000000"}
    gone = {"name": "已删除", "title": "已删除", "phone": "已删除"}
    assert without({"hosts": [HOST, namesake]}, Subject("王五", None)) == {"hosts": [gone, namesake]}
    assert [one.pointer for one in hits({"hosts": [namesake, HOST]}, Subject("王五", None))] == ["/hosts/1"]


def test_it_says_where_the_person_is_told_of():
    told = list(hits({"hosts": [{"name": "李"}, HOST], "summary": "找王五"}, WANG))
    assert [(one.pointer, one.value) for one in told] == [("/hosts/1", HOST), ("/summary", "找王五")]
