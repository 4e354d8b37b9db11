import { both } from '../../../shared/words'

/** Words that every page of figures uses. */
export const figures = both(
  {
    thousand: '千家企业', hundred: '百强企业', city: '全市', line: '指标线',
    thousandLong: '已走访企业（千）', hundredLong: '三类500强（百）',
    baseline: '计划目标', working: '工作目标', striving: '奋斗目标', baselineShort: '计划', workingShort: '工作', strivingShort: '奋斗',
    counted: '已核', pending: '待核', rate: '完成率', gap: '超欠进度', gapPoints: '超欠（百分点）',
    expected: '今日应达', howCounted: '口径', dataTable: '数据表',
    programme: '方案', unit: '单位', allUnits: '全部单位', asOf: '截至日', clear: '清除筛选', filters: '筛选',
    inForce: '现行方案', print: '打印', screen: '大屏', leaveScreen: '退出大屏', until: '数据截至 {time}', day: '统计至 {day}', noData: '暂无数据', none: '无',
    ahead: '达到进度', near: '略低于进度', behind: '落后于进度', noTarget: '未设目标',
    unfinished: '未完成的一周', bulletin: '登门招商“千百工程”工作进展', printedAt: '{time} 打印', loadingMore: '正在读取…', all: '共 {n} 条',
  },
  {
    thousand: 'Thousand', hundred: 'Hundred', city: 'City', line: 'Line',
    thousandLong: 'Enterprises visited (thousand)', hundredLong: 'Top-500 groups (hundred)',
    baseline: 'Baseline', working: 'Working target', striving: 'Striving target', baselineShort: 'base', workingShort: 'work', strivingShort: 'strive',
    counted: 'Counted', pending: 'Waiting', rate: 'Completion', gap: 'Against pace', gapPoints: 'Pace (points)',
    expected: 'Due today', howCounted: 'How it is counted', dataTable: 'Table',
    programme: 'Programme', unit: 'Unit', allUnits: 'All units', asOf: 'As of', clear: 'Clear filters', filters: 'Filters',
    inForce: 'In force', print: 'Print', screen: 'Wall screen', leaveScreen: 'Leave wall screen', until: 'As of {time}', day: 'Up to {day}', noData: 'No data yet', none: 'None',
    ahead: 'on pace', near: 'slightly behind', behind: 'behind pace', noTarget: 'no target',
    unfinished: 'unfinished week', bulletin: 'Progress of the “Thousand and Hundred” visits', printedAt: 'Printed {time}', loadingMore: 'Loading…', all: '{n} in all',
  },
)
