import { both } from '../../../shared/words'

/** Words of the form that begins a board. */
export const boardForm = both(
  {
    open: '新建榜单', shut: '收起', make: '建立草稿', how: '先建立草稿：可试算、修改；冻结后数字不再变动，再公示、发布。',
    seriesHint: '同一系列各期之间比升降', seriesExample: '如：季度竞赛', nameHint: '这一期的名称', nameExample: '如：2026 年第一季度竞赛榜',
    from: '自', to: '至', lastDayHint: '含当日', indicatorExample: '如：走访企业数', pointsHint: '满分，如 60', remove: '去掉第 {n} 项', indicatorsHint: '各项分值相加为总分，通常合计 100。', sum: '合计 {n} 分',
  },
  {
    open: 'New board', shut: 'Fold', make: 'Make a draft', how: 'A draft comes first: it can be tried and changed. Frozen figures no longer change; then it is posted and published.',
    seriesHint: 'Issues of a series are compared with one another', seriesExample: 'e.g. Quarterly contest', nameHint: 'What this issue is called', nameExample: 'e.g. Contest, first quarter of 2026',
    from: 'From', to: 'To', lastDayHint: 'that day included', indicatorExample: 'e.g. Enterprises visited', pointsHint: 'full marks, e.g. 60', remove: 'Remove indicator {n}', indicatorsHint: 'Points add up to the total, usually 100.', sum: 'Points in all: {n}',
  },
)
