import { both } from '../../../shared/words'

export const kept = both(
  {
    what: '服务器收到但没有采用的提交，原件一字不动地保存，逐条处理。', list: '待处理原件', checksum: '校验值', because: '原因', type: '类型', any: '全部', showSettled: '含已处理', at: '收到时间', why: '具体问题', author: '提交人', unit: '单位', state: '处理', open: '待处理', nothing: '没有待处理的原件。', types: { visit: '走访', checkin: '签到', trip: '外出', issue: '问题', photo: '照片', withdrawal: '撤回', op: '其他' },
    differences: '两份内容的不同', field: '字段', atServer: '服务器上的', atPhone: '这份原件', changedBy: '改动来自', by: { server: '服务器', kept: '原件', both: '两边都改', unknown: '不明' }, sent: '收到的原件', cut: '太长，只显示开头', held: '服务器现有（第 {rev} 版）', settle: '怎样处理', settleNow: '处理', settledAs: '已处理：{how}', corrected: '更正后的内容（JSON）', original: '查看原文', wrongFields: '逐项更正', was: '原值：{value}', wasEmpty: '原件没有填写', without: '（不填）', emptyTakesAway: '留空则去掉这一项；其余内容照原件不动。', wholeBody: '整份内容', note: '说明', noteNeeded: '不采用的原因（必填）', notJson: '不是合法的 JSON：{why}', noObject: '内容应是一个 JSON 对象。',
    fields: {
      visited_at: '走访时间', ended_at: '结束时间', captured_at: '录入时间', at: '签到时间', mode: '走访方式', method: '招商方式', enterprise: '企业', enterprise_id: '企业编号', name: '名称', credit_code: '统一社会信用代码', city: '城市', province: '省份', country: '国家', kind: '类别',
      place: '地点', summary: '走访目的与洽谈内容', intention: '投资意向', amount_wan: '意向金额（万元）', next_step: '下一步', next_on: '下次时间', hosts: '接待人', participants: '同行人', led_by: '带队领导', leader: '带队领导', joint_units: '联合单位', title: '职务', phone: '电话', rank: '级别', user_id: '人员编号', unit_id: '单位编号', visitor_id: '走访人编号', trip_id: '外出编号', photo_ids: '照片',
      raised_at: '提出时间', category: '类别', severity: '程度', call: '吹哨单位', checkin_id: '签到编号', visit_id: '走访编号',
      site_id: '工地编号', note: '备注', progress: '形象进度', percent: '百分比', text: '说明', location: '位置', lat: '纬度', lng: '经度', datum: '坐标系', source: '来源', accuracy_m: '精度（米）', fix_age_ms: '定位时长（毫秒）', is_mock: '模拟位置', clock: '时钟', phone_time: '手机时间', server_time: '服务器时间', elapsed_ms: '经过毫秒', base_rev: '所改版本',
      departs_on: '出发日期', departs_half: '出发上下午', returns_on: '返回日期', returns_half: '返回上下午', destinations: '目的地', organisations: '对接单位', projects: '项目', campaign: '活动', result: '成果', remark: '备注', filed_because: '补报原因', intention_count: '意向数', project_count: '项目数',
    },
    hows: { server_stands: '保留服务器版本', replace: '采用这份内容', merge: '合并两份内容', new_record: '另立一条记录', repair: '更正后采用', discard: '不采用' },
  },
  {
    what: 'What came in and was not accepted; the originals are kept to the byte and settled one by one.', list: 'Kept originals', checksum: 'Checksum', because: 'Because', type: 'Type', any: 'Any', showSettled: 'Settled, too', at: 'Received', why: 'What is wrong', author: 'Sent by', unit: 'Unit', state: 'Settlement', open: 'open', nothing: 'Nothing waits to be settled.', types: { visit: 'visit', checkin: 'check-in', trip: 'trip', issue: 'problem', photo: 'photo', withdrawal: 'withdrawal', op: 'other' },
    differences: 'Where the two differ', field: 'Field', atServer: 'On the server', atPhone: 'This original', changedBy: 'Changed by', by: { server: 'server', kept: 'original', both: 'both', unknown: 'unknown' }, sent: 'The original as received', cut: 'long: only its beginning', held: 'The server has (revision {rev})', settle: 'How to settle it', settleNow: 'Settle', settledAs: 'Settled: {how}', corrected: 'Corrected content (JSON)', original: 'See the original', wrongFields: 'Correct field by field', was: 'It was: {value}', wasEmpty: 'Not filled in', without: '(none)', emptyTakesAway: 'Left empty, the field is taken away; all else stays as it came.', wholeBody: 'The whole content', note: 'Note', noteNeeded: 'Why it is discarded (needed)', notJson: 'Not valid JSON: {why}', noObject: 'The content has to be a JSON object.',
    fields: {
      visited_at: 'Visited at', ended_at: 'Ended at', captured_at: 'Written at', at: 'Checked in at', mode: 'Mode', method: 'Method', enterprise: 'Enterprise', enterprise_id: 'Enterprise id', name: 'Name', credit_code: 'Credit code', city: 'City', province: 'Province', country: 'Country', kind: 'Kind',
      place: 'Place', summary: 'Purpose and content', intention: 'Intention', amount_wan: 'Amount (10,000 yuan)', next_step: 'Next step', next_on: 'Next on', hosts: 'Host', participants: 'Participant', led_by: 'Led by', leader: 'Leader', joint_units: 'Joint units', title: 'Title', phone: 'Telephone', rank: 'Rank', user_id: 'Person id', unit_id: 'Unit id', visitor_id: 'Visitor id', trip_id: 'Trip id', photo_ids: 'Photos',
      raised_at: 'Raised at', category: 'Category', severity: 'Severity', call: 'Units called', checkin_id: 'Check-in id', visit_id: 'Visit id',
      site_id: 'Site id', note: 'Note', progress: 'Progress', percent: 'Per cent', text: 'Text', location: 'Position', lat: 'Latitude', lng: 'Longitude', datum: 'Datum', source: 'Source', accuracy_m: 'Accuracy (m)', fix_age_ms: 'Age of the fix (ms)', is_mock: 'Mock position', clock: 'Clock', phone_time: 'Phone’s time', server_time: 'Server’s time', elapsed_ms: 'Milliseconds since', base_rev: 'Revision edited',
      departs_on: 'Departs on', departs_half: 'Departs am or pm', returns_on: 'Returns on', returns_half: 'Returns am or pm', destinations: 'Destination', organisations: 'Organisation', projects: 'Projects', campaign: 'Campaign', result: 'Result', remark: 'Remark', filed_because: 'Why filed late', intention_count: 'Intentions', project_count: 'Projects counted',
    },
    hows: { server_stands: 'The server stands', replace: 'Take this content', merge: 'Merge both', new_record: 'A record of its own', repair: 'Take it corrected', discard: 'Discard' },
  },
)
