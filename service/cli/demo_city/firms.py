"""The demo city's own target list (重点目标企业库): invented firms and chambers, as the table that an office would keep."""

import csv
import io
import random
from collections.abc import Iterator
from itertools import cycle, product

MADE = 600
_SEED = 371599
_FIRST = "恒瑞鼎盛泰宏博华锐凯德信诚嘉源鑫铭卓远腾升隆昌益美天正方圆"
_SECOND = "拓驰科力达通辰旭晟域睿铠航创谷禾利奥捷景泽邦"
_TRADES = (
    ("精密机械", "装备制造", "高端装备"), ("智能装备", "装备制造", "智能制造"), ("轴承", "装备制造", "轴承"),
    ("新能源科技", "新能源", "储能"), ("电池材料", "新能源", "储能"), ("汽车零部件", "汽车", "新能源汽车"),
    ("铝业", "有色金属", "高端铝"), ("新材料", "化工", "新材料"), ("精细化工", "化工", "绿色化工"),
    ("生物科技", "医药", "医养健康"), ("医疗器械", "医药", "医养健康"), ("食品", "食品", "食品加工"),
    ("冷链物流", "物流", "现代物流"), ("电子科技", "电子", "数字经济"), ("信息技术", "信息技术", "数字经济"),
    ("光伏玻璃", "建材", "光伏玻璃"), ("纺织", "纺织", "纺织服装"),
)  # fmt: skip
_CITIES = {
    "苏州市": 9, "上海市": 9, "深圳市": 9, "杭州市": 7, "北京市": 6, "广州市": 5, "宁波市": 5, "济南市": 5,
    "青岛市": 5, "天津市": 4, "南京市": 4, "无锡市": 5, "常州市": 4, "东莞市": 5, "佛山市": 4, "合肥市": 3,
    "武汉市": 3, "成都市": 3, "温州市": 3, "嘉兴市": 3, "烟台市": 3, "潍坊市": 2, "厦门市": 2, "郑州市": 2,
}  # fmt: skip
"""Where offices of this region go, and about how often."""
_CHAMBERS = tuple(
    f"{city}聊城商会" for city in ("深圳市", "苏州市", "杭州市", "广州市", "南京市", "宁波市")
) + tuple(
    f"{city}山东商会"
    for city in ("无锡市", "东莞市", "佛山市", "温州市", "厦门市", "合肥市", "成都市", "武汉市")
)
HEADER = ("企业名称", "类型", "所属行业", "所在地", "产业链")


def target_list() -> bytes:
    """The table as a file to import; always the same."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(HEADER)
    table.writerows((name, "商协会", "", name[:3], "") for name in _CHAMBERS)
    table.writerows(_firms())
    return text.getvalue().encode("utf-8-sig")


def _firms() -> Iterator[tuple[str, ...]]:
    """Each has a name of its own, so that no two are suspected to be one."""
    dice = random.Random(_SEED)  # noqa: S311 a demo needs no secrets
    brands = ["".join(pair) for pair in product(_FIRST, _SECOND)]
    dice.shuffle(brands)
    trades = cycle(_TRADES)
    cities = dice.choices(list(_CITIES), weights=list(_CITIES.values()), k=min(MADE, len(brands)))
    for brand, city in zip(brands, cities, strict=False):
        word, industry, chain = next(trades)
        form = dice.choices(("有限公司", "股份有限公司", "（集团）有限公司"), (80, 15, 5))[0]
        yield f"{city.removesuffix('市')}{brand}{word}{form}", "企业", industry, city, chain
