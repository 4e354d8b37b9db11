import { both } from '../../../shared/words'

export const boards = both(
  {
    name: '榜单', series: '系列', period: '期间', state: '状态', states: { draft: '草稿', frozen: '已冻结', posted: '公示中', published: '已发布', restated: '已更正' },
    programme: '方案', indicators: '指标', indicator: '指标名', source: '取数', points: '分值', addIndicator: '增加指标',
    sources: { thousand_counted: '千：累计计入', thousand_new: '千：本期新增', hundred_counted: '百：累计计入', hundred_new: '百：本期新增', visits: '本期走访次数', measure: '统计或填报指标', manual: '手工录入' }, measure: '哪一项', method: '计分', methods: { ratio: '完成率', efficacy: '功效系数' }, cap: '最高倍数', place: '名次', unit: '单位', total: '总分', bonus: '加分', deduction: '扣分', change: '升降', same: '持平', up: '升 {n}', down: '降 {n}', fresh: '新', aside: '不排名',
    asides: { excluded: '不参与排名', exempt: '不可抗力豁免' },
    freeze: '冻结', post: '公示', publish: '发布', restate: '更正重发', restateWhy: '更正原因', freezeQuestion: '冻结后数字不再变动，确定？', emptyIndicators: '还没有任何单位得分的指标：{names}（未填完成数或没有目标），冻结后总分不含这一项。', postedUntil: '公示至 {day}', appeals: '申诉', appeal: '提出申诉', appealText: '申诉内容', uphold: '支持', reject: '不支持', decision: '处理意见',
    appealStates: { open: '待处理', upheld: '支持', dismissed: '不支持' }, entry: '手工项', entryAdd: '录入', entryKind: '类别', entryReason: '理由', amount: '数值', target: '目标', entryKinds: { bonus: '加分', deduction: '扣分', figure: '指标数值', excluded: '不参与排名', exempt: '不可抗力豁免' },
    lowTwice: '连续两期末位（仅总部可见）', correction: '更正说明', asIfNow: '草稿：按此刻数据试算', remove: '撤回', knownAt: '数据取自 {at}',
  },
  {
    name: 'Board', series: 'Series', period: 'Period', state: 'State', states: { draft: 'Draft', frozen: 'Frozen', posted: 'Open to appeals', published: 'Published', restated: 'Restated' },
    programme: 'Programme', indicators: 'Indicators', indicator: 'Indicator', source: 'Measure', points: 'Points', addIndicator: 'Add an indicator',
    sources: { thousand_counted: 'Thousand, to date', thousand_new: 'Thousand, new', hundred_counted: 'Hundred, to date', hundred_new: 'Hundred, new', visits: 'Visits of the period', measure: 'Statistics or entered', manual: 'by hand' }, measure: 'Which', method: 'Scored by', methods: { ratio: 'Completion', efficacy: 'Efficacy' }, cap: 'At most, times', place: 'Place', unit: 'Unit', total: 'Total', bonus: 'Bonus', deduction: 'Deduction', change: 'Change', same: 'same', up: 'up {n}', down: 'down {n}', fresh: 'new', aside: 'not ranked',
    asides: { excluded: 'excluded', exempt: 'exempt' },
    freeze: 'Freeze', post: 'Post', publish: 'Publish', restate: 'Restate', restateWhy: 'Why', freezeQuestion: 'Frozen figures no longer change. Freeze?', emptyIndicators: 'Indicators that score nobody: {names} (nothing entered, or no target). Frozen so, the totals go without them.', postedUntil: 'Appeals until {day}', appeals: 'Appeals', appeal: 'Appeal', appealText: 'What is wrong', uphold: 'Uphold', reject: 'Reject', decision: 'Decision',
    appealStates: { open: 'open', upheld: 'upheld', dismissed: 'dismissed' }, entry: 'By hand', entryAdd: 'Enter', entryKind: 'Kind', entryReason: 'Reason', amount: 'Amount', target: 'Target', entryKinds: { bonus: 'Bonus', deduction: 'Deduction', figure: 'Figure', excluded: 'Excluded', exempt: 'Exempt' },
    lowTwice: 'Low twice running (headquarters only)', correction: 'Correction', asIfNow: 'Draft: as it would be now', remove: 'Take back', knownAt: 'figures taken {at}',
  },
)
