"""Amounts are read as offices write them and never pass through a float."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.money import (
    MOST_WAN,
    Amount,
    NotAnAmount,
    parse_foreign,
    parse_wan,
    unit_named,
    wan_string,
)


@pytest.mark.parametrize(
    ("text", "wan"),
    [
        ("1.2亿", "12000"),
        ("12000万", "12000"),
        ("12000", "12000"),
        ("1,234.5万元", "1234.5"),
        ("１２，３４５．６万元", "12345.6"),
        ("12，345.6 万", "12345.6"),
        ("￥1.5亿元", "15000"),
        ("¥12000万", "12000"),
        ("人民币 3亿元", "30000"),
        ("12000万元人民币", "12000"),
        ("RMB 500万", "500"),
        ("5000元", "0.5"),
        ("5000元人民币", "0.5"),
        ("¥5,000.00元", "0.5"),
        ("1元", "0.0001"),
        ("12345678.49元", "1234.5678"),
        ("12345678.50元", "1234.5679"),
        ("3千万", "3000"),
        ("2百万元", "200"),
        ("1.5万亿", "150000000"),
        ("20百亿", "20000000"),
        (".5亿", "5000"),
        ("0.5亿", "5000"),
        ("0", "0"),
        ("12000000.0", "12000000"),
        (" 1000 万 ", "1000"),
        ("1000000000000", "1000000000000"),
    ],
)
def test_it_reads_what_offices_type(text, wan):
    amount = parse_wan(text)
    assert amount == Decimal(wan)
    assert amount.as_tuple().exponent == -4


@pytest.mark.parametrize(
    "text", ["", "  ", "undefined", "Undefined", "null", "—", "-", "/", "无", "暂无", "N/A"]
)
def test_it_reads_no_amount_where_there_is_none(text):
    assert parse_wan(text) is None
    assert parse_foreign(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *[
            "-1",
            "－5万",
            "+5",
            "NaN",
            "inf",
            "1e5",
            "1x5",
            "12,34",
            "1,2345万",
            "1.2.3",
            "1万2",
            "约1亿",
            "1-2亿",
        ],
        *[
            "十亿",
            "$5",
            "3亿美元",
            "5万美元",
            "万",
            "亿元",
            "元5",
            "٣亿",
            "1_000",
            "1 000 万",
            "1\n2",
            "¥12000",
            "500 RMB",
            "9" * 25,
            "9" * 65,
        ],
        *["1000000000000.0001", "1000000001亿"],
    ],
)
def test_it_refuses_what_it_cannot_read_with_certainty(text):
    with pytest.raises(NotAnAmount):
        parse_wan(text)


@given(st.text(max_size=30))
def test_it_answers_any_text_with_an_amount_nothing_or_a_refusal(text):
    for read in (parse_wan, parse_foreign):
        try:
            read(text)
        except NotAnAmount:
            continue


amounts = st.decimals(0, MOST_WAN, places=4, allow_nan=False, allow_infinity=False)


@given(amounts)
def test_it_reads_back_what_it_wrote(amount):
    assert parse_wan(wan_string(amount)) == amount


@given(amounts)
def test_it_reads_yuan_wan_and_yi_as_one_amount(amount):
    assert parse_wan(f"{amount * 10**4:f}元") == parse_wan(f"{amount / 10**4:f}亿") == amount


@pytest.mark.parametrize(
    ("text", "currency", "value"),
    [
        ("$151.4 B", "USD", "151400000000"),
        ("$370 M", "USD", "370000000"),
        ("$3,473.2 B", "USD", "3473200000000"),
        ("$42 B", "USD", "42000000000"),
        ("＄1.5 B", "USD", "1500000000"),
        ("US$ 12 million", "USD", "12000000"),
        ("3亿美元", "USD", "300000000"),
        ("500 万美元", "USD", "5000000"),
        ("€1.2bn", "EUR", "1200000000"),
        ("HK$5m", "HKD", "5000000"),
        ("100 EUR", "EUR", "100"),
        ("usd 1.005", "USD", "1.01"),
        ("$0", "USD", "0"),
        ("USD 5 美元", "USD", "5"),
    ],
)
def test_it_reads_foreign_amounts_with_their_currency(text, currency, value):
    assert parse_foreign(text) == Amount(currency, Decimal(value))


@pytest.mark.parametrize(
    "text", ["12000", "¥5", "$-1.5 B", "-$5", "$", "$5 X", "$5 EUR", "$NaN", "$99999999 B", "1.2亿"]
)
def test_it_refuses_foreign_amounts_in_doubt(text):
    with pytest.raises(NotAnAmount):
        parse_foreign(text)


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("营业收入（百万美元）", "百万美元"),
        ("资产（千元）", "千元"),
        ("利润（亿）", "亿元"),
        ("单位：亿元人民币", "亿元"),
        ("注册资本（万港元）", "万港元"),
        ("港币万元", "万港币"),
        ("美元（亿）", "亿美元"),
        ("净利润（元）", "元"),
        ("Revenue ($M)", "百万USD"),
        ("Market value (US$ bn)", "十亿USD"),
        ("sales (RMB million)", "百万元"),
        ("Assets, EUR thousands", "千EUR"),
        ("市值", ""),
        ("Symbol", ""),
    ],
)
def test_it_finds_the_unit_of_bare_numbers_in_their_heading(heading, unit):
    assert unit_named(heading) == unit


@pytest.mark.parametrize(("heading", "usd"), [("百万美元", "611289000000"), ("($M)", "611289000000")])
def test_it_reads_a_bare_number_with_its_headings_unit(heading, usd):
    assert parse_foreign("611289" + unit_named(heading)) == Amount("USD", Decimal(usd))


def test_it_reads_thousands_of_yuan_with_their_unit_alone():
    assert parse_wan("12.5千元") == Decimal("1.25")
    with pytest.raises(NotAnAmount):
        parse_wan("12.5千")
