"""Every code a phone or a browser may meet, with its name in both languages, in the order to show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from service.accounts.models import UnitKind
from service.accounts.ranks import RANKS
from service.checkins.models import CheckinKind
from service.enterprises.models import EnterpriseKind
from service.issues import words as issues
from service.kernel.actor import Role
from service.kernel.datum import Datum
from service.outboxes.recall_states import Came, RecallState
from service.photos.models import PhotoSource, PhotoState
from service.privacy.models import Door, Refused
from service.programmes.models import Line, TargetLevel
from service.projects.lights import LIGHT_WORDS
from service.projects.models import ContractKind, Duty, ProjectStage
from service.submissions.flags import Severity
from service.submissions.location import LocationSource
from service.submissions.models import KeptBecause, Settlement
from service.submissions.review_reasons import RETURN_REASONS, VOID_REASONS
from service.trips.words import KINDS as TRIP_KINDS
from service.visits.methods import METHODS
from service.visits.models import Intention, ReviewState, VisitMode


@dataclass(frozen=True, slots=True)
class Code:
    """A code and its names."""

    code: str
    zh: str
    en: str


Names = tuple[str, str]
Member = TypeVar("Member", bound=StrEnum)


def _named(names: Mapping[Member, Names]) -> tuple[Code, ...]:
    return tuple(Code(member.value, zh, en) for member, (zh, en) in names.items())


def _listed(*rows: tuple[str, str, str]) -> tuple[Code, ...]:
    return tuple(Code(*row) for row in rows)


CODE_LISTS: dict[str, tuple[Code, ...]] = {
    "method": tuple(Code(method.slug, method.zh, method.en) for method in METHODS),
    "rank": tuple(Code(rank.code, rank.zh, rank.en) for rank in RANKS),
    "trip_kind": _named(TRIP_KINDS),
    "issue_category": _named(issues.CATEGORIES),
    "issue_severity": _named(issues.SEVERITIES),
    "issue_state": _named(issues.STATES),
    "issue_event": _named(issues.EVENTS),
    "issue_level": _named(issues.LEVELS),
    "issue_light": _named(issues.LIGHTS),
    "issue_role": _named(issues.ROLES),
    "mode": _named(
        {
            VisitMode.DOOR_TO_DOOR: ("登门拜访", "Door to door"),
            VisitMode.RECEPTION: ("来访接待", "Reception"),
            VisitMode.ONLINE: ("线上洽谈", "Online"),
            VisitMode.EVENT: ("推介活动", "Promotion event"),
        }
    ),
    "intention": _named(
        {
            Intention.NONE: ("暂无意向", "None"),
            Intention.INTERESTED: ("有意向", "Interested"),
            Intention.NEGOTIATING: ("在谈", "Negotiating"),
            Intention.AGREED: ("已达成", "Agreed"),
        }
    ),
    "view_door": _named(
        {
            Door.VISIT: ("拜访记录", "Visit"),
            Door.VISIT_HISTORY: ("拜访的版本与审核经过", "History of a visit"),
            Door.VISIT_PHOTOS: ("拜访的照片", "Photos of a visit"),
            Door.VISIT_EVIDENCE: ("拜访的佐证", "Evidence of a visit"),
            Door.CHECKIN: ("签到记录", "Check-in"),
            Door.CHECKIN_PHOTOS: ("签到的照片", "Photos of a check-in"),
            Door.CHECKIN_EVIDENCE: ("签到的佐证", "Evidence of a check-in"),
            Door.KEPT: ("保留的提交", "Kept submission"),
            Door.EXPORT: ("导出", "Export"),
        }
    ),
    "privacy_refusal": _named(
        {
            Refused.LEGAL_HOLD: ("依法须留存", "Legal hold"),
            Refused.NOT_IDENTIFIED: ("无法核实身份", "Not identified"),
            Refused.NOTHING_FOUND: ("没有相关记录", "Nothing found"),
            Refused.OTHER: ("其他", "Other"),
        }
    ),
    "enterprise_kind": _named(
        {
            EnterpriseKind.ENTERPRISE: ("企业", "Enterprise"),
            EnterpriseKind.ASSOCIATION: ("商协会", "Chamber or association"),
        }
    ),
    "top500_list": _listed(
        ("fortune_global_500", "世界500强", "Fortune Global 500"),
        ("china_500", "中国企业500强", "China Top 500 enterprises"),
        ("china_private_500", "中国民营企业500强", "China Top 500 private enterprises"),
    ),
    "line": _named(
        {
            Line.THOUSAND: ("千：知名企业和商协会", "The thousand: known enterprises and chambers"),
            Line.HUNDRED: ("百：三类500强", "The hundred: Top-500 groups"),
        }
    ),
    "target_level": _named(
        {
            TargetLevel.BASELINE: ("计划目标", "Baseline"),
            TargetLevel.WORKING: ("工作目标", "Working"),
            TargetLevel.STRIVING: ("奋斗目标", "Striving"),
        }
    ),
    "review_state": _named(
        {
            ReviewState.SUBMITTED: ("待审核", "Submitted"),
            ReviewState.UNIT_APPROVED: ("单位已审", "Approved by the unit"),
            ReviewState.APPROVED: ("已核准", "Approved"),
            ReviewState.RETURNED: ("已退回", "Returned"),
            ReviewState.VOIDED: ("已作废", "Voided"),
            ReviewState.WITHDRAWN: ("已撤回", "Withdrawn"),
        }
    ),
    "return_reason": _listed(*RETURN_REASONS),
    "void_reason": _listed(*VOID_REASONS),
    "kept_because": _named(
        {
            KeptBecause.QUARANTINED: ("内容有误，已隔离保存", "Invalid, quarantined"),
            KeptBecause.CONFLICT: ("与服务器版本冲突", "Conflicts with the server's version"),
            KeptBecause.ID_TAKEN: ("编号已被占用", "The id is taken"),
            KeptBecause.UNPERMITTED: ("无权限", "Not permitted"),
        }
    ),
    "settlement": _named(
        {
            Settlement.ACCEPTED_LATER: ("之后已被接受", "Accepted later"),
            Settlement.SERVER_STANDS: ("保留服务器版本", "The server's version stands"),
            Settlement.REPLACED_SERVER: ("已采用", "Taken"),
            Settlement.MERGED: ("已合并", "Merged"),
            Settlement.BECAME_A_NEW_RECORD: ("已另立一条记录", "Became a record of its own"),
            Settlement.REPAIRED: ("更正后已采用", "Repaired"),
            Settlement.DISCARDED: ("未采用", "Discarded"),
        }
    ),
    "recall_state": _named(
        {
            RecallState.ASKED: ("已发出", "Asked"),
            RecallState.SEEN: ("手机已收到", "Read by a phone"),
            RecallState.ANSWERED: ("手机已回报", "Answered"),
            RecallState.CANCELLED: ("已取消", "Cancelled"),
        }
    ),
    "recall_came": _named(
        {
            Came.WAITING: ("等待中", "Waiting"),
            Came.RECEIVED: ("已收到", "Received"),
            Came.EDITED: ("收到修改", "Received as an edit"),
            Came.REPEATED: ("内容与已有一致", "Sent again, known already"),
            Came.KEPT: ("已保留待处理", "Kept, to be settled"),
            Came.INTACT: ("服务器上完好", "Whole on the server"),
            Came.UNKNOWN: ("手机称已发送，未收到", "Said to be sent, never seen here"),
            Came.GIVEN_UP: ("手机上已没有", "No longer on the phone"),
        }
    ),
    "checkin_kind": _named(
        {
            CheckinKind.ARRIVE: ("到达", "Arrive"),
            CheckinKind.LEAVE: ("离开", "Leave"),
            CheckinKind.PROGRESS: ("形象进度", "Visible progress"),
            CheckinKind.SERVICE: ("服务", "Service"),
        }
    ),
    "duty": _named(
        {
            Duty.SITE_COMMISSIONER: ("驻工地专员", "Site commissioner"),
            Duty.SERVICE_OFFICER: ("服务专员", "Project service officer"),
            Duty.SPONSOR: ("包联责任人", "Sponsor"),
            Duty.STATIONED: ("驻点人员", "Stationed staff"),
        }
    ),
    "project_stage": _named(
        {
            ProjectStage.LEAD: ("线索", "Lead"),
            ProjectStage.INTENTION: ("意向", "Intention"),
            ProjectStage.NEGOTIATING: ("洽谈", "Negotiating"),
            ProjectStage.AGREEMENT: ("协议", "Agreement"),
            ProjectStage.CONTRACT: ("合同", "Contract"),
            ProjectStage.LANDED: ("落地", "Landed"),
            ProjectStage.STARTED: ("开工", "Started"),
            ProjectStage.COMPLETED: ("竣工", "Completed"),
            ProjectStage.PRODUCING: ("投产", "Producing"),
            ProjectStage.AT_CAPACITY: ("达产达效", "At capacity"),
        }
    ),
    "contract_kind": _named(
        {
            ContractKind.LETTER_OF_INTENT: ("意向", "Letter of intent"),
            ContractKind.FRAMEWORK: ("框架协议", "Framework agreement"),
            ContractKind.AGREEMENT: ("投资协议", "Investment agreement"),
            ContractKind.CONTRACT: ("正式合同", "Contract"),
        }
    ),
    "project_light": tuple(Code(light.value, *words) for light, words in LIGHT_WORDS.items()),
    "photo_source": _named(
        {PhotoSource.CAMERA: ("现场拍摄", "Camera"), PhotoSource.GALLERY: ("相册选取", "Gallery")}
    ),
    "photo_state": _named(
        {
            PhotoState.EXPECTED: ("待上传", "Expected"),
            PhotoState.RECEIVED: ("已收到", "Received"),
            PhotoState.READY: ("已处理", "Ready"),
            PhotoState.REJECTED: ("无法识别", "Rejected"),
        }
    ),
    "location_source": _named(
        {
            LocationSource.GPS: ("卫星定位", "GPS"),
            LocationSource.NETWORK: ("网络定位", "Network"),
            LocationSource.MANUAL: ("手工填写", "Manual"),
            LocationSource.EXIF: ("照片信息", "EXIF"),
            LocationSource.PICKED: ("地图选点", "Picked on a map"),
        }
    ),
    "datum": _named(
        {
            Datum.WGS84: ("WGS-84（卫星定位）", "WGS-84"),
            Datum.GCJ02: ("GCJ-02（高德、腾讯）", "GCJ-02"),
            Datum.BD09: ("BD-09（百度）", "BD-09"),
        }
    ),
    "flag_severity": _named(
        {
            Severity.INFO: ("提示", "Information"),
            Severity.WARNING: ("注意", "Warning"),
            Severity.SERIOUS: ("重点核查", "Serious"),
        }
    ),
    "unit_kind": _named(
        {
            UnitKind.CITY: ("市", "City"),
            UnitKind.COUNTY: ("县（市、区）", "County"),
            UnitKind.ZONE: ("开发区（园区）", "Zone"),
            UnitKind.DEPARTMENT: ("部门", "Department"),
            UnitKind.TOWN: ("乡镇（街道）", "Town"),
            UnitKind.COMPANY: ("企业", "Company"),
        }
    ),
    "role": _named(
        {
            Role.FIELD_STAFF: ("登门招商人员", "Field staff"),
            Role.SITE_COMMISSIONER: ("驻工地专员", "Site commissioner"),
            Role.DEPARTMENT_OFFICER: ("部门经办人", "Department officer"),
            Role.UNIT_OFFICE: ("单位管理员", "Unit office"),
            Role.HEADQUARTERS: ("招组办", "Headquarters"),
            Role.LEADER: ("领导", "Leader"),
            Role.INSPECTOR: ("督查人员", "Inspector"),
            Role.ADMINISTRATOR: ("系统管理员", "Administrator"),
        }
    ),
}

SHEET_LABELS = {
    name: {code.code: code.zh for code in CODE_LISTS[name]}
    for name in ("rank", "intention", "review_state", "checkin_kind", "project_stage", "contract_kind")
}
"""What the sheets write for a code."""
