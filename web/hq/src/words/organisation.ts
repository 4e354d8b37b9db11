import { both } from '../../../shared/words'

export const organisation = both(
  {
    search: '按名称查找', add: '新增单位', import: '导入单位', all: '共 {n} 个单位', name: '名称', short: '简称', kind: '类型', group: '对比组', order: '排序', division: '区划代码', from: '启用日期', until: '停用日期（当日起停用）',
    parent: '上级单位', top: '（无上级）', daysHint: '停用的单位保留全部历史数据，不再列入此后的排名。',
  },
  {
    search: 'Find by name', add: 'New unit', import: 'Import units', all: 'Units: {n}', name: 'Name', short: 'Short name', kind: 'Kind', group: 'Comparison group', order: 'Order', division: 'Division code', from: 'Valid from', until: 'Valid until (that day excluded)',
    parent: 'Belongs to', top: '(nothing above)', daysHint: 'A unit that has ended keeps its history and is ranked no longer.',
  },
)
