import { both } from '../../../shared/words'

export const sites = both(
  {
    site: '工地', unit: '单位', people: '驻点人员', thisMonth: '本月到岗', inARow: '连续未签', last: '最近签到', days: '天', of: '{n}/{all}', nobody: '未安排', never: '从未', none: '—',
    from: '自', before: '止（不含）', lastDay: '{day}：应到 {expected}，已签 {signed}，未签 {unsigned}', records: '签到记录', map: '位置图', table: '逐日到岗', legend: '图例', mapHint: '圆点是工地中心，圈是围栏；不附底图。',
    states: { signed: '已签', absent: '未签', rest_day: '休息日', not_expected: '未安排', not_yet: '未到' },
    marks: { signed: '✓', absent: '✕', rest_day: '休', not_expected: '–', not_yet: '' },
    uncertain: '该年放假安排未公布，按周一至周五计', dayOf: '{site} {day} {state}', calendar: '{site} 逐日',
  },
  {
    site: 'Site', unit: 'Unit', people: 'Stationed', thisMonth: 'This month', inARow: 'Unsigned days', last: 'Last signed', days: 'days', of: '{n}/{all}', nobody: 'nobody', never: 'never', none: '—',
    from: 'From', before: 'Before', lastDay: '{day}: {expected} expected, {signed} signed, {unsigned} not', records: 'Check-ins', map: 'Map', table: 'Day by day', legend: 'Legend', mapHint: 'Dots are centres of sites, rings their fences; no base map is shipped.',
    states: { signed: 'signed', absent: 'absent', rest_day: 'rest day', not_expected: 'nobody expected', not_yet: 'to come' },
    marks: { signed: '✓', absent: '✕', rest_day: 'R', not_expected: '–', not_yet: '' },
    uncertain: 'Holidays of that year are not published; Monday to Friday count', dayOf: '{site} {day} {state}', calendar: '{site} day by day',
  },
)
