import { both } from '../../../shared/words'

export const checkins = both(
  {
    number: '编号', at: '时间', site: '工地', unit: '单位', user: '签到人', kind: '类型', distance: '距中心', inside: '围栏', photos: '照片', state: '审核', note: '说明', progress: '形象进度', reason: '审核意见', accuracy: '精度', withdrawn: '已撤回',
    within: '在围栏内', outside: '在围栏外', unknown: '无法判断', metres: '{m} 米', plusMinus: '±{m} 米', anyKind: '全部类型', percent: '{n}%',
    filters: { kind: '类型', site: '工地', project: '项目', user: '签到人' },
  },
  {
    number: 'Number', at: 'Time', site: 'Site', unit: 'Unit', user: 'Person', kind: 'Kind', distance: 'From centre', inside: 'Fence', photos: 'Photos', state: 'Review', note: 'Note', progress: 'Progress', reason: 'Review remark', accuracy: 'Accuracy', withdrawn: 'withdrawn',
    within: 'inside', outside: 'outside', unknown: 'cannot be told', metres: '{m} m', plusMinus: '±{m} m', anyKind: 'Any kind', percent: '{n}%',
    filters: { kind: 'Kind', site: 'Site', project: 'Project', user: 'Person' },
  },
)
