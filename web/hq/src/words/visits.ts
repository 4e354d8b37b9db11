import { both } from '../../../shared/words'

export const visits = both(
  {
    number: '编号', day: '日期', enterprise: '企业', unit: '单位', visitor: '走访人', recorder: '录入人', mode: '方式', method: '招商方式', intention: '意向', amount: '意向金额（万元）',
    state: '审核', counted: '计入', notCounted: '未计入', photos: '照片', place: '地点', summary: '洽谈内容', nextStep: '下一步', hosts: '接待人', participants: '参加人', ledBy: '带队领导',
    visitedAt: '走访时间', until: '至', flags: '疑点', reason: '审核意见', unmatched: '未匹配名录', joint: '联合单位 {n} 个',
    found: '已显示 {n} 条', all: '共 {n} 条', filteredBy: '筛选', clear: '清除', anyState: '全部审核状态', anyIntention: '全部意向', export: '导出这些记录',
    filters: {
      unit: '单位', of_unit: '单位及下级', own_unit: '单位本级', visitor: '走访人', enterprise: '企业', chain: '产业链', state: '审核', from: '自', until: '至', programme: '方案', line: '口径', counted: '计入',
      first: '每家一条', as_of: '截至', late: '逾期报送', standing: '有效', unassigned: '未分派', credited_in: '计入方案', of_group: '分组', industry: '行业', province: '省份', method: '招商方式', mode: '方式', intention: '意向',
      inclined: '有意向', with_amount: '有金额', has_project: '已转化为项目', matched: '已匹配', well_known: '知名企业', kind: '类别', on_list: '榜单', targeted_in: '目标清单', assigned_to: '分派单位', each: '每家一条',
    },
    yes: '是', lastOne: '最近一次', firstOne: '第一次', thisOne: '所选', empty: '未填', photoOf: '照片 {n}', noPhotos: '没有照片', missingPhotos: '还有 {n} 张未上传', notReady: '处理中', previous: '上一张', next: '下一张',
  },
  {
    number: 'Number', day: 'Day', enterprise: 'Enterprise', unit: 'Unit', visitor: 'Visitor', recorder: 'Recorded by', mode: 'Mode', method: 'Method', intention: 'Intention', amount: 'Amount (10,000 yuan)',
    state: 'Review', counted: 'Counted', notCounted: 'Not counted', photos: 'Photos', place: 'Place', summary: 'What was said', nextStep: 'Next step', hosts: 'Hosts', participants: 'Participants', ledBy: 'Led by',
    visitedAt: 'Visited', until: 'to', flags: 'Flags', reason: 'Review remark', unmatched: 'not in the register', joint: 'joint units: {n}',
    found: '{n} shown', all: '{n} in all', filteredBy: 'Filters', clear: 'Clear', anyState: 'Any review state', anyIntention: 'Any intention', export: 'Export these records',
    filters: {
      unit: 'Unit', of_unit: 'Unit and below', own_unit: 'Unit itself', visitor: 'Visitor', enterprise: 'Enterprise', chain: 'Chain', state: 'Review', from: 'From', until: 'To', programme: 'Programme', line: 'Line', counted: 'Counted',
      first: 'One each', as_of: 'As of', late: 'Late', standing: 'Standing', unassigned: 'Unassigned', credited_in: 'Counted in', of_group: 'Group', industry: 'Industry', province: 'Province', method: 'Method', mode: 'Mode', intention: 'Intention',
      inclined: 'Inclined', with_amount: 'With amount', has_project: 'Became a project', matched: 'Matched', well_known: 'Well known', kind: 'Kind', on_list: 'List', targeted_in: 'Target list', assigned_to: 'Assigned to', each: 'One each',
    },
    yes: 'yes', lastOne: 'the latest', firstOne: 'the first', thisOne: 'the chosen one', empty: 'none entered', photoOf: 'Photo {n}', noPhotos: 'No photos', missingPhotos: '{n} not uploaded yet', notReady: 'in the works', previous: 'Previous', next: 'Next',
  },
)
