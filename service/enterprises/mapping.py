"""Which column of an office's table is what, by the headings that offices use, in Chinese or English."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.enterprises.errors import WrongMapping
from service.kernel import money
from service.kernel.errors import Fault, Invalid
from service.kernel.tables import heading_key


class Field(StrEnum):
    """What a column may say of an enterprise."""

    NAME = "name"
    NAME_EN = "name_en"
    CREDIT_CODE = "credit_code"
    KIND = "kind"
    SHORT_NAME = "short_name"
    ALIASES = "aliases"
    INDUSTRY = "industry"
    CHAIN = "chain"
    COUNTRY = "country"
    PROVINCE = "province"
    CITY = "city"
    PLACE = "place"
    ADDRESS = "address"
    WEBSITE = "website"
    RANK = "rank"
    GROUP = "group"
    UNIT = "unit"
    TAGS = "tags"
    REVENUE = "revenue"
    PROFIT = "profit"
    ASSETS = "assets"
    MARKET_VALUE = "market_value"
    REGISTERED_CAPITAL = "registered_capital"
    IGNORED = "ignored"


AMOUNTS = frozenset({Field.REVENUE, Field.PROFIT, Field.ASSETS, Field.MARKET_VALUE, Field.REGISTERED_CAPITAL})

_HEADINGS: Mapping[Field, str] = {
    Field.NAME: "企业名称 单位名称 公司名称 机构名称 企业全称 公司全称 单位全称 企业中文名称 公司中文名称 中文名称 中文名"
    " 公司中文 目标企业 目标企业名称 拜访企业 走访企业 投资方 投资企业 商会名称 协会名称 商协会名称 企业商会名称 企业名"
    " 公司名 公司 企业 单位 名称 全称 companyname company enterprisename enterprise organisation organization fullname name",
    Field.NAME_EN: "公司英文 公司英文名 公司英文名称 企业英文名称 企业英文名 英文名称 英文名 英文 englishname nameen",
    Field.CREDIT_CODE: "统一社会信用代码 社会信用代码 统一信用代码 信用代码 统一社会信用代码证号 uscc creditcode"
    " unifiedsocialcreditcode unifiedcreditcode",
    Field.KIND: "类型 企业类型 单位类型 机构类型 类别 企业类别 kind type",
    Field.SHORT_NAME: "企业简称 公司简称 单位简称 简称 shortname",
    Field.ALIASES: "别名 曾用名 品牌 其他名称 又名 aliases alias brand",
    Field.INDUSTRY: "所属行业 行业 行业类别 行业分类 所属产业 产业 主营业务 sector industry industrygroup",
    Field.CHAIN: "产业链 所属产业链 重点产业链 industrychain chain",
    Field.COUNTRY: "国家/地区 国家地区 国家 国别 country countryregion country/region",
    Field.PROVINCE: "省份 省 所在省 所在省份 省市 省区市 province state",
    Field.CITY: "城市 所在城市 所在市 市 总部城市 city headquarterscity",
    Field.PLACE: "所在地 所在地区 地区 注册地 总部所在地 总部 企业来源地 来源地 属地 headquarters location region",
    Field.ADDRESS: "企业地址 公司地址 注册地址 办公地址 详细地址 地址 address",
    Field.WEBSITE: "网址 官网 官方网站 网站 公司网址 website url homepage",
    Field.RANK: "排名 名次 位次 排位 榜单排名 本年排名 今年排名 rank ranking",
    Field.GROUP: "所属集团 集团名称 集团 group groupname",
    Field.UNIT: "责任单位 包联单位 牵头单位 走访单位 负责单位 对接单位",
    Field.TAGS: "标签 tags",
    Field.REVENUE: "营业收入 销售额 营收 营业总收入 营业收入总额 主营业务收入 销售收入 年营业收入 revenue revenues sales turnover",
    Field.PROFIT: "利润 净利润 利润总额 profit profits netincome",
    Field.ASSETS: "资产 总资产 资产总额 assets totalassets",
    Field.MARKET_VALUE: "市值 总市值 marketvalue",
    Field.REGISTERED_CAPITAL: "注册资本 注册资金 registeredcapital",
}
_FIELD_OF = {heading_key(word): field for field, words in _HEADINGS.items() for word in words.split()}
_PRIORITY = {
    heading_key(word): place for words in _HEADINGS.values() for place, word in enumerate(words.split())
}
_YEAR = re.compile(r"\s*(?P<year>(?:19|20)[0-9]{2})\s*年?度?\s*(?=\D)")
KNOWN_HEADINGS = tuple(word for words in _HEADINGS.values() for word in words.split())


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is used: where it stands, what it says, and the unit of money its heading names."""

    place: int
    heading: str
    field: Field
    unit: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The used columns of a table; of several for one field the better heading comes first."""

    used: tuple[Column, ...]

    def of(self, field: Field) -> Sequence[Column]:
        """The columns that say this."""
        return [column for column in self.used if column.field == field]


def map_columns(header: Sequence[str], chosen: Mapping[str, str]) -> Columns:
    """What each column is: as `chosen` says by heading, else by what headings mean.

    Raises:
        Invalid: a chosen heading is not in the table, or is to be something unknown.
        WrongMapping: no column holds names.
    """
    fields = _chosen_fields(header, chosen)
    for place, heading in enumerate(header):
        if place not in fields and (field := _meaning(heading)):
            fields[place] = field
    used = [
        Column(place, header[place], field, money.unit_named(header[place]))
        for place, field in fields.items()
        if field != Field.IGNORED
    ]
    columns = Columns(tuple(sorted(used, key=_worth)))
    if not columns.of(Field.NAME) and not columns.of(Field.NAME_EN):
        raise WrongMapping(header="、".join(heading for heading in header if heading)[:200])
    return columns


def _chosen_fields(header: Sequence[str], chosen: Mapping[str, str]) -> dict[int, Field]:
    fields: dict[int, Field] = {}
    for heading, wanted in chosen.items():
        if heading not in header:
            raise _not_there(heading)
        try:
            fields[header.index(heading)] = Field(wanted)
        except ValueError as error:
            raise _no_field(wanted) from error
    return fields


def _not_there(heading: str) -> Invalid:
    return Invalid(
        faults=[Fault("/mapping", f"表中没有“{heading}”这一列", f"the table has no column {heading}")]
    )


def _no_field(wanted: str) -> Invalid:
    return Invalid(faults=[Fault("/mapping", f"没有“{wanted}”这一项", f"there is no field {wanted}")])


def _meaning(heading: str) -> Field | None:
    return next((_FIELD_OF[key] for key in _keys(heading) if key in _FIELD_OF), None)


def _worth(column: Column) -> tuple[int, int, int]:
    """The better word first, of one word the latest year: 2026年排名 before 2025年排名."""
    year = _YEAR.match(column.heading)
    best = min(_PRIORITY.get(key, len(_PRIORITY)) for key in _keys(column.heading))
    return best, -int(year["year"]) if year else 0, column.place


def _keys(heading: str) -> Sequence[str]:
    """A heading as it is compared: whole, without its year, and what stands after the bar of a bilingual one."""
    return [heading_key(one) for one in (heading, _YEAR.sub("", heading), heading.rsplit(" / ", 1)[-1])]
