import { both } from '../../../shared/words'

export const reports = both(
  {
    kind: '种类', on: '所属日期', any: '全部种类', draftNew: '起草一期', period: '期间', reference: '文号', state: '状态', signedAt: '签发', title: '标题', recipient: '主送',
    states: { draft: '草稿', signed: '已签发', superseded: '已更正', discarded: '已作废' },
    kinds: { weekly: '周报', half_month: '半月通报', monthly: '月报', half_year: '领导外出招商半年统计', quarterly_board: '季度竞赛榜', event_countdown: '活动倒计时', monthly_inspection: '月度抽查通报' },
    text: '正文', figures: '数据表', edit: '修改文字', save: '保存文字', stop: '不改了', anew: '重新取数', sign: '签发', signQuestion: '签发后编号并不再改动，确定签发？', correct: '更正', correctTitle: '更正本期', correctWhy: '更正原因',
    against: '与 {reference} 相比', unchanged: '与上一期相比没有变化的数字', changed: '{n} 处数字有变化', before: '上期', now: '本期', name: '数字', noneBefore: '没有上一期',
    word: 'Word', excel: 'Excel', pdf: 'PDF', chat: '文本', redHead: '红头', asOf: '截至 {day}', knownAt: '数据取自 {at}', people: '起草 {drafted}　修改 {edited}　签发 {signed}', schedule: '系统', nobody: '—',
    correction: '更正说明', event: '活动', events: '活动', newEvent: '新建活动', eventName: '活动名称', preparesOn: '开始筹备', heldOn: '举办日期', cancelled: '已取消', cancelEvent: '取消', reviveEvent: '恢复',
  },
  {
    kind: 'Kind', on: 'A day of its period', any: 'Any kind', draftNew: 'Draft an issue', period: 'Period', reference: 'Number', state: 'State', signedAt: 'Signed', title: 'Title', recipient: 'To',
    states: { draft: 'Draft', signed: 'Signed', superseded: 'Superseded', discarded: 'Discarded' },
    kinds: { weekly: 'Weekly', half_month: 'Half-month bulletin', monthly: 'Monthly', half_year: 'Heads’ trips, half-year', quarterly_board: 'Quarterly board', event_countdown: 'Event count-down', monthly_inspection: 'Monthly inspection' },
    text: 'Text', figures: 'Tables', edit: 'Edit the words', save: 'Save the words', stop: 'Leave it', anew: 'Take figures anew', sign: 'Sign off', signQuestion: 'A signed issue gets its number and never changes. Sign it?', correct: 'Correct', correctTitle: 'Correct this issue', correctWhy: 'Why',
    against: 'Against {reference}', unchanged: 'No figure reads otherwise than in the issue before', changed: '{n} figures read otherwise', before: 'Before', now: 'Now', name: 'Figure', noneBefore: 'There is no issue before',
    word: 'Word', excel: 'Excel', pdf: 'PDF', chat: 'Text', redHead: 'Red head', asOf: 'As of {day}', knownAt: 'figures taken {at}', people: 'Drafted by {drafted} · edited by {edited} · signed by {signed}', schedule: 'the schedule', nobody: '—',
    correction: 'Correction', event: 'Event', events: 'Events', newEvent: 'New event', eventName: 'Name', preparesOn: 'Prepared from', heldOn: 'Held on', cancelled: 'cancelled', cancelEvent: 'Cancel', reviveEvent: 'Revive',
  },
)
