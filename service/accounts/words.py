"""The words by which offices' files name roles and kinds of units."""

from service.accounts.models import UnitKind
from service.kernel.actor import Role

_ROLES = {
    Role.FIELD_STAFF: ("登门招商人员", "招商人员", "外勤人员", "外勤", "驻点人员", "小分队"),
    Role.SITE_COMMISSIONER: ("驻工地专员", "服务专员", "工地专员"),
    Role.DEPARTMENT_OFFICER: ("部门经办人", "部门联络员", "部门人员", "联络员"),
    Role.UNIT_OFFICE: ("单位管理员", "县区管理员", "单位招商办"),
    Role.HEADQUARTERS: ("招组办", "双招双引办", "指挥部"),
    Role.LEADER: ("领导", "市领导"),
    Role.INSPECTOR: ("督查人员", "督查"),
    Role.ADMINISTRATOR: ("系统管理员", "管理员"),
}
_KINDS = {
    UnitKind.CITY: ("市", "市级", "地级市"),
    UnitKind.COUNTY: ("县（市、区）", "县市区", "县", "区", "县区", "区县", "县级市"),
    UnitKind.ZONE: ("开发区（园区）", "功能区", "开发区", "市属开发区", "园区"),
    UnitKind.DEPARTMENT: ("部门", "市直部门", "市直"),
    UnitKind.TOWN: ("乡镇（街道）", "乡镇街道", "乡镇", "镇街", "街道", "镇", "乡"),
    UnitKind.COMPANY: ("企业", "公司", "国企", "平台公司"),
}
_ROLE_BY_WORD = {word: role for role, words in _ROLES.items() for word in (role.value, *words)}
_KIND_BY_WORD = {word: kind for kind, words in _KINDS.items() for word in (kind.value, *words)}


def role_called(word: str) -> Role | None:
    """The role that an office's word, or our own code, means."""
    return _ROLE_BY_WORD.get(word.strip())


def kind_called(word: str) -> UnitKind | None:
    """The kind of unit that an office's word, or our own code, means."""
    return _KIND_BY_WORD.get(word.strip())
