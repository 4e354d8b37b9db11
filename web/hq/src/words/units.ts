import { both } from '../../../shared/words'

export const units = both(
  {
    rank: '组内名次', moved: '较上周', unit: '单位', group: '组别', allGroups: '全部组别', done: '完成/目标', rateBar: '完成率与进度', gap: '超欠（百分点）', week: '本周',
    up: '升 {n} 位', down: '降 {n} 位', same: '持平', fresh: '上周无名次', small: '目标少于 {n}', smallNote: '小基数',
    sort: '排序', by_groups: '分组排名', by_all: '全部按完成率', noGroup: '未分组', title: '单位排名', visits: '走访',
    how: '名次由服务器按工作目标完成率在同组内排出，并列同名次，零也列出；较上周：与上周日的名次相比。目标少于 10 的单位注明“小基数”，比率起伏大。未设目标的不排名。只排单位，不排个人。',
    ranks: '{n} 个单位', open: '打开{unit}', weekly: '本单位每周进展', unvisited: '名下未走访企业', unvisitedHow: '列在目标企业库、由本单位负责、全市尚无已核走访的企业。', noUnvisited: '没有未走访的目标企业',
    returned: '被退回的记录', noReturned: '没有被退回的记录', allRecords: '全部记录', inCoverage: '在覆盖页查看', waits: '待核', perWeek: '每周首次计入的对象数', most: '最多 {n}',
  },
  {
    rank: 'Rank in group', moved: 'Since last week', unit: 'Unit', group: 'Group', allGroups: 'All groups', done: 'Done / target', rateBar: 'Completion and pace', gap: 'Against pace (points)', week: 'This week',
    up: 'up {n}', down: 'down {n}', same: 'same', fresh: 'no rank last week', small: 'target under {n}', smallNote: 'small',
    sort: 'Order', by_groups: 'By group', by_all: 'All by completion', noGroup: 'No group', title: 'Unit ranking', visits: 'Visits',
    how: 'Ranks come from the server: by completion of the working target within the group; ties share a rank and zeros are shown. Since last week: against the ranks of last Sunday. Units whose target is under 10 are marked, as their share jumps. Without a target there is no rank. Persons are never ranked.',
    ranks: 'Units: {n}', open: 'Open {unit}', weekly: 'This unit, week by week', unvisited: 'Enterprises not visited', unvisitedHow: 'On the target lists for this unit to visit, and without a counted visit in the whole city.', noUnvisited: 'No target enterprise is left',
    returned: 'Returned records', noReturned: 'Nothing was returned', allRecords: 'All records', inCoverage: 'Show in coverage', waits: 'waiting', perWeek: 'Subjects first counted, week by week', most: '{n} at most',
  },
)
