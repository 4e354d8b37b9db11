import { both } from '../../../shared/words'

export const sites = both(
  {
    site: '工地', unit: '单位', people: '驻点人员', thisMonth: '本月有记录天数', inARow: '连续无记录', last: '最近记录', of: '{n}/{all}', nobody: '未安排', never: '从未', none: '—',
    lastDay: '{day}：安排 {expected} 处，有记录 {signed} 处，无记录 {unsigned} 处', notAbsence: '没有记录不算缺勤。', records: '签到记录', map: '位置图', table: '逐日记录', legend: '图例', mapHint: '圆点是工地中心，圈是围栏；不附底图。名称太密时只显示一部分，放大或指向圆点可看。',
    states: { signed: '有记录', absent: '无记录', rest_day: '休息日', not_expected: '未安排', not_yet: '未到' },
    marks: { signed: '✓', absent: '○', rest_day: '休', not_expected: '–', not_yet: '' },
    uncertain: '该年放假安排未公布，按周一至周五计', calendar: '{site} 逐日',
  },
  {
    site: 'Site', unit: 'Unit', people: 'Stationed', thisMonth: 'Days with a record this month', inARow: 'Days running without a record', last: 'Last record', of: '{n}/{all}', nobody: 'nobody', never: 'never', none: '—',
    lastDay: '{day}: expected at {expected}, with a record {signed}, without {unsigned}', notAbsence: 'No record does not mean absence.', records: 'Check-ins', map: 'Map', table: 'Day by day', legend: 'Legend', mapHint: 'Dots are centres of sites, rings their fences; no base map is shipped. Where names would overlap, zoom in or point at a dot.',
    states: { signed: 'record', absent: 'no record', rest_day: 'rest day', not_expected: 'nobody expected', not_yet: 'to come' },
    marks: { signed: '✓', absent: '○', rest_day: 'R', not_expected: '–', not_yet: '' },
    uncertain: 'Holidays of that year are not published; Monday to Friday count', calendar: '{site} day by day',
  },
)
