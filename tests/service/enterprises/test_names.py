from uuid import uuid4

import pytest

from service.enterprises.duplicates import Known, NameIndex, Reason
from service.enterprises.names import as_code_prefix, inner_grams, loose_key, searchable, starting_grams
from service.kernel.text import name_key


def test_every_piece_of_a_query_is_indexed_for_every_name_it_stands_in():
    found_by = searchable("华为技术有限公司", "华为", ["Huawei Technologies Co., Ltd."])
    for text in ("华为", "为技", "华为技术有限公司", "Huawei", "technologies", "hwjs", "术"):
        key = loose_key(text)
        assert key in found_by.search_text
        assert set(inner_grams(key)) <= set(found_by.grams)
    for text in ("华", "华为技术", "huaw", "hwj"):
        assert set(starting_grams(loose_key(text))) <= set(found_by.grams)


def test_a_legal_form_alone_is_too_common_to_look_for():
    assert inner_grams("有限公司") == []


@pytest.mark.parametrize(
    ("text", "prefix"), [("9137 1500", "91371500"), ("３６０", None), ("华为", None), ("3m", None)]
)
def test_a_text_may_be_the_beginning_of_a_credit_code(text, prefix):
    assert as_code_prefix(text) == prefix


def resemblance(one, other, *, codes=(None, None)):
    first, second = (
        Known(uuid4(), name, name_key(name), code, is_alias=False)
        for name, code in zip((one, other), codes, strict=True)
    )
    return NameIndex([first]).resembling(second)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("东阿阿胶股份有限公司", "东阿阿胶有限公司", Reason.SAME_NAME),
        ("信发集团有限公司", "信发控股有限公司", Reason.SAME_SHORT_NAME),
        ("山东省聊城市鲁西化工产品销售有限公司", "山东省聊城市鲁西化工产品经销有限公司", Reason.SIMILAR_NAME),
        ("山东省聊城市鲁西化工产品销售有限公司", "聊城市鲁西化工产品销售有限公司", Reason.SIMILAR_NAME),
    ],
)
def test_names_that_look_alike_are_suspected(one, other, reason):
    (found,) = resemblance(one, other)
    assert found.reason == reason


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("中国建设银行聊城分行", "中国建设银行济南分行"),
        ("KB Financial Group", "BNK Financial Group"),
        ("深圳市华强实业有限公司", "深圳市华强科技有限公司"),
        ("苏州市山东商会", "温州市山东商会"),
        ("湖北省山东商会", "河北省山东商会"),
    ],
)
def test_names_that_differ_are_not_suspected(one, other):
    assert resemblance(one, other) == []


def test_two_credit_codes_are_two_firms_unless_the_names_are_the_same():
    codes = ("914403001922038216", "91440300192317458F")
    assert resemblance("信发集团有限公司", "信发控股有限公司", codes=codes) == []
    assert len(resemblance("信发集团有限公司", "信发集团有限公司", codes=codes)) == 1
