"""The demo city's trips as phones file them: what an outing of several visits is told as."""

import random
from collections.abc import Sequence
from typing import Any

from service.cli.demo_city.rounds import Outing

PROVINCES = {
    "深圳市": "广东省", "广州市": "广东省", "东莞市": "广东省", "佛山市": "广东省", "苏州市": "江苏省", "南京市": "江苏省",
    "无锡市": "江苏省", "常州市": "江苏省", "杭州市": "浙江省", "宁波市": "浙江省", "温州市": "浙江省", "嘉兴市": "浙江省",
    "合肥市": "安徽省", "武汉市": "湖北省", "成都市": "四川省", "厦门市": "福建省", "郑州市": "河南省",
    "济南市": "山东省", "青岛市": "山东省", "烟台市": "山东省", "潍坊市": "山东省",
}  # fmt: skip
CITIES_ALONE = ("北京市", "上海市", "天津市", "重庆市")
CAMPAIGNS = {
    "江苏省": "长三角招商周",
    "浙江省": "长三角招商周",
    "上海市": "长三角招商周",
    "广东省": "粤港澳大湾区招商行",
}
LEADERS = (("书记", "county"), ("区长", "county"), ("副区长", "deputy_county"), ("科长", "section"))
RESULTS = ("达成初步合作意向", "邀请企业来聊考察", "推介产业园区", "对接意向项目，约定来聊踏勘")


def is_worth_a_trip(outing: Outing) -> bool:
    """Whether it led out of the province's near cities with several visits."""
    return len(outing.stops) > 1 and (outing.city in PROVINCES or outing.city in CITIES_ALONE)


def trip_body(dice: random.Random, outing: Outing, names: Sequence[str]) -> dict[str, Any]:
    """The body of the `PUT` of an outing's trip, filed after the return."""
    title, rank = dice.choices(LEADERS, (20, 20, 35, 25))[0]
    city = outing.city or ""
    province = PROVINCES.get(city, city)
    body: dict[str, Any] = {
        "kind": "outing",
        "leader": {"name": dice.choice("王李张刘陈赵孙周") + title, "rank": rank},
        "participants": [{"name": name} for name in names],
        "departs_on": outing.stops[0].at.date().isoformat(),
        "departs_half": dice.choice(("am", "pm")) if len(outing.stops) > 3 else "am",
        "returns_on": outing.last_on.isoformat(),
        "returns_half": "pm",
        "destinations": [
            {"province": province} if city == province else {"province": province, "city": city}
        ],
        "organisations": [{"name": stop.target.name} for stop in outing.stops],
        "project_count": dice.randint(0, min(3, len(outing.stops))),
        "result": dice.choice(RESULTS),
        "filed_because": "返程后统一填报",
    }
    if province in CAMPAIGNS and dice.random() < 0.5:
        body["campaign"] = CAMPAIGNS[province]
    return body
