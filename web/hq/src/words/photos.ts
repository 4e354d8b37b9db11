import { both } from '../../../shared/words'

export const photos = both(
  {
    type: '记录', anyType: '全部记录', visit: '走访', checkin: '签到', issue: '问题', flag: '疑点', anyFlag: '全部照片', doubt: '有疑点', near_duplicate: '有相似照片', group: '分组', byDay: '按日期', byUnit: '按单位', bySubject: '按企业或工地',
    alike: '相似 {n} 张', gallery: '相册', camera: '现场', hash: '校验值', taken: '拍摄', received: '收到', record: '所属记录', unclaimed: '未归属', doubts: '疑点', previous: '上一张', next: '下一张', likeThis: '与一张照片相似的', clear: '取消', notReady: '处理中', large: '大图',
  },
  {
    type: 'Record', anyType: 'Any record', visit: 'Visit', checkin: 'Check-in', issue: 'Problem', flag: 'Doubt', anyFlag: 'All photos', doubt: 'With doubt', near_duplicate: 'With similar photos', group: 'Group', byDay: 'by day', byUnit: 'by unit', bySubject: 'by enterprise or site',
    alike: '{n} similar', gallery: 'gallery', camera: 'camera', hash: 'Checksum', taken: 'Taken', received: 'Received', record: 'Record', unclaimed: 'unclaimed', doubts: 'Doubts', previous: 'Previous', next: 'Next', likeThis: 'Similar to one photo', clear: 'Clear', notReady: 'in the works', large: 'Photo',
  },
)
