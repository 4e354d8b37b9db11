import { both } from '../../../shared/words'

export const review = both(
  {
    waiting: '待审核 {n} 条', waitingMore: '待审核 {n} 条以上', nothing: '没有待审核的记录。', queue: '待审队列', record: '记录', evidence: '佐证',
    approve: '通过', return: '退回', void: '作废', unapprove: '撤销通过', skip: '跳过', batch: '无疑点的批量通过（{n}）',
    batchQuestion: '将一次通过 {n} 条没有疑点、企业已匹配的记录。通过后计入统计，可以逐条撤销。', batchTitle: '批量通过', type_: '类型', anyType: '走访和签到', batchDone: '已通过 {n} 条', batchRefused: '{n} 条未能通过：{why}',
    keys: '键盘：J/K 上下，A 通过，R 退回，S 跳过，1–9 选理由',
    reason: '理由', reasonText: '补充说明', returnTitle: '退回 {number}', voidTitle: '作废 {number}', unapproveTitle: '撤销通过 {number}',
    doubt: '存疑', suspicion: '疑点 {n} 项', clean: '无疑点',
    done: '{number}：{what}', refused: '未生效：{why}',
    passed: '核对通过 {n} 项', unknown: '无数据 {n} 项', explanations: '本人说明', history: '经过', revisions: '第 {rev} 版', by: '{name} · {at}',
    map: '位置示意图', reported: '上报位置', enterprise: '企业位置', accuracy: '精度 ±{m} 米', fence: '允许 {m} 米', noMap: '没有可画的位置',
    timeline: '时间线', taken: '现场时间', recorded: '手机录入', received: '服务器收到', skew: '手机时钟偏差 {s} 秒', offline: '录入后 {h} 小时收到', exif: '照片拍摄',
    copy: '相同照片', alike: '相似照片（差 {bits}/64）',
    check: {
      distance: '距离', datum: '坐标系', speed: '移动速度', mock: '模拟定位', clock: '手机时钟', recording: '录入时间', hours: '时段', duration: '时长',
      photo_missing: '照片是否齐全', photo_bytes: '重复照片', photo_alike: '相似照片', photo_source: '照片来源', exif_time: '照片时间', exif_place: '照片位置', other_team: '其他单位走访',
    },
    choose: '选择左侧一条记录', type: { visit: '走访', checkin: '签到', trip: '外出' },
  },
  {
    waiting: '{n} waiting', waitingMore: 'more than {n} waiting', nothing: 'Nothing waits for review.', queue: 'Queue', record: 'Record', evidence: 'Evidence',
    approve: 'Approve', return: 'Return', void: 'Void', unapprove: 'Un-approve', skip: 'Skip', batch: 'Approve all without doubt ({n})',
    batchQuestion: '{n} records without doubt, of matched enterprises, will be approved at once. They join the figures; each can be un-approved.', batchTitle: 'Approve in a batch', type_: 'Kind', anyType: 'Visits and check-ins', batchDone: '{n} approved', batchRefused: '{n} not approved: {why}',
    keys: 'Keys: J/K down and up, A approve, R return, S skip, 1–9 choose a reason',
    reason: 'Reason', reasonText: 'More words', returnTitle: 'Return {number}', voidTitle: 'Void {number}', unapproveTitle: 'Un-approve {number}',
    doubt: 'Doubt', suspicion: 'Doubts: {n}', clean: 'No doubt',
    done: '{number}: {what}', refused: 'Not done: {why}',
    passed: '{n} checks passed', unknown: '{n} without data', explanations: 'The author says', history: 'History', revisions: 'Revision {rev}', by: '{name} · {at}',
    map: 'Sketch of the place', reported: 'Reported', enterprise: 'Enterprise', accuracy: 'accuracy ±{m} m', fence: 'allowed {m} m', noMap: 'No position to draw',
    timeline: 'Times', taken: 'On the spot', recorded: 'Recorded on the phone', received: 'Received', skew: 'phone clock off by {s} s', offline: 'received {h} hours after recording', exif: 'Photo taken',
    copy: 'Same photo', alike: 'Similar photo ({bits}/64 differ)',
    check: {
      distance: 'Distance', datum: 'Datum', speed: 'Speed', mock: 'Mock position', clock: 'Phone clock', recording: 'Recorded when', hours: 'Hours', duration: 'Duration',
      photo_missing: 'Photos complete', photo_bytes: 'Same photo', photo_alike: 'Similar photo', photo_source: 'Photo source', exif_time: 'Photo time', exif_place: 'Photo place', other_team: 'Another team',
    },
    choose: 'Choose a record on the left', type: { visit: 'Visit', checkin: 'Check-in', trip: 'Trip' },
  },
)
