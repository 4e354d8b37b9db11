"""招商方式: the code list of methods, by slug, with the office's number and both names."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Method:
    """One method; `numbers` are the office's own, which forms still carry."""

    slug: str
    numbers: tuple[str, ...]
    zh: str
    en: str


METHODS = (
    Method("door_to_door", ("ME-13", "ME-14"), "登门招商", "Door to door"),
    Method("through_merchants", ("ME-01",), "以商招商", "Through merchants"),
    Method("through_enterprises", ("ME-02",), "以企招商", "Through enterprises"),
    Method("exhibition", ("ME-03",), "会展招商", "At exhibitions"),
    Method("conference", ("ME-04",), "以会招商", "At conferences"),
    Method("natives", ("ME-05",), "乡贤招商", "Through natives working elsewhere"),
    Method("returnees", ("ME-06",), "回归招商", "Returning businesses"),
    Method("zone", ("ME-07",), "园区招商", "By industrial zones"),
    Method("small_delegation", ("ME-08",), "小团组招商", "Small delegation"),
    Method("squad", ("ME-09",), "小分队招商", "Visiting squad"),
    Method("entrusted", ("ME-10",), "委托招商", "Entrusted"),
    Method("agent", ("ME-11",), "代理招商", "Through agents"),
    Method("station", ("ME-12",), "驻点招商", "Stationed"),
    Method("digital", ("ME-15",), "数字招商", "Digital"),
    Method("internet", ("ME-16",), "网络招商", "On the internet"),
    Method("capital", ("ME-17",), "资本招商", "Through capital"),
    Method("fund", ("ME-18",), "基金招商", "Through funds"),
    Method("platform", ("ME-19",), "平台招商", "Through platforms"),
    Method("joint_venture", ("ME-20",), "合作合资", "Joint venture"),
    Method("market_for_investment", ("ME-21",), "市场换投资", "Market access for investment"),
    Method("industry_chain", ("ME-22",), "产业链招商", "Along the industry chain"),
    Method("cluster", ("ME-23",), "集群式招商", "By clusters"),
    Method("headhunting", ("ME-24",), "猎头式招商", "Headhunting"),
    Method("block_or_chain", ("ME-25",), "板块式、链条式招商", "By blocks or chains"),
    Method("ppp", ("ME-26",), "PPP招商", "Public-private partnership"),
    Method("directed", ("ME-27",), "定向招商", "Directed"),
    Method("themed", ("ME-28",), "主题招商", "Themed event"),
    Method("point_to_point", ("ME-29",), "点对点招商", "Point to point"),
    Method("precise", ("ME-30",), "精准招商", "Precise"),
    Method("cloud_event", ("ME-31",), "云推介、云洽谈、云签约", "Cloud event"),
    Method("all_hands", ("ME-32",), "全民招商", "Everybody's business"),
    Method("paired_assistance", ("ME-33",), "对口帮扶招商", "Through paired assistance"),
    Method("research_institute", ("ME-34",), "研发机构推介", "Through research institutes"),
    Method("chamber", ("ME-35",), "商会作用", "Through chambers of commerce"),
    Method("referral", ("ME-36",), "老板引荐", "By referral"),
    Method("venture", ("ME-37",), "创投：人才、资本、项目", "Venture: talent, capital, project"),
    Method("equity", ("ME-38",), "增资、股权、并购、技术入股", "Equity, acquisition or technology"),
)

_SLUGS = {name: method.slug for method in METHODS for name in (method.slug, *method.numbers)}


def method_slug(text: str) -> str | None:
    """The slug that a phone's text names, by slug or by the office's number; None when it names none."""
    return _SLUGS.get(text)
