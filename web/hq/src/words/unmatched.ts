import { both } from '../../../shared/words'

export const unmatched = both(
  { what: '现场手填、尚未对应到企业库的走访。对应之后才计入千企、百强和覆盖；多次出现的同名企业请分别对应。', list: '未匹配的走访', number: '编号', day: '日期', written: '现场填写的名称', place: '地点', unit: '单位', visitor: '走访人', match: '对应', nothing: '没有未匹配的走访。', matched: '已对应到：{name}', how: '怎样对应', found: '在企业库中查找', register: '登记为新企业', isIt: '就是它', registerNow: '登记并对应' },
  { what: 'Enterprises written by hand and not yet matched with the register; they count from then on.', list: 'Visits to be matched', number: 'Number', day: 'Day', written: 'As written', place: 'Place', unit: 'Unit', visitor: 'Visitor', match: 'Match', nothing: 'Every visit is matched.', matched: 'Matched with {name}', how: 'How', found: 'Find it in the register', register: 'Register it', isIt: 'This one', registerNow: 'Register and match' },
)
