import { both } from '../../../shared/words'

export const outboxes = both(
  {
    people: '还有内容未上传的人员', units: '按单位', person: '人员', who: '人数', unit: '单位', since: '最早一条', onPhone: '手机上', photosAwaited: '待收照片', kept: '待处理原件', phones: '手机与可能的原因', silentPhones: '失联手机', contact: '最后联系 {at}', noContact: '从未联系', left: '{records} 条记录、{photos} 张照片', phone: '手机', free: '剩余空间 {n}', silent: '失联', cutOff: '已停用', nobody: '没有人有未上传的内容。',
    ask: '请补传', askTitle: '请 {name} 补传', askHow: '手机下次联系服务器时收到；已收到的内容不会重复计入。', whichPhone: '哪台手机', everyPhone: '本人的全部手机', sinceDay: '补传自', reason: '原因', askNow: '发出', recalls: '补传请求', askedAt: '发出', askedFor: '内容', state: '状态', came: '结果', since_: '{day} 起', items: '{n} 项', cancelRecall: '取消', noRecalls: '没有补传请求。',
  },
  {
    people: 'People with something not uploaded', units: 'By unit', person: 'Person', who: 'People', unit: 'Unit', since: 'Oldest', onPhone: 'On the phone', photosAwaited: 'Photos awaited', kept: 'Kept originals', phones: 'Phones, and what may be in the way', silentPhones: 'Silent phones', contact: 'last contact {at}', noContact: 'no contact yet', left: 'records: {records}, photos: {photos}', phone: 'phone', free: '{n} free', silent: 'silent', cutOff: 'cut off', nobody: 'Nobody has anything left to upload.',
    ask: 'Ask for it', askTitle: 'Ask {name} to send again', askHow: 'The phone hears of it when it next speaks to the server; nothing is counted twice.', whichPhone: 'Phone', everyPhone: 'All of their phones', sinceDay: 'From', reason: 'Reason', askNow: 'Ask', recalls: 'Recalls', askedAt: 'Asked', askedFor: 'For', state: 'State', came: 'What came', since_: 'from {day}', items: 'Items: {n}', cancelRecall: 'Cancel', noRecalls: 'No recalls.',
  },
)
