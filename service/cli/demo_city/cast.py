"""Who lives in the demo city: Liaocheng's counties and zones, its departments, and invented people."""

from dataclasses import dataclass
from itertools import cycle, islice

from service.accounts.models import UnitKind
from service.kernel.actor import Role
from service.kernel.geo import Point

CITY = "聊城市"


@dataclass(frozen=True, slots=True)
class DemoUnit:
    """A unit to open; its paces say how far it is, in per cent of its time progress, so that the ranking has a shape."""

    name: str
    short_name: str
    kind: UnitKind
    group: str
    centre: Point
    pace: int | None
    """On the thousand line; a unit without one has no targets and pays no visits."""
    hundred_pace: int
    division_code: str | None = None


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """An account to open; the unit is named by its short name."""

    username: str
    name: str
    unit: str
    role: Role
    rank: str | None = None


TARGETS = {UnitKind.COUNTY: (85, 9), UnitKind.ZONE: (75, 7), UnitKind.DEPARTMENT: (6, 1)}
"""Working targets of a unit that has any: subjects of the thousand and of the hundred."""
COUNTIES = "县（市、区）"
ZONES = "市属功能区"
DEPARTMENTS = "市直部门"

UNITS = (
    DemoUnit("东昌府区", "东昌府", UnitKind.COUNTY, COUNTIES, Point(36.4347, 115.9886), 112, 112, "371502"),
    DemoUnit("茌平区", "茌平", UnitKind.COUNTY, COUNTIES, Point(36.5806, 116.2553), 105, 108, "371503"),
    DemoUnit("阳谷县", "阳谷", UnitKind.COUNTY, COUNTIES, Point(36.1144, 115.7919), 101, 100, "371521"),
    DemoUnit("莘县", "莘县", UnitKind.COUNTY, COUNTIES, Point(36.2336, 115.6714), 97, 98, "371522"),
    DemoUnit("东阿县", "东阿", UnitKind.COUNTY, COUNTIES, Point(36.3348, 116.2476), 103, 108, "371524"),
    DemoUnit("冠县", "冠县", UnitKind.COUNTY, COUNTIES, Point(36.4842, 115.4427), 74, 72, "371525"),
    DemoUnit("高唐县", "高唐", UnitKind.COUNTY, COUNTIES, Point(36.8467, 116.2315), 99, 100, "371526"),
    DemoUnit("临清市", "临清", UnitKind.COUNTY, COUNTIES, Point(36.8383, 115.7050), 108, 118, "371581"),
    DemoUnit("聊城经济技术开发区", "经开区", UnitKind.ZONE, ZONES, Point(36.4702, 116.0447), 107, 118),
    DemoUnit("聊城高新技术产业开发区", "高新区", UnitKind.ZONE, ZONES, Point(36.4180, 116.0480), 104, 112),
    DemoUnit("江北水城旅游度假区", "度假区", UnitKind.ZONE, ZONES, Point(36.3900, 115.9650), 96, 90),
    DemoUnit("聊城高铁新区", "高铁新区", UnitKind.ZONE, ZONES, Point(36.4000, 115.9200), 56, 0),
    DemoUnit(
        "市发展和改革委员会", "发改委", UnitKind.DEPARTMENT, DEPARTMENTS, Point(36.4567, 115.9854), 108, 100
    ),
    DemoUnit(
        "市自然资源和规划局", "资规局", UnitKind.DEPARTMENT, DEPARTMENTS, Point(36.4567, 115.9854), None, 0
    ),
    DemoUnit(
        "市住房和城乡建设局", "住建局", UnitKind.DEPARTMENT, DEPARTMENTS, Point(36.4567, 115.9854), None, 0
    ),
    DemoUnit("市生态环境局", "环境局", UnitKind.DEPARTMENT, DEPARTMENTS, Point(36.4567, 115.9854), None, 0),
    DemoUnit("市水利局", "水利局", UnitKind.DEPARTMENT, DEPARTMENTS, Point(36.4567, 115.9854), None, 0),
    DemoUnit(
        "市商务和投资促进局", "投促局", UnitKind.DEPARTMENT, DEPARTMENTS, Point(36.4567, 115.9854), 115, 100
    ),
)

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田"
_GIVEN = ("建国", "晓燕", "志强", "丽娟", "海涛", "雪梅", "永刚", "文静", "立新", "春华", "树林", "慧敏")


def people() -> list[DemoPerson]:
    """Everybody, with the names the contract promises: field1, field2, commissioner1, department1, unit1, hq1 …"""
    names = _names()
    cast = [
        DemoPerson("hq1", next(names), "", Role.HEADQUARTERS),
        DemoPerson("hq2", next(names), "", Role.HEADQUARTERS),
        DemoPerson("leader1", next(names), "", Role.LEADER, "厅级副职"),
        DemoPerson("inspector1", next(names), "", Role.INSPECTOR),
    ]
    areas = [unit for unit in UNITS if unit.kind is not UnitKind.DEPARTMENT]
    for number, unit in enumerate(areas, start=1):
        cast += [
            DemoPerson(f"field{number}", next(names), unit.short_name, Role.FIELD_STAFF),
            DemoPerson(f"field{number + len(areas)}", next(names), unit.short_name, Role.FIELD_STAFF),
            DemoPerson(f"commissioner{number}", next(names), unit.short_name, Role.SITE_COMMISSIONER),
            DemoPerson(f"unit{number}", next(names), unit.short_name, Role.UNIT_OFFICE),
        ]
    departments = [unit for unit in UNITS if unit.kind is UnitKind.DEPARTMENT]
    for number, unit in enumerate(departments, start=1):
        cast.append(DemoPerson(f"department{number}", next(names), unit.short_name, Role.DEPARTMENT_OFFICER))
    cast.append(DemoPerson("field25", next(names), "投促局", Role.FIELD_STAFF))
    cast.append(DemoPerson("field26", next(names), "发改委", Role.FIELD_STAFF))
    return cast


def _names() -> "islice[str]":
    pairs = zip(cycle(_SURNAMES), cycle(_GIVEN), strict=False)
    return islice((surname + given for surname, given in pairs), 500)


PROJECTS = (
    "高端铝精深加工产业园",
    "新能源商用车零部件基地",
    "光伏玻璃二期",
    "储能电池材料项目",
    "轴承智能制造产业园",
    "阿胶健康食品产业园",
    "绿色化工新材料项目",
    "冷链物流港",
    "装配式建筑部件厂",
    "生物医药中试基地",
    "氢燃料电池系统项目",
    "数字经济产业园",
)
NOT_STARTED = "氢燃料电池系统项目"
"""It should have been under construction since January: its light is red."""

TALKS = (
    "介绍聊城区位、交通和产业配套，企业对在聊布局生产基地有兴趣，约定下月回访。",
    "与企业战略投资部座谈，围绕产业链上下游配套交流，企业提出用地和用能需求。",
    "实地考察生产线，邀请企业负责人来聊考察，企业表示将派团队现场踏勘。",
    "通报意向项目进展，对接厂房租赁和设备搬迁方案，双方商定推进时间表。",
    "推介重点园区和优惠政策，企业关注物流成本和用工保障，索要园区资料。",
    "了解企业明年扩产计划，介绍本地上下游配套企业名单，约定互访。",
    "企业近期无外投计划，保持联系，适时再次拜访。",
)
CHAMBER_TALK = "商会组织会员企业座谈，推介重点园区和优惠政策，收集意向线索三条。"
NEXT_STEPS = ("邀请来聊考察", "寄送产业手册和政策清单", "陪同踏勘地块", "起草框架协议", "适时回访")
