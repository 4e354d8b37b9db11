"""Names are compared by a normal form and found by their initials."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.text import (
    has_forbidden_characters,
    name_key,
    pinyin_initials,
    short_key,
)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("美的集团股份有限公司", "美的集团"),
        ("美的集团有限公司", "美的集团"),
        ("美的集团", "美的集团"),
        ("海尔（集团）股份有限公司", "海尔集团"),
        ("腾讯科技（深圳）有限公司", "腾讯科技深圳"),
        ("腾讯科技(深圳)有限公司", "腾讯科技深圳"),
        ("腾讯科技【深圳】 有限 公司", "腾讯科技深圳"),
        ("小米科技有限责任公司", "小米科技"),
        ("百度公司", "百度"),
        ("中国石油化工集团公司", "中国石油化工集团"),
        ("中国烟草总公司", "中国烟草总公司"),
        ("东阿阿胶股份有限公司聊城分公司", "东阿阿胶股份有限公司聊城分公司"),
        ("信达投资合伙企业（有限合伙）", "信达投资合伙企业"),
        ("ＴＣＬ科技集团股份有限公司", "tcl科技集团"),
        ("株式会社日立製作所", "日立製作所"),
        ("丰田自动车株式会社", "丰田自动车"),
        ("聊城市浙江商会", "聊城市浙江商会"),
        ("China Vanke Co., Ltd.", "chinavanke"),
        ("CHINA VANKE CO.,LTD", "chinavanke"),
        ("Guangzhou Echom Sci.&Tech.Co,.Ltd", "guangzhouechomscitech"),
        ("Changjiang Securities Company Limited", "changjiangsecurities"),
        ("S.F. Holding Co., Ltd.", "sfholding"),
        ("Nestlé S.A.", "nestlé"),
        ("Volkswagen AG", "volkswagen"),
        ("Barclays PLC", "barclays"),
        ("Apple Inc.", "apple"),
        ("Costco", "costco"),
        ("Limited Inc", "limited"),
        ("有限公司", "有限公司"),
        ("！！！", "!!!"),
        ("   ", ""),
    ],
)
def test_it_gives_a_name_its_normal_form(name, key):
    assert name_key(name) == key


@given(st.text(max_size=60))
def test_it_has_an_empty_key_only_for_an_empty_name(name):
    assert name_key(name) or not unicodedata.normalize("NFKC", name).strip()


@given(st.text("集团股份有限公司深圳ABco., ()（）", max_size=30))
def test_it_does_not_mind_width_case_and_spaces(name):
    assert name_key(name.upper()) == name_key(name.lower())
    assert name_key(f" {name}　") == name_key(name)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("美的集团股份有限公司", "美的"),
        ("腾讯科技（深圳）有限公司", "腾讯科技"),
        ("海尔（集团）股份有限公司", "海尔"),
        ("信发集团控股有限公司", "信发"),
        ("Cosmos Group Co., Ltd.", "cosmos"),
        ("S.F. Holding Co., Ltd.", "sf"),
        ("集团", "集团"),
        ("（深圳）", "深圳"),
    ],
)
def test_it_gives_a_name_its_short_form(name, key):
    assert short_key(name) == key


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("重庆", "CQ"),
        ("长安", "CA"),
        ("重庆长安汽车股份有限公司", "CQCAQCGFYXGS"),
        ("厦门银行", "XMYH"),
        ("三一重工", "SYZG"),
        ("中国重汽", "ZGZQ"),
        ("重百", "CB"),
        ("长园集团", "CYJT"),
        ("朝阳区商会", "CYQSH"),
        ("茌平信发", "CPXF"),
        ("莘县", "SX"),
        ("单县", "SX"),
        ("冠县", "GX"),
        ("东阿阿胶", "DEEJ"),
        ("商会会长", "SHHZ"),
        ("会计师事务所", "KJSSWS"),
        ("乐视", "LS"),
        ("TCL科技（集团）", "TCLKJJT"),
        ("ｔｃｌ 3M中国", "TCL3MZG"),
        ("Nestlé", "NESTLE"),
        ("绿地", "LD"),
        ("", ""),
        ("！？", ""),
    ],
)
def test_it_gives_the_initials_people_search_by(name, initials):
    assert pinyin_initials(name) == initials


@given(st.text(max_size=40))
def test_it_reads_any_text_into_plain_letters_and_digits(name):
    reading = pinyin_initials(name)
    assert reading == "" or (reading.isascii() and reading.isalnum())


@pytest.mark.parametrize("code", [0, 1, 0x0B, 0x1F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF])
def test_it_finds_characters_that_cannot_be_kept(code):
    assert has_forbidden_characters(f"座谈{chr(code)}纪要")


@pytest.mark.parametrize("text", ["", "一行\n二行\t列", "一行\r\n二行", "😀", "é", "\x7f"])
def test_it_lets_ordinary_text_pass(text):
    assert not has_forbidden_characters(text)
