import { both } from '../../../shared/words'

export const kept = both(
  {
    what: '服务器收到但没有采用的提交，原件一字不动地保存，逐条处理。', list: '待处理原件', because: '原因', type: '类型', any: '全部', showSettled: '含已处理', at: '收到时间', why: '具体问题', author: '提交人', unit: '单位', state: '处理', open: '待处理', nothing: '没有待处理的原件。', types: { visit: '走访', checkin: '签到', trip: '外出', photo: '照片', withdrawal: '撤回', op: '其他' },
    differences: '两份内容的不同', field: '字段', atServer: '服务器上的', atPhone: '这份原件', changedBy: '改动来自', by: { server: '服务器', kept: '原件', both: '两边都改', unknown: '不明' }, sent: '收到的原件', cut: '太长，只显示开头', held: '服务器现有（第 {rev} 版）', settle: '怎样处理', settleNow: '处理', settledAs: '已处理：{how}', corrected: '更正后的内容（JSON）', note: '说明', noteNeeded: '不采用的原因（必填）', notJson: '不是合法的 JSON：{why}', noObject: '内容应是一个 JSON 对象。',
    hows: { server_stands: '保留服务器版本', replace: '采用这份内容', merge: '合并两份内容', new_record: '另立一条记录', repair: '更正后采用', discard: '不采用' },
  },
  {
    what: 'What came in and was not accepted; the originals are kept to the byte and settled one by one.', list: 'Kept originals', because: 'Because', type: 'Type', any: 'Any', showSettled: 'Settled, too', at: 'Received', why: 'What is wrong', author: 'Sent by', unit: 'Unit', state: 'Settlement', open: 'open', nothing: 'Nothing waits to be settled.', types: { visit: 'visit', checkin: 'check-in', trip: 'trip', photo: 'photo', withdrawal: 'withdrawal', op: 'other' },
    differences: 'Where the two differ', field: 'Field', atServer: 'On the server', atPhone: 'This original', changedBy: 'Changed by', by: { server: 'server', kept: 'original', both: 'both', unknown: 'unknown' }, sent: 'The original as received', cut: 'long: only its beginning', held: 'The server has (revision {rev})', settle: 'How to settle it', settleNow: 'Settle', settledAs: 'Settled: {how}', corrected: 'Corrected content (JSON)', note: 'Note', noteNeeded: 'Why it is discarded (needed)', notJson: 'Not valid JSON: {why}', noObject: 'The content has to be a JSON object.',
    hows: { server_stands: 'The server stands', replace: 'Take this content', merge: 'Merge both', new_record: 'A record of its own', repair: 'Take it corrected', discard: 'Discard' },
  },
)
