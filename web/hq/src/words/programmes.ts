import { both } from '../../../shared/words'

export const programmes = both(
  {
    all: '共 {n} 个方案', add: '新建方案', make: '建立', name: '名称', year: '年度', startsOn: '起始日', endsOn: '截止日', policy: '计数口径', policies: { approved: '审核通过后计数', submitted: '提交即计数' }, scope: '千企范围', scopes: { listed: '名单内企业', any: '全部企业' }, state: '状态', open: '执行中', closed: '已结束', closedAt: '{at} 结束', close: '结束方案', closeNow: '确认结束', closeQuestion: '结束后方案、目标和预警阈值不能再改，此后的记录不再计入。',
    elapsedBy: '序时进度按', elapsed: { days: '天数', months: '月数' }, modes: '计数的走访方式', top500: '计数的榜单', within: '百强走访同时计入千企', overlap: '允许与其他方案日期重叠', saved: '已保存', parts: '方案内容', tabs: { rules: '口径', targets: '目标', lists: '目标名单', review: '审核办法', limits: '预警阈值' },
    city: '全市', unit: '单位', sum: '各县（市、区）、部门合计', matches: '一致', short: '缺 {n}', over: '超 {n}', targetsHow: '计划 ≤ 工作 ≤ 奋斗；留空即不设目标。', importTargets: '导入目标', refused: '没有保存，以下目标有误：', undo: '放弃修改', saveTargets: '保存（{n} 处修改）',
    limit: '阈值', value: '现值', unitOf: '计量', usual: '通常', least: '最小', most: '最大', unusual: '已调整', limitsUsual: '均为通常值', limitsSet: '第 {n} 次设定，{at} {by}', limitsHistory: '历次设定',
    reviewed: '哪些记录要人工审核', reviewKinds: { all: '全部', flagged: '有疑点的；其余到时自动通过', random: '有疑点的，加随机抽取' , }, percent: '随机抽取（%）', waitHours: '自动通过前等待（小时）', setBy: '{at} 由 {by} 设定',
    list: '目标名单', newList: '新名单', makeList: '建立名单', addEntry: '加入企业', entryUnit: '走访单位', noUnit: '（不指定）', putOn: '加入', takeOff: '移出', enterprise: '企业', addedAt: '加入日期', found: '查到的企业', nothingFound: '没有查到。',
  },
  {
    all: 'Programmes: {n}', add: 'New programme', make: 'Make', name: 'Name', year: 'Year', startsOn: 'First day', endsOn: 'Last day', policy: 'Counts', policies: { approved: 'when approved', submitted: 'when submitted' }, scope: 'Thousand line', scopes: { listed: 'enterprises on its lists', any: 'any enterprise' }, state: 'State', open: 'running', closed: 'closed', closedAt: 'closed {at}', close: 'Close programme', closeNow: 'Close it', closeQuestion: 'Nothing of a closed programme can be changed, and later records do not count in it.',
    elapsedBy: 'Elapsed time by', elapsed: { days: 'days', months: 'months' }, modes: 'Modes that count', top500: 'Lists that count', within: 'Hundred visits count as thousand visits, too', overlap: 'May overlap other programmes', saved: 'Saved', parts: 'Parts of the programme', tabs: { rules: 'Rules', targets: 'Targets', lists: 'Target lists', review: 'Review policy', limits: 'Alert thresholds' },
    city: 'City', unit: 'Unit', sum: 'Sum of the units', matches: 'equal', short: 'short {n}', over: 'over {n}', targetsHow: 'Baseline ≤ working ≤ striving; empty means no target.', importTargets: 'Import targets', refused: 'Nothing was saved; these targets are wrong:', undo: 'Discard', saveTargets: 'Save (changes: {n})',
    limit: 'Threshold', value: 'Value', unitOf: 'In', usual: 'Usual', least: 'Least', most: 'Most', unusual: 'changed', limitsUsual: 'All as usual', limitsSet: 'Setting {n}, {at} {by}', limitsHistory: 'Settings',
    reviewed: 'What people review', reviewKinds: { all: 'everything', flagged: 'what is flagged; the rest passes in time', random: 'what is flagged, and some by lot' }, percent: 'By lot (%)', waitHours: 'Hours before the rest passes', setBy: 'Set {at} by {by}',
    list: 'Target list', newList: 'New list', makeList: 'Make list', addEntry: 'Add enterprises', entryUnit: 'Visiting unit', noUnit: '(none)', putOn: 'Add', takeOff: 'Take off', enterprise: 'Enterprise', addedAt: 'Added', found: 'Found enterprises', nothingFound: 'Nothing found.',
  },
)
