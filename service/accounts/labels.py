"""The words of offices for roles and kinds of units, in both directions."""

from service.accounts.models import UnitKind
from service.kernel.actor import Role

ROLE_LABELS = {
    Role.FIELD_STAFF: ("登门招商人员", "Field staff"),
    Role.SITE_COMMISSIONER: ("驻工地专员", "Site commissioner"),
    Role.DEPARTMENT_OFFICER: ("部门联络员", "Department officer"),
    Role.UNIT_OFFICE: ("单位管理员", "Unit office"),
    Role.HEADQUARTERS: ("双招双引办", "Headquarters"),
    Role.LEADER: ("领导", "Leader"),
    Role.INSPECTOR: ("督查人员", "Inspector"),
    Role.ADMINISTRATOR: ("系统管理员", "Administrator"),
}
UNIT_KIND_LABELS = {
    UnitKind.CITY: ("市", "City"),
    UnitKind.COUNTY: ("县市区", "County"),
    UnitKind.ZONE: ("功能区", "Functional zone"),
    UnitKind.DEPARTMENT: ("部门", "Department"),
    UnitKind.TOWN: ("乡镇街道", "Town"),
    UnitKind.COMPANY: ("企业", "Company"),
}
_OTHER_ROLE_WORDS = {
    "招商人员": Role.FIELD_STAFF,
    "外勤人员": Role.FIELD_STAFF,
    "外勤": Role.FIELD_STAFF,
    "驻点人员": Role.FIELD_STAFF,
    "服务专员": Role.SITE_COMMISSIONER,
    "工地专员": Role.SITE_COMMISSIONER,
    "部门人员": Role.DEPARTMENT_OFFICER,
    "联络员": Role.DEPARTMENT_OFFICER,
    "县区管理员": Role.UNIT_OFFICE,
    "单位招商办": Role.UNIT_OFFICE,
    "招组办": Role.HEADQUARTERS,
    "指挥部": Role.HEADQUARTERS,
    "市领导": Role.LEADER,
    "督查": Role.INSPECTOR,
    "管理员": Role.ADMINISTRATOR,
}
_OTHER_KIND_WORDS = {
    "市级": UnitKind.CITY,
    "地级市": UnitKind.CITY,
    "县": UnitKind.COUNTY,
    "区": UnitKind.COUNTY,
    "县区": UnitKind.COUNTY,
    "区县": UnitKind.COUNTY,
    "县级市": UnitKind.COUNTY,
    "开发区": UnitKind.ZONE,
    "市属开发区": UnitKind.ZONE,
    "园区": UnitKind.ZONE,
    "市直部门": UnitKind.DEPARTMENT,
    "市直": UnitKind.DEPARTMENT,
    "乡镇": UnitKind.TOWN,
    "镇街": UnitKind.TOWN,
    "街道": UnitKind.TOWN,
    "公司": UnitKind.COMPANY,
    "国企": UnitKind.COMPANY,
    "平台公司": UnitKind.COMPANY,
}


def role_called(word: str) -> Role | None:
    """The role that an office's word, or its own code, means."""
    by_word = {zh: role for role, (zh, _en) in ROLE_LABELS.items()} | {role.value: role for role in Role}
    return (by_word | _OTHER_ROLE_WORDS).get(word.strip())


def kind_called(word: str) -> UnitKind | None:
    """The kind of unit that an office's word, or its own code, means."""
    by_word = {zh: kind for kind, (zh, _en) in UNIT_KIND_LABELS.items()} | {
        kind.value: kind for kind in UnitKind
    }
    return (by_word | _OTHER_KIND_WORDS).get(word.strip())
