"""Code lists as phones get them."""

from typing import Any

from marshmallow import fields

from service.http.schemas import OutSchema


class CodeOut(OutSchema):
    """One code and its names."""

    code = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)


def _codes(name: str) -> fields.List[Any]:
    return fields.List(fields.Nested(CodeOut()), required=True, metadata={"description": name})


class CodeListsOut(OutSchema):
    """Every code list, by the field that holds its codes."""

    method = _codes("招商方式")
    rank = _codes("职务级别")
    trip_kind = _codes("外出招商类别")
    issue_category = _codes("问题类别")
    issue_severity = _codes("问题轻重")
    issue_state = _codes("问题办理状态")
    issue_event = _codes("问题办理动作")
    issue_level = _codes("问题协调层级")
    issue_light = _codes("问题办理灯色")
    issue_role = _codes("牵头或配合")
    mode = _codes("走访方式")
    intention = _codes("投资意向")
    enterprise_kind = _codes("企业类别")
    top500_list = _codes("三类500强榜单")
    line = _codes("千百两条线")
    target_level = _codes("三套目标")
    review_state = _codes("审核状态")
    return_reason = _codes("退回原因")
    void_reason = _codes("作废原因")
    kept_because = _codes("保留原因")
    settlement = _codes("保留内容的处理结果")
    recall_state = _codes("补传请求的状态")
    recall_came = _codes("补传内容的结果")
    checkin_kind = _codes("签到类别")
    duty = _codes("任职类别")
    project_stage = _codes("项目阶段")
    contract_kind = _codes("合同类别")
    project_light = _codes("项目灯色")
    photo_source = _codes("照片来源")
    photo_state = _codes("照片状态")
    location_source = _codes("定位来源")
    datum = _codes("坐标系")
    flag_severity = _codes("提示等级")
    unit_kind = _codes("单位类别")
    role = _codes("角色")
    view_door = _codes("位置查看的入口")
    privacy_refusal = _codes("个人信息请求不予办理的理由")
