import { both } from '../../../shared/words'

export const enterprises = both(
  {
    search: '名称、简称、拼音首字母或信用代码', notVisited: '本方案未走访', name: '企业名称', code: '信用代码', city: '所在地', industry: '行业', lists: '榜单', wellKnown: '知名企业', yes: '是', add: '登记企业', import: '导入名单', duplicates: '疑似重复', save: '保存', shown: '已显示 {n} 家', all: '共 {n} 家',
    kind: '类别', shortName: '简称', chain: '产业链', province: '省份', country: '国家或地区', address: '地址', website: '网站', latitude: '纬度', longitude: '经度', datum: '坐标系（保存为 WGS-84）', aliases: '曾用名、别名', visits: '走访记录', places: '榜单名次', confirmed: '已确认', unconfirmed: '待确认', rank: '第 {n} 名',
    merge: '合并', mergeInto: '以“{name}”为准', distinct: '不是同一家', mergeQuestion: '把“{gone}”并入“{kept}”？走访记录随之归并，可以撤销。', merged: '已合并', undo: '撤销合并', likeness: '相似 {n}%', nothingSuspected: '没有疑似重复的企业。', same: { same_name: '名称相同', same_alias: '别名相同', same_short_name: '简称相同', similar_name: '名称相近' },
  },
  {
    search: 'Name, short name, initials or credit code', notVisited: 'Not visited in the programme', name: 'Name', code: 'Credit code', city: 'City', industry: 'Industry', lists: 'Lists', wellKnown: 'Well known', yes: 'yes', add: 'Register', import: 'Import', duplicates: 'Suspected duplicates', save: 'Save', shown: '{n} shown', all: '{n} in all',
    kind: 'Kind', shortName: 'Short name', chain: 'Chain', province: 'Province', country: 'Country', address: 'Address', website: 'Website', latitude: 'Latitude', longitude: 'Longitude', datum: 'Datum (kept as WGS-84)', aliases: 'Other names', visits: 'Visits', places: 'Places on lists', confirmed: 'confirmed', unconfirmed: 'unconfirmed', rank: 'rank {n}',
    merge: 'Merge', mergeInto: '“{name}” stands', distinct: 'Not the same', mergeQuestion: 'Merge “{gone}” into “{kept}”? Its visits move along; it can be undone.', merged: 'Merged', undo: 'Undo', likeness: '{n}% alike', nothingSuspected: 'No suspected duplicates.', same: { same_name: 'same name', same_alias: 'same alias', same_short_name: 'same short name', similar_name: 'similar names' },
  },
)
